import { capturedAt } from './captured-at.ts'
import { cascade } from './cascade.ts'
import { type Header, readHeader } from './header.ts'
import type { ImageFacts, Images } from './images.ts'
import { restrictSharp } from './loaders.ts'
import { recipeOf } from './recipe.ts'
import { CONTENT_TYPES } from './sniff.ts'

/** Pictures by sharp (libvips), within LIMITS. Rejects only when the machine is at fault; trying again may then help. */
export function sharpImages(): Images {
  restrictSharp()
  return {
    async inspect(bytes) {
      const header = await readHeader(bytes)
      return header.ok ? { ok: true, facts: factsOf(header) } : header
    },
    async render(bytes, plan) {
      const header = await readHeader(bytes)
      return header.ok ? cascade(bytes, header, plan) : header
    },
    recipe: recipeOf,
  }
}

function factsOf({ format, width, height, frames, metadata }: Header): ImageFacts {
  const taken = metadata.exif && capturedAt(metadata.exif)
  return {
    format,
    contentType: CONTENT_TYPES[format],
    width,
    height,
    frames,
    hasAlpha: metadata.hasAlpha,
    ...(taken !== undefined && { capturedAt: taken }),
  }
}
