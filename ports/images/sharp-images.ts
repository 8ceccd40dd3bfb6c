import { LIMITS } from '../../contracts/limits.ts'
import { byDeadline } from '../deadline/by-deadline.ts'
import { within } from '../deadline/within.ts'
import { capturedAt } from './captured-at.ts'
import { cascade } from './cascade.ts'
import { type Header, readHeader } from './header.ts'
import type { ImageFacts, Images } from './images.ts'
import { restrictSharp } from './loaders.ts'
import { recipeOf } from './recipe.ts'
import { tooCostly } from './refusal.ts'
import { CONTENT_TYPES } from './sniff.ts'

export interface SharpImagesOptions {
  /** What all decodes of one picture may take together; twice what a single one may by default. */
  readonly renderSeconds?: number
}

/** Pictures by sharp (libvips), within LIMITS. Rejects only when the machine is at fault; trying again may then help. */
export function sharpImages({ renderSeconds = 2 * LIMITS.image.decodeSeconds }: SharpImagesOptions = {}): Images {
  restrictSharp()
  return {
    async inspect(bytes) {
      const header = await readHeader(bytes)
      return header.ok ? { ok: true, facts: factsOf(header) } : header
    },
    async render(bytes, plan) {
      const header = await readHeader(bytes)
      if (!header.ok) return header
      const deadline = AbortSignal.timeout(renderSeconds * 1_000)
      // libvips can't be told of it: what it is at is left behind, to end by a time of its own.
      const rendered = await byDeadline(deadline, () => within(deadline, cascade(bytes, header, plan, deadline)))
      return 'fault' in rendered ? tooCostly() : rendered
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
