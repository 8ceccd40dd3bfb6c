import { MediaUploadRequestedV1 } from '../../../contracts/generated/events.ts'
import { defineProducer } from '../../runtime/define-producer.ts'
import { UPLOAD_REQUEST_SCHEMA } from './body.ts'

export const producer = defineProducer({
  name: 'generate-presigned-url',
  description: 'Reserves a media and signs the upload of its file.',
  trigger: { kind: 'api', method: 'POST', path: '/media/upload', body: UPLOAD_REQUEST_SCHEMA },
  emits: [MediaUploadRequestedV1],
  resources: { memoryMb: 512, timeoutSeconds: 15 },
  access: { writes: ['images/original/'], publishes: true, readModel: true },
})
