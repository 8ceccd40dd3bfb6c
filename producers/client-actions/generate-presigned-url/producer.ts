import { MediaUploadRequestedV1 } from '../../../contracts/generated/events.ts'
import { defineProducer } from '../../runtime/define-producer.ts'
import { ORIGINAL_PREFIXES } from '../../runtime/original-key.ts'

/**
 * API Gateway can say that a body doesn't fit, and not where. So it turns away what is no JSON object, and the function
 * judges the fields by UPLOAD_REQUEST_SCHEMA and names each place.
 */
const ANY_OBJECT = { title: 'UploadRequest', type: 'object' } as const

export const producer = defineProducer({
  name: 'generate-presigned-url',
  description: 'Reserves a media and signs the upload of its file.',
  trigger: { kind: 'api', method: 'POST', path: '/media/upload', body: ANY_OBJECT },
  emits: [MediaUploadRequestedV1],
  resources: { memoryMb: 256, timeoutSeconds: 10 },
  access: { writes: ORIGINAL_PREFIXES, publishes: true, readModel: true },
})
