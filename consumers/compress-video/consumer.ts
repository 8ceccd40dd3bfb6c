import {
  MediaRejectedV1,
  ProcessingFailedV1,
  type ProcessingFailedV1Data,
  TranscodeFailedV1,
  type TranscodeFailedV1Data,
  VideoCompressedV1,
  VideoStreamReadyV1,
  type VideoStreamReadyV1Data,
} from '../../contracts/generated/events.ts'
import { defineConsumer } from '../runtime/define-consumer.ts'
import { ofSource } from './of-source.ts'
import { ofStream } from './of-stream.ts'

type Cause = VideoStreamReadyV1Data | TranscodeFailedV1Data | ProcessingFailedV1Data

export const consumer = defineConsumer<Cause, 'objects' | 'video'>({
  name: 'compress-video',
  description:
    'Makes the single-file forms of a video: of its stream’s renditions without encoding anything; of the original where the transcoder gave up, or took no job.',
  // That no job was taken at all is told of by the step that asked for one.
  on: [VideoStreamReadyV1, TranscodeFailedV1, ProcessingFailedV1.where({ step: ['transcode-video'] })],
  emits: [VideoCompressedV1, MediaRejectedV1, ProcessingFailedV1],
  resources: { memoryMb: 3008, timeoutSeconds: 300, batchSize: 1, concurrency: 10, scratchMb: 4096 },
  needs: ['objects', 'video'],
  objectAccess: {
    reads: ['videos/original/', 'videos/hls/'],
    lists: ['videos/hls/'],
    writes: ['videos/compressed/'],
  },
  async handle({ data }, ports, original) {
    if ('rungs' in data) return ofStream(data, ports)
    if (original === undefined) throw new Error(`nobody knows which version of ${data.mediaId} is to be encoded`)
    return ofSource(data, original, ports)
  },
})
