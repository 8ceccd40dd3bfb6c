import { ImageOptimizedV1, MediaRejectedV1, MediaUploadedV1 } from '../../contracts/generated/events.ts'
import { LIMITS } from '../../contracts/limits.ts'
import type { RenderPlan } from '../../ports/images/images.ts'
import { defineConsumer } from '../runtime/define-consumer.ts'
import { emit, rejected } from '../runtime/outcomes.ts'
import { storeForms } from '../runtime/store-forms.ts'
import { storeFilm } from './film.ts'

/** What a chat shows in full: WebP, and JPEG for what can't show it. */
export const OPTIMIZED: RenderPlan = {
  forms: [
    { name: 'webp', maxSide: 2048, encoding: 'webp', quality: 80, animated: true },
    { name: 'jpeg', maxSide: 2048, encoding: 'jpeg', quality: 80 },
  ],
  // What moves is looked at in more than one place before others see it, and what is see-through not on white alone: an
  // app that is dark shows what is white, and a coloured one what is in between.
  stills: {
    count: 4,
    backgrounds: ['#000000', '#808080'],
    form: { name: 'still', maxSide: 1024, encoding: 'jpeg', quality: 80 },
  },
  thumbhash: false,
}

export const consumer = defineConsumer({
  name: 'optimize-image',
  description:
    'Makes the forms of a photo that a chat shows in full: upright, sRGB, without metadata; of a large animation a film.',
  on: [MediaUploadedV1.where({ kind: ['image', 'profile'] })],
  emits: [ImageOptimizedV1, MediaRejectedV1],
  resources: { memoryMb: 1536, timeoutSeconds: 60, batchSize: 1, concurrency: 50 },
  needs: ['objects', 'images', 'video'],
  objectAccess: {
    reads: ['images/original/', 'profiles/original/'],
    writes: ['images/optimized/', 'profiles/optimized/'],
  },
  async handle({ data }, { objects, images, video }) {
    const original = await objects.read(data.object, LIMITS.image.maxBytes)
    const rendered = await images.render(original, OPTIMIZED)
    if (!rendered.ok) return rejected(rendered)
    const { mediaId, kind } = data
    const folder = `${kind === 'profile' ? 'profiles' : 'images'}/optimized/${mediaId}`
    const recipe = images.recipe(OPTIMIZED)
    const variants = await storeForms(objects, `${folder}/${recipe}`, rendered)
    const stills = await storeForms(objects, `${folder}/${recipe}`, { forms: rendered.stills ?? [] })
    const film = rendered.stilled && (await storeFilm({ objects, video }, folder, data.object, rendered.stilled))
    const seen = [...stills, ...(film?.stills ?? [])]
    return emit(ImageOptimizedV1, {
      mediaId,
      kind,
      variants: [...variants, ...(film ? [film.variant] : [])],
      ...(seen.length > 0 && { stills: seen }),
    })
  },
})
