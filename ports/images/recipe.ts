import { createHash } from 'node:crypto'
import sharp from 'sharp'
import type { RenderPlan } from './images.ts'

/** Raise it with every change here that changes the bytes that come out. */
const SETTINGS_VERSION = 1

/** Eight hex digits that change with the plan, with the settings of this folder, and with the encoders' versions. */
export function recipeOf({ forms, thumbhash, crop }: RenderPlan): string {
  const { sharp: wrapper, vips, webp, mozjpeg } = sharp.versions
  const named = {
    settings: SETTINGS_VERSION,
    encoders: { wrapper, vips, webp, mozjpeg },
    forms: forms.map(({ name, maxSide, encoding, quality, animated = false }) => [
      name,
      maxSide,
      encoding,
      quality,
      animated,
    ]),
    thumbhash,
    ...(crop && { crop: [crop.centre.x, crop.centre.y, crop.side] }),
  }
  return createHash('sha256').update(JSON.stringify(named)).digest('hex').slice(0, 8)
}
