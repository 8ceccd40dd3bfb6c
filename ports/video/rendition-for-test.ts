import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { make } from '../ffmpeg/for-test.ts'
import type { Rendition } from './video.ts'

/** Pictures and sound of an MP4 of 2 s and 320 × 240, as an HLS stream has them: initialisation and segments joined. */
export function joinedRendition(file: string, folder: string): Omit<Rendition, 'scratch'> {
  const join = (stream: string) => joined(file, mkdtempSync(`${folder}/hls-`), stream)
  return {
    pictures: join('0:v'),
    sound: join('0:a'),
    expected: { durationMs: 2_000, width: 320, height: 240 },
  }
}

function joined(file: string, folder: string, stream: string): string {
  const hls = ['-f', 'hls', '-hls_time', '1', '-hls_segment_type', 'fmp4', '-hls_playlist_type', 'vod']
  make(join(folder, 'list.m3u8'), '-i', file, '-map', stream, '-c', 'copy', ...hls)
  const segments = readdirSync(folder).filter((name) => name.endsWith('.m4s'))
  const number = (name: string) => Number(/(\d+)\.m4s$/.exec(name)?.[1])
  const parts = ['init.mp4', ...segments.sort((a, b) => number(a) - number(b))]
  const whole = join(folder, 'joined.mp4')
  writeFileSync(whole, Buffer.concat(parts.map((name) => readFileSync(join(folder, name)))))
  return whole
}
