import { LADDER as STREAM } from '../transcoder/ladder.ts'
import type { Rung } from './video.ts'

/** Pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** The stream's qualities; the best first. */
export const LADDER: readonly Rung[] = STREAM.rungs.map(({ name, shortSide, maxBitrate }) => ({
  name,
  shortSide,
  maxBitsPerSecond: maxBitrate,
}))

/** The rungs that a picture of this size has pixels for; one of its own size where it is smaller than all. */
export function rungsFor({ width, height }: Size, ladder: readonly Rung[] = LADDER): readonly Rung[] {
  const shortSide = Math.min(width, height)
  const rungs = ladder.filter((rung) => rung.shortSide <= shortSide)
  const lowest = ladder.at(-1)
  if (rungs.length > 0 || lowest === undefined) return rungs
  const even = evenly(shortSide)
  return [{ name: `${even}p`, shortSide: even, maxBitsPerSecond: lowest.maxBitsPerSecond }]
}

/** The picture with its short side as the rung's, in even numbers, as H.264's chroma wants them; never enlarged. */
export function sizeOn({ width, height }: Size, { shortSide }: Pick<Rung, 'shortSide'>): Size {
  const factor = Math.min(1, shortSide / Math.min(width, height))
  return { width: evenly(width * factor), height: evenly(height * factor) }
}

/** The picture with its longer side at most `maxSide`; never enlarged, never without a pixel. */
export function sizeWithin({ width, height }: Size, maxSide: number): Size {
  const factor = Math.min(1, maxSide / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) }
}

/** Down only where it would grow: an odd side loses a row of pixels. */
function evenly(side: number): number {
  const even = 2 * Math.round(side / 2)
  return Math.max(2, even > Math.ceil(side) ? even - 2 : even)
}
