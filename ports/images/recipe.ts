import { createHash } from 'node:crypto'
import sharp from 'sharp'
import type { Form, RenderPlan } from './images.ts'

/** Raise it with every change here that changes the bytes that come out. */
const SETTINGS_VERSION = 5

/** Eight hex digits that change with the plan, with the settings of this folder, and with the encoders' versions. */
export function recipeOf({ forms, thumbhash, crop, stills }: RenderPlan): string {
  const { sharp: wrapper, vips, webp, mozjpeg } = sharp.versions
  const said = {
    settings: SETTINGS_VERSION,
    encoders: { wrapper, vips, webp, mozjpeg },
    forms: forms.map(named),
    thumbhash,
    ...(stills && { stills: [stills.count, ...stills.backgrounds, ...named(stills.form)] }),
    ...(crop && { crop: [crop.centre.x, crop.centre.y, crop.side] }),
  }
  return createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 8)
}

function named({ name, maxSide, encoding, quality, animated = false }: Form): readonly unknown[] {
  return [name, maxSide, encoding, quality, animated]
}
