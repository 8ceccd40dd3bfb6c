import {
  MediaRejectedV1,
  MediaUploadedV1,
  ProcessingFailedV1,
  ThumbnailReadyV2,
  VideoFramesSampledV1,
} from '../../contracts/generated/events.ts'
import { LIMITS } from '../../contracts/limits.ts'
import type { RenderPlan } from '../../ports/images/images.ts'
import { defineConsumer } from '../runtime/define-consumer.ts'
import { emit, rejected } from '../runtime/outcomes.ts'
import { storeForms } from '../runtime/store-forms.ts'
import { ofVideo } from './of-video.ts'

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
  description:
    'Makes three sizes of a photo, or of a picture that stands for a video, and a blurred placeholder; samples a video’s frames.',
  on: [MediaUploadedV1.where({ kind: ['image', 'profile', 'video'] })],
  emits: [ThumbnailReadyV2, VideoFramesSampledV1, MediaRejectedV1, ProcessingFailedV1],
  // A long film of 4K whose keyframes are rare: before each of 31 frames four seconds are decoded, or more.
  resources: { memoryMb: 1536, timeoutSeconds: 140, batchSize: 1, concurrency: 50, scratchMb: 1024 },
  needs: ['objects', 'images', 'video'],
  objectAccess: {
    reads: ['images/original/', 'profiles/original/', 'videos/original/'],
    writes: ['images/thumbnails/', 'profiles/thumbnails/', 'videos/thumbnails/', 'videos/frames/'],
  },
  async handle({ data }, ports) {
    if (data.kind === 'video') return ofVideo(data, ports, THUMBNAILS)
    const { objects, images } = ports
    const original = await objects.read(data.object, LIMITS.image.maxBytes)
    const rendered = await images.render(original, THUMBNAILS)
    if (!rendered.ok) return rejected(rendered)
    const folder = data.kind === 'profile' ? 'profiles/thumbnails' : 'images/thumbnails'
    const thumbnails = await storeForms(objects, `${folder}/${data.mediaId}/${images.recipe(THUMBNAILS)}`, rendered)
    return emit(ThumbnailReadyV2, {
      mediaId: data.mediaId,
      kind: data.kind,
      thumbnails,
      placeholder: { kind: 'thumbhash', value: rendered.thumbhash ?? '' },
    })
  },
})
