import {
  MalwareScanCompletedV1,
  MediaUploadedV1,
  MediaUploadRequestedV1,
  ProcessingFailedV1,
  TranscodeFailedV1,
  VideoTranscodedV1,
} from '../../contracts/generated/events.ts'
import { defineProducer } from '../runtime/define-producer.ts'
import { ORIGINAL_PREFIXES } from '../runtime/original-key.ts'

export const producer = defineProducer({
  name: 'deadlines',
  description:
    'Every minute: publishes what a crash left unsaid, ends reservations that nobody used, and reminds or fails what takes too long.',
  trigger: { kind: 'schedule', everyMinutes: 1 },
  emits: [
    MediaUploadRequestedV1,
    MediaUploadedV1,
    MalwareScanCompletedV1,
    VideoTranscodedV1,
    TranscodeFailedV1,
    ProcessingFailedV1,
  ],
  resources: { memoryMb: 256, timeoutSeconds: 50 },
  access: { deletes: ORIGINAL_PREFIXES, tags: ORIGINAL_PREFIXES, jobs: 'ask', publishes: true, readModel: true },
})
