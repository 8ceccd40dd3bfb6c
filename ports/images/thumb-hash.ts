import { rgbaToThumbHash } from 'thumbhash'
import { type Pixels, scaled } from './pixels.ts'
import { fitWithin } from './size.ts'

/** It takes 100 at most, and makes nine times as much work of that; of what it keeps, a side has seven waves at most. */
export const THUMBHASH_MAX_SIDE = 64

/** Evan Wallace's ThumbHash, a blurred placeholder of some 25 bytes, as base64. */
export async function thumbHash(pixels: Pixels): Promise<string> {
  const { width, height } = fitWithin(pixels, THUMBHASH_MAX_SIDE)
  const rgba = await scaled(pixels, { width, height }).ensureAlpha().raw().toBuffer()
  return Buffer.from(rgbaToThumbHash(width, height, rgba)).toString('base64')
}
