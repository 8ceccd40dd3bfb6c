/** Pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** The same shape with the longer side at most `maxSide`, never enlarged, and never without a pixel. */
export function fitWithin({ width, height }: Size, maxSide: number): Size {
  const factor = Math.min(1, maxSide / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) }
}
