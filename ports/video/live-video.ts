import { liveFfmpeg } from '../ffmpeg/live-ffmpeg.ts'
import { ffprobeProbe } from '../probe/ffprobe-probe.ts'
import { mediabunnyProbe } from '../probe/mediabunny-probe.ts'
import { ffmpegVideo } from './ffmpeg-video.ts'
import type { Video } from './video.ts'

/** Videos of a function: by its own ffmpeg, which is found when the first video comes. */
export function liveVideo(variables: NodeJS.ProcessEnv): Video {
  const ffmpeg = liveFfmpeg(variables)
  const probe = mediabunnyProbe({ fallback: ffprobeProbe(ffmpeg) })
  return ffmpegVideo({ ffmpeg, probe, onStill: ({ code, message }) => console.warn(JSON.stringify({ code, message })) })
}
