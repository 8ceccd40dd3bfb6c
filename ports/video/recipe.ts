import { createHash } from 'node:crypto'
import type { Ffmpeg, Missing } from '../ffmpeg/find.ts'

/** Raise it with every change here that changes the bytes that come out. */
const SETTINGS_VERSION = 6

/** Eight hex digits that change with `settings`, with what this folder does, and with the version of ffmpeg. */
export function recipeOf(settings: unknown, ffmpeg: Ffmpeg | Missing): string {
  const encoder = ffmpeg.found ? ffmpeg.version : 'none'
  const named = JSON.stringify({ version: SETTINGS_VERSION, encoder, settings })
  return createHash('sha256').update(named).digest('hex').slice(0, 8)
}
