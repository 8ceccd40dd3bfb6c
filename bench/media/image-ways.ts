import { THUMBNAILS } from '../../consumers/generate-thumbnail/consumer.ts'
import { OPTIMIZED } from '../../consumers/optimize-image/consumer.ts'
import type { Refusal, RenderPlan } from '../../ports/images/images.ts'
import { sharpImages } from '../../ports/images/sharp-images.ts'
import { bareLimit, firebaseWay, onePipelineAnOutput } from './image-rivals.ts'

/** All that the product makes of a photo; in two functions, each of which decodes it. */
const ALL: RenderPlan = { forms: [...THUMBNAILS.forms, ...OPTIMIZED.forms], thumbhash: true }

/** Each way to do it: made ready for a photo, then run as often as is wanted. */
export const WAYS: Readonly<Record<string, (bytes: Uint8Array) => Promise<() => Promise<unknown>>>> = {
  /** What extract-metadata, generate-thumbnail and optimize-image do. */
  async ours(bytes) {
    const images = sharpImages()
    return async () => {
      accepted(await images.inspect(bytes))
      accepted(await images.render(bytes, THUMBNAILS))
      accepted(await images.render(bytes, OPTIMIZED))
    }
  },
  /** The same forms, had one function made them all: what it costs that two do. */
  async together(bytes) {
    const images = sharpImages()
    return async () => {
      accepted(await images.inspect(bytes))
      accepted(await images.render(bytes, ALL))
    }
  },
  pipelines: async (bytes) => () => onePipelineAnOutput(bytes, ALL),
  firebase: async (bytes) => () => firebaseWay(bytes, ALL),
  limit: (bytes) => bareLimit(bytes, ALL),
}

export function accepted<T extends { readonly ok: true }>(result: T | Refusal): T {
  if (!result.ok) throw new Error(result.message)
  return result
}
