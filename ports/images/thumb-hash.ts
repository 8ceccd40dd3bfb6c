import { rgbaToThumbHash } from 'thumbhash'
import { fromPixels, type Pixels, scale } from './pixels.ts'
import { fitWithin } from './size.ts'

/** What the algorithm takes at most. */
export const THUMBHASH_MAX_SIDE = 100

/** Evan Wallace's ThumbHash, a blurred placeholder of some 25 bytes, as base64. */
export async function thumbHash(pixels: Pixels): Promise<string> {
  const small = await scale(pixels, fitWithin(pixels, THUMBHASH_MAX_SIDE))
  const rgba = await fromPixels(small).ensureAlpha().raw().toBuffer()
  return Buffer.from(rgbaToThumbHash(small.width, small.height, rgba)).toString('base64')
}
