import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { photo } from '../../tests/fixtures/photo.ts'

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

/**
 * What a phone's camera records by day, from the hand: a textured scene that sways, with a sensor's grain. H.264 in High,
 * with what encoders in phones use of it, at 17 Mbit/s with a keyframe a second; AAC; its index at the end.
 */
export async function phoneVideo(folder: string, seconds: number): Promise<string> {
  const file = join(folder, `${seconds}s.mp4`)
  const scene = join(folder, 'scene.jpg')
  writeFileSync(scene, await photo({ width: 2304, height: 1296 }))
  const sway = "crop=1920:1080:x='190+180*sin(0.9*t)':y='100+90*sin(1.3*t)'"
  ffmpegNow([
    ...['-loop', '1', '-framerate', '30', '-i', scene, '-f', 'lavfi', '-i', `sine=330:r=48000`],
    ...['-vf', `${sway},noise=alls=5:allf=t`, '-t', String(seconds)],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-profile:v', 'high', '-pix_fmt', 'yuv420p', '-g', '30'],
    ...['-x264-params', 'cabac=1:8x8dct=1:no-deblock=0:partitions=i4x4,i8x8,p8x8'],
    ...['-b:v', '17M', '-maxrate', '20M', '-bufsize', '34M', '-c:a', 'aac', '-b:a', '128k', '-ac', '2', file],
  ])
  return file
}
