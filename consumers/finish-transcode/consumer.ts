import {
  ProcessingFailedV1,
  TranscodeFailedV1,
  VideoStreamReadyV1,
  VideoTranscodedV1,
} from '../../contracts/generated/events.ts'
import { byteSource } from '../../ports/objects/byte-source.ts'
import { defineConsumer } from '../runtime/define-consumer.ts'
import { emit, failed, noted, shortened } from '../runtime/outcomes.ts'
import { verifyStream } from './verify-stream.ts'

export const consumer = defineConsumer({
  name: 'finish-transcode',
  description: 'Looks over what the transcoder made; the first stream that is whole is the video’s.',
  on: [VideoTranscodedV1],
  emits: [VideoStreamReadyV1, TranscodeFailedV1, ProcessingFailedV1],
  resources: { memoryMb: 512, timeoutSeconds: 60, batchSize: 1, concurrency: 10 },
  needs: ['objects', 'probe'],
  objectAccess: { reads: ['videos/original/', 'videos/hls/'], lists: ['videos/hls/'] },
  async handle({ data }, { objects, probe }, original) {
    const { mediaId, kind, jobId, attempt } = data
    const probed = original && (await probe.probe(byteSource(objects, original)))
    // A stream ends with its source’s pictures, however long the sound goes on.
    const expectedMs = (probed?.ok ? probed.facts.video?.durationMs : undefined) ?? data.durationMs
    const verified = await verifyStream(objects, data, expectedMs)
    if (verified.ok) {
      const { stream, missing } = verified
      const ready = emit(VideoStreamReadyV1, { mediaId, kind, ...stream })
      return missing.length === 0 ? ready : noted(ready, shortened(missing.join(' ')))
    }
    const fault = {
      code: 'stream-incomplete',
      message: shortened(`The transcoder’s stream can’t be used: ${verified.problem}`),
    }
    // Whoever makes single files then does so without a stream.
    return failed(fault, emit(TranscodeFailedV1, { mediaId, kind, jobId, attempt, ...fault }))
  },
})
