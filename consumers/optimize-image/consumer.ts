import {
  ImageOptimizedV1,
  MediaRejectedV1,
  MediaUploadedV1,
  ThumbnailReadyV2,
} from '../../contracts/generated/events.ts'
import { LIMITS } from '../../contracts/limits.ts'
import type { Form, RenderedForm, RenderPlan } from '../../ports/images/images.ts'
import { defineConsumer } from '../runtime/define-consumer.ts'
import { emit, emitAll, rejected } from '../runtime/outcomes.ts'
import { storeForms } from '../runtime/store-forms.ts'
import { THUMBNAILS } from '../runtime/thumbnails.ts'
import { storeFilm } from './film.ts'

/** What a chat shows in full: WebP, and JPEG for what can't show it. */
const IN_FULL: readonly Form[] = [
  { name: 'webp', maxSide: 2048, encoding: 'webp', quality: 80, animated: true },
  { name: 'jpeg', maxSide: 2048, encoding: 'jpeg', quality: 80 },
]

/** All that is made of a photo. Decoding it costs most, so it is done once. */
export const PHOTO: RenderPlan = {
  forms: [...THUMBNAILS, ...IN_FULL],
  // What moves is looked at in more than one place before others see it, and what is see-through not on white alone: an
  // app that is dark shows what is white, and a coloured one what is in between.
  stills: {
    count: 4,
    backgrounds: ['#000000', '#808080'],
    form: { name: 'still', maxSide: 1024, encoding: 'jpeg', quality: 80 },
  },
  thumbhash: true,
}

export const consumer = defineConsumer({
  name: 'optimize-image',
  description:
    'Makes all forms of a photo out of one decode: three thumbnails, a blurred placeholder, and what a chat shows in full, ' +
    'upright, sRGB, without metadata; of a large animation a film.',
  on: [MediaUploadedV1.where({ kind: ['image', 'profile'] })],
  emits: [ThumbnailReadyV2, ImageOptimizedV1, MediaRejectedV1],
  resources: { memoryMb: 1536, timeoutSeconds: 60, batchSize: 1, concurrency: 50 },
  needs: ['objects', 'images', 'video'],
  objectAccess: {
    reads: ['images/original/', 'profiles/original/'],
    writes: ['images/thumbnails/', 'profiles/thumbnails/', 'images/optimized/', 'profiles/optimized/'],
  },
  async handle({ data }, { objects, images, video }) {
    const original = await objects.read(data.object, LIMITS.image.maxBytes)
    const rendered = await images.render(original, PHOTO)
    if (!rendered.ok) return rejected(rendered)

    const { mediaId, kind } = data
    const room = kind === 'profile' ? 'profiles' : 'images'
    const recipe = images.recipe(PHOTO)
    const store = (part: 'thumbnails' | 'optimized', forms: readonly RenderedForm[]) =>
      storeForms(objects, `${room}/${part}/${mediaId}/${recipe}`, { forms })
    const [thumbnails, variants, stills] = await Promise.all([
      store('thumbnails', among(rendered.forms, THUMBNAILS)),
      store('optimized', among(rendered.forms, IN_FULL)),
      store('optimized', rendered.stills ?? []),
    ])
    const film =
      rendered.stilled &&
      (await storeFilm({ objects, video }, `${room}/optimized/${mediaId}`, data.object, rendered.stilled))
    const seen = [...stills, ...(film?.stills ?? [])]
    const placeholder = { kind: 'thumbhash', value: rendered.thumbhash ?? '' }
    return emitAll(
      emit(ThumbnailReadyV2, { mediaId, kind, thumbnails, placeholder }),
      emit(ImageOptimizedV1, {
        mediaId,
        kind,
        variants: [...variants, ...(film ? [film.variant] : [])],
        ...(seen.length > 0 && { stills: seen }),
      }),
    )
  },
})

function among(rendered: readonly RenderedForm[], forms: readonly Form[]): readonly RenderedForm[] {
  return rendered.filter(({ name }) => forms.some((form) => form.name === name))
}
