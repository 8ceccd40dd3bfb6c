import { FaceDetectedV1, ImageOptimizedV1, MediaRejectedV1 } from '../../contracts/generated/events.ts'
import { LIMITS } from '../../contracts/limits.ts'
import { defineConsumer } from '../runtime/define-consumer.ts'
import { emit, rejected } from '../runtime/outcomes.ts'
import { storeForms } from '../runtime/store-forms.ts'
import { avatarPlan } from './avatars.ts'
import { judgeFaces, refused } from './limits.ts'

export const consumer = defineConsumer({
  name: 'detect-face',
  description: 'Finds the one face of a profile picture and cuts the avatars around it, or says what to do instead.',
  on: [ImageOptimizedV1.where({ kind: ['profile'] })],
  emits: [FaceDetectedV1, MediaRejectedV1],
  resources: { memoryMb: 512, timeoutSeconds: 30, batchSize: 1, concurrency: 20 },
  needs: ['objects', 'images', 'faces'],
  objectAccess: { reads: ['profiles/optimized/'], writes: ['profiles/thumbnails/'] },
  async handle({ data: { mediaId, kind, variants } }, { objects, images, faces }) {
    // What is looked at is what is cut, so that a place in the one is the place in the other.
    const picture = variants.find(({ contentType }) => contentType === 'image/jpeg')
    if (!picture) throw new Error(`ImageOptimized of ${mediaId} names no JPEG to look at`)
    const found = await faces.find(picture.object)
    const judged = found.ok ? judgeFaces(found.faces, picture) : refused('face-too-small')
    if (!judged.ok) return rejected(judged)

    const plan = avatarPlan(judged.face, picture)
    const rendered = await images.render(await objects.read(picture.object, LIMITS.profile.maxBytes), plan)
    if (!rendered.ok) throw new Error(`our own JPEG of ${mediaId} can't be read: ${rendered.message}`)
    const avatars = await storeForms(objects, `profiles/thumbnails/${mediaId}/${images.recipe(plan)}`, rendered)
    return emit(FaceDetectedV1, { mediaId, kind, face: judged.face, avatars })
  },
})
