import { once } from '../environment/environment.ts'
import { findFfmpeg } from '../ffmpeg/find.ts'
import { ffprobeProbe } from './ffprobe-probe.ts'
import { mediabunnyProbe } from './mediabunny-probe.ts'
import type { Probe } from './probe.ts'

/** The probe of a function: mediabunny, and ffprobe behind it where the function's ffmpeg comes with one. */
export function liveProbe(variables: NodeJS.ProcessEnv): Probe {
  return mediabunnyProbe({ fallback: ffprobeProbe(once(() => findFfmpeg(variables))) })
}
