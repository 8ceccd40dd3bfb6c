import { once } from '../environment/environment.ts'
import { findFfmpeg } from '../ffmpeg/find.ts'
import { ffprobeProbe } from '../probe/ffprobe-probe.ts'
import { mediabunnyProbe } from '../probe/mediabunny-probe.ts'
import { ffmpegVideo } from './ffmpeg-video.ts'
import type { Video } from './video.ts'

/** Videos of a function: by its own ffmpeg, which is found when the first video comes. */
export function liveVideo(variables: NodeJS.ProcessEnv): Video {
  const ffmpeg = once(() => findFfmpeg(variables))
  return ffmpegVideo({ ffmpeg, probe: mediabunnyProbe({ fallback: ffprobeProbe(ffmpeg) }) })
}
