import { rgbaToThumbHash } from 'thumbhash'
import { type Pixels, scaled } from './pixels.ts'
import { fitWithin } from './size.ts'

/** What the algorithm takes at most. */
export const THUMBHASH_MAX_SIDE = 100

/** Evan Wallace's ThumbHash, a blurred placeholder of some 25 bytes, as base64. */
export async function thumbHash(pixels: Pixels): Promise<string> {
  const { width, height } = fitWithin(pixels, THUMBHASH_MAX_SIDE)
  const rgba = await scaled(pixels, { width, height }).ensureAlpha().raw().toBuffer()
  return Buffer.from(rgbaToThumbHash(width, height, rgba)).toString('base64')
}
