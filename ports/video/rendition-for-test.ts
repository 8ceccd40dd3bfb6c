import { mkdtempSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { make } from '../ffmpeg/for-test.ts'
import type { Rendition } from './video.ts'

/** Pictures and sound of an MP4 of 2 s and 320 × 240, as an HLS stream has them: initialisation and segments. */
export function renditionOf(file: string, folder: string): Omit<Rendition, 'scratch'> {
  const segmented = (stream: string) => segments(file, mkdtempSync(`${folder}/hls-`), stream)
  return {
    pictures: segmented('0:v'),
    sound: segmented('0:a'),
    expected: { durationMs: 2_000, width: 320, height: 240 },
  }
}

function segments(file: string, folder: string, stream: string): string[] {
  const hls = ['-f', 'hls', '-hls_time', '1', '-hls_segment_type', 'fmp4', '-hls_playlist_type', 'vod']
  make(join(folder, 'list.m3u8'), '-i', file, '-map', stream, '-c', 'copy', ...hls)
  const names = readdirSync(folder).filter((name) => name.endsWith('.m4s'))
  const number = (name: string) => Number(/(\d+)\.m4s$/.exec(name)?.[1])
  return ['init.mp4', ...names.sort((a, b) => number(a) - number(b))].map((name) => join(folder, name))
}
