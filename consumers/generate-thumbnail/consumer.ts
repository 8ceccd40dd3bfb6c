import { MediaRejectedV1, MediaUploadedV1, ThumbnailReadyV2 } from '../../contracts/generated/events.ts'
import { LIMITS } from '../../contracts/limits.ts'
import type { RenderPlan } from '../../ports/images/images.ts'
import { defineConsumer } from '../runtime/define-consumer.ts'
import { emit, rejected } from '../runtime/outcomes.ts'
import { storeForms } from '../runtime/store-forms.ts'

/** What a list, a bubble and a gallery show. */
export const THUMBNAILS: RenderPlan = {
  forms: [
    { name: 'thumb', maxSide: 160, encoding: 'webp', quality: 80 },
    { name: 'medium', maxSide: 640, encoding: 'webp', quality: 80 },
    { name: 'large', maxSide: 1280, encoding: 'webp', quality: 80 },
  ],
  thumbhash: true,
}

export const consumer = defineConsumer({
  name: 'generate-thumbnail',
  description: 'Makes three sizes of a photo for lists, bubbles and galleries, and a blurred placeholder.',
  on: [MediaUploadedV1.where({ kind: ['image'] })],
  emits: [ThumbnailReadyV2, MediaRejectedV1],
  resources: { memoryMb: 1024, timeoutSeconds: 30, batchSize: 1, concurrency: 50 },
  needs: ['objects', 'images'],
  objectAccess: { reads: ['images/original/'], writes: ['images/thumbnails/'] },
  async handle({ data }, { objects, images }) {
    const original = await objects.read(data.object, LIMITS.image.maxBytes)
    const rendered = await images.render(original, THUMBNAILS)
    if (!rendered.ok) return rejected(rendered)
    const thumbnails = await storeForms(
      objects,
      `images/thumbnails/${data.mediaId}/${images.recipe(THUMBNAILS)}`,
      rendered,
    )
    return emit(ThumbnailReadyV2, {
      mediaId: data.mediaId,
      kind: data.kind,
      thumbnails,
      placeholder: { kind: 'thumbhash', value: rendered.thumbhash ?? '' },
    })
  },
})
