import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Sources as phones record them, drawn by ffmpeg itself: of the same bytes each time. */

export function ffmpegNow(args: readonly string[]): void {
  const words = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', ...args]
  const { status, stderr } = spawnSync('ffmpeg', words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ffmpeg ${args.join(' ')}: ${stderr}`)
}

/** A voice message: syllables, breaths and a room, as AAC of 64 kbit/s. */
export function voiceNote(folder: string, seconds: number): string {
  const file = join(folder, 'voice.m4a')
  const voice = '(0.35*sin(2*PI*(140+30*sin(2*PI*0.7*t))*t)+0.15*sin(2*PI*610*t)+0.08*sin(2*PI*2300*t))'
  const syllables = '(0.5+0.5*sin(2*PI*3.1*t))*gt(sin(2*PI*0.23*t)\\,-0.6)'
  const source = `aevalsrc=${voice}*${syllables}+0.01*(random(0)-0.5):s=44100:d=${seconds}`
  ffmpegNow(['-f', 'lavfi', '-i', source, '-c:a', 'aac', '-b:a', '64k', file])
  return file
}

/** What a phone's camera records by day: H.264 in High at 17 Mbit/s, a keyframe a second, AAC, its index at the end. */
export function phoneVideo(folder: string, seconds: number): string {
  const file = join(folder, `${seconds}s.mp4`)
  // A slow zoom over a still scene with fine texture, a sensor's grain, and some things that move.
  const picture = `testsrc2=s=1920x1080:r=30:d=${seconds},noise=alls=7:allf=t`
  ffmpegNow([
    ...['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', `sine=330:d=${seconds}:r=48000`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-profile:v', 'high', '-pix_fmt', 'yuv420p', '-g', '30'],
    ...['-b:v', '17M', '-maxrate', '20M', '-bufsize', '34M', '-c:a', 'aac', '-b:a', '128k', '-ac', '2', file],
  ])
  return file
}
