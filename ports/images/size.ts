import type { SquareCrop } from './images.ts'

/** Pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** Whole pixels of a picture. */
export interface Region extends Size {
  readonly left: number
  readonly top: number
}

/** The square that `crop` means in a picture of this size: wholly inside of it, and never without a pixel. */
export function squareWithin({ width, height }: Size, { centre, side }: SquareCrop): Region {
  const shorter = Math.min(width, height)
  const edge = Math.min(shorter, Math.max(1, Math.round(side * shorter)))
  const inside = (middle: number, length: number) =>
    Math.min(length - edge, Math.max(0, Math.round(middle * length - edge / 2)))
  return { left: inside(centre.x, width), top: inside(centre.y, height), width: edge, height: edge }
}

/** The same shape with the longer side at most `maxSide`, never enlarged, and never without a pixel. */
export function fitWithin({ width, height }: Size, maxSide: number): Size {
  const factor = Math.min(1, maxSide / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) }
}
