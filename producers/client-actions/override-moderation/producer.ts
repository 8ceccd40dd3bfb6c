import {
  MediaUploadedV1,
  ModerationOverriddenV1,
  TranscodeFailedV1,
  VideoTranscodedV1,
} from '../../../contracts/generated/events.ts'
import { defineProducer } from '../../runtime/define-producer.ts'

/** API Gateway turns away what is no JSON object; the function judges the fields, and names each place. */
const ANY_OBJECT = { title: 'ModerationOverride', type: 'object' } as const

export const producer = defineProducer({
  name: 'override-moderation',
  description:
    'Lets a moderator decide otherwise: approves what was blocked, which then goes on, or blocks what was shown.',
  trigger: { kind: 'api', method: 'POST', path: '/media/{id}/moderation', body: ANY_OBJECT },
  emits: [ModerationOverriddenV1, MediaUploadedV1, VideoTranscodedV1, TranscodeFailedV1],
  resources: { memoryMb: 512, timeoutSeconds: 15 },
  access: { jobs: 'ask', publishes: true, readModel: true },
})
