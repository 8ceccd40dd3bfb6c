import { PHOTO } from '../../consumers/optimize-image/consumer.ts'
import type { Refusal } from '../../ports/images/images.ts'
import { sharpImages } from '../../ports/images/sharp-images.ts'
import { bareLimit, firebaseWay, onePipelineAnOutput } from './image-rivals.ts'

/** Each way to do it: made ready for a photo, then run as often as is wanted. */
export const WAYS: Readonly<Record<string, (bytes: Uint8Array) => Promise<() => Promise<unknown>>>> = {
  /** What extract-metadata and optimize-image do. */
  async ours(bytes) {
    const images = sharpImages()
    return async () => {
      accepted(await images.inspect(bytes))
      accepted(await images.render(bytes, PHOTO))
    }
  },
  pipelines: async (bytes) => () => onePipelineAnOutput(bytes, PHOTO),
  firebase: async (bytes) => () => firebaseWay(bytes, PHOTO),
  limit: (bytes) => bareLimit(bytes, PHOTO),
}

export function accepted<T extends { readonly ok: true }>(result: T | Refusal): T {
  if (!result.ok) throw new Error(result.message)
  return result
}
