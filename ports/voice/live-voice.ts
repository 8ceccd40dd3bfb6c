import { liveFfmpeg } from '../ffmpeg/live-ffmpeg.ts'
import { mediabunnyProbe } from '../probe/mediabunny-probe.ts'
import { ffmpegVoice } from './ffmpeg-voice.ts'
import type { Voice } from './voice.ts'

/** The voice of a function: its own ffmpeg, found when the first recording comes. */
export function liveVoice(variables: NodeJS.ProcessEnv): Voice {
  return ffmpegVoice({ ffmpeg: liveFfmpeg(variables), probe: mediabunnyProbe() })
}
