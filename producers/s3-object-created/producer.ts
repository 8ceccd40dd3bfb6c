import { MediaUploadedV1 } from '../../contracts/generated/events.ts'
import { defineProducer } from '../runtime/define-producer.ts'
import { ORIGINAL_PREFIXES } from '../runtime/original-key.ts'

export const producer = defineProducer({
  name: 's3-object-created',
  description: 'Binds the bytes that arrived in storage to their media, once, and says MediaUploaded.',
  trigger: { kind: 'object-created', prefixes: ORIGINAL_PREFIXES, batchSize: 10, concurrency: 20 },
  emits: [MediaUploadedV1],
  resources: { memoryMb: 256, timeoutSeconds: 15 },
  access: { deletes: ORIGINAL_PREFIXES, publishes: true, readModel: true },
})
