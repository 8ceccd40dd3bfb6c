import { MediaRejectedV1, MediaUploadedV1, MetadataExtractedV2 } from '../../contracts/generated/events.ts'
import { LIMITS } from '../../contracts/limits.ts'
import { defineConsumer } from '../runtime/define-consumer.ts'
import { emit, rejected } from '../runtime/outcomes.ts'

export const consumer = defineConsumer({
  name: 'extract-metadata',
  description:
    'Reads what a photo says of itself from its bytes: format, upright size, frames, when it was taken; never where.',
  on: [MediaUploadedV1.where({ kind: ['image'] })],
  emits: [MetadataExtractedV2, MediaRejectedV1],
  resources: { memoryMb: 256, timeoutSeconds: 10, batchSize: 1, concurrency: 50 },
  needs: ['objects', 'images'],
  objectAccess: { reads: ['images/original/'] },
  async handle({ data }, { objects, images }) {
    if (data.object.bytes > LIMITS.image.maxBytes) return rejected(tooLarge(data.object.bytes))
    const original = await objects.read(data.object, LIMITS.image.maxBytes)
    const inspected = await images.inspect(original)
    if (!inspected.ok) return rejected(inspected)
    return emit(MetadataExtractedV2, {
      mediaId: data.mediaId,
      kind: data.kind,
      bytes: data.object.bytes,
      ...inspected.facts,
    })
  },
})

function tooLarge(bytes: number) {
  const megabytes = (size: number) => (size / 1024 / 1024).toFixed(1)
  return {
    code: 'too-large',
    message: `The photo has ${megabytes(bytes)} MB; at most ${megabytes(LIMITS.image.maxBytes)} MB are taken. Send a smaller one.`,
  }
}
