import { TranscodeFailedV1, VideoTranscodedV1, VideoTranscodeProgressedV1 } from '../../contracts/generated/events.ts'
import { PRODUCT } from '../../ports/transcoder/labels.ts'
import { defineProducer } from '../runtime/define-producer.ts'

export const producer = defineProducer({
  name: 'mediaconvert-job-state',
  description: 'Tells how far transcoding has come, and how it ended.',
  trigger: {
    kind: 'aws-event',
    source: 'aws.mediaconvert',
    detailTypes: ['MediaConvert Job State Change'],
    detail: { status: ['STATUS_UPDATE', 'COMPLETE', 'ERROR', 'CANCELED'], userMetadata: { product: [PRODUCT] } },
    batchSize: 10,
    concurrency: 5,
  },
  emits: [VideoTranscodeProgressedV1, VideoTranscodedV1, TranscodeFailedV1],
  resources: { memoryMb: 256, timeoutSeconds: 15 },
  access: {
    // What a job read goes with it; what it made for a media that is gone, nobody else would find.
    deletes: ['videos/hls/', 'videos/source/'],
    jobs: 'cancel',
    publishes: true,
    readModel: true,
  },
})
