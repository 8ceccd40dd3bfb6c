import type { Face } from '../../contracts/generated/shapes.ts'
import type { RenderPlan, SquareCrop } from '../../ports/images/images.ts'
import type { PictureSize } from './limits.ts'

/** A face with hair and shoulders: the square is this many faces high. */
const FACES_HIGH = 2
/** How far above a face's middle the square's is, in face heights: at the eyes. */
const UPWARDS = 0.08

/** Squares around the face, for lists, bubbles and the profile itself, of a picture of this size. */
export function avatarPlan(face: Face, size: PictureSize): RenderPlan {
  return {
    forms: [96, 256, 512].map((maxSide) => ({ name: `avatar-${maxSide}`, maxSide, encoding: 'webp', quality: 80 })),
    crop: cropAround(face, size),
    thumbhash: false,
  }
}

/** Rounded, so that the same face in the same picture gives the same keys. */
export function cropAround({ left, top, width, height }: Face, size: PictureSize): SquareCrop {
  const shorter = Math.min(size.width, size.height)
  const higher = Math.max(width * size.width, height * size.height)
  return {
    centre: { x: rounded(left + width / 2), y: rounded(top + height * (0.5 - UPWARDS)) },
    side: Math.min(1, rounded((FACES_HIGH * higher) / shorter)),
  }
}

function rounded(part: number): number {
  return Math.round(part * 10_000) / 10_000
}
