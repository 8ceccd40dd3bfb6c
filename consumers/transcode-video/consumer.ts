import { MediaUploadedV1, ProcessingFailedV1, VideoTranscodeStartedV1 } from '../../contracts/generated/events.ts'
import { LIMITS } from '../../contracts/limits.ts'
import type { ReplayMark } from '../../events/envelope.ts'
import { derivedId } from '../../events/ids.ts'
import { byteSource } from '../../ports/objects/byte-source.ts'
import type { MediaFacts } from '../../ports/probe/probe.ts'
import { outputPrefix, sourceKey } from '../../ports/transcoder/output-at.ts'
import { OrderRefused, type SourceVideo, type StartedJob } from '../../ports/transcoder/transcoder.ts'
import { defineConsumer } from '../runtime/define-consumer.ts'
import { emit, failed, skipped } from '../runtime/outcomes.ts'

const NAME = 'transcode-video'

export const consumer = defineConsumer({
  name: NAME,
  description: 'Has the transcoder make the stream of a video: HLS and DASH, in the qualities that the video fills.',
  on: [MediaUploadedV1.where({ kind: ['video'] })],
  emits: [VideoTranscodeStartedV1, ProcessingFailedV1],
  resources: { memoryMb: 512, timeoutSeconds: 60, batchSize: 1, concurrency: 10 },
  needs: ['objects', 'probe', 'transcoder', 'ids'],
  objectAccess: { reads: ['videos/original/'], writes: ['videos/source/'] },
  async handle({ meta, data: { mediaId, kind, object } }, { objects, probe, transcoder, ids }) {
    const probed = await probe.probe(byteSource(objects, object))
    // The step that reads its facts refuses it, so that nobody waits for a single file either.
    if (!probed.ok) return skipped(`there is nothing to stream: ${probed.message}`)
    const video = sourceOf(probed.facts)
    if (!video)
      return skipped('there is nothing to stream: no picture, or more of it than is taken, or nobody knows how much')

    const attempt = ids.uuid()
    const { replay } = meta
    const copy = await objects.copy(object, sourceKey({ mediaId, attempt }))
    const started = await orRefusal(
      transcoder.start({
        mediaId,
        kind,
        run: meta.run,
        // What another replay finds undone goes on as if it were live: people wait for it.
        ...(replay?.mode === 'force' && { replay: { ...replay, lanes: lanesOf(replay) } }),
        attempt,
        source: copy,
        output: { bucket: objects.bucket, prefix: outputPrefix({ mediaId, attempt }) },
        video,
        // Of a try that died a moment ago the job is found again by it, which saves the second one.
        token: derivedId({ cause: meta.id, by: NAME, variant: 'token', run: meta.run }),
      }),
    )
    if (started instanceof OrderRefused) {
      await objects.deleteVersion(copy)
      // Whoever makes single files hears of it, and does so without a stream.
      return failed({ code: 'transcode-failed', message: `The transcoder takes no such job: ${started.message}` })
    }
    if (started.attempt !== attempt) await objects.deleteVersion(copy)
    return emit(VideoTranscodeStartedV1, { mediaId, kind, ...started })
  },
})

async function orRefusal(starting: Promise<StartedJob>): Promise<StartedJob | OrderRefused> {
  try {
    return await starting
  } catch (error) {
    if (error instanceof OrderRefused) return error
    throw error
  }
}

/** Whoever finishes what was paid for hears of the job's end in any case. */
function lanesOf({ lanes = [] }: ReplayMark): string[] {
  return [...new Set([...lanes, 'finish-transcode'])]
}

/** Undefined of what `extract-metadata` refuses, too: nobody pays by the minute for a length that nobody knows. */
function sourceOf({ video, audio, durationMs }: MediaFacts): SourceVideo | undefined {
  const { maxPixels, maxSeconds } = LIMITS.video
  if (!video || video.width * video.height > maxPixels) return undefined
  if (durationMs === undefined || durationMs > maxSeconds * 1000) return undefined
  const { width, height, frameRate, hdr } = video
  return { width, height, frameRate, hdr: hdr !== 'sdr', hasSound: audio !== undefined }
}
