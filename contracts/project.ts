import {
  ContentModeratedV1,
  type ContentModeratedV1Data,
  FaceDetectedV1,
  type FaceDetectedV1Data,
  FileProcessedV1,
  type FileProcessedV1Data,
  ImageOptimizedV1,
  type ImageOptimizedV1Data,
  MalwareScanPassedV1,
  MediaRejectedV1,
  type MediaRejectedV1Data,
  MetadataExtractedV2,
  type MetadataExtractedV2Data,
  ProcessingFailedV1,
  type ProcessingFailedV1Data,
  ThumbnailReadyV2,
  type ThumbnailReadyV2Data,
  TranscodeFailedV1,
  type TranscodeFailedV1Data,
  VideoCompressedV1,
  type VideoCompressedV1Data,
  VideoFramesSampledV1,
  VideoRemuxedV1,
  type VideoRemuxedV1Data,
  VideoRemuxSkippedV1,
  type VideoRemuxSkippedV1Data,
  VideoStreamReadyV1,
  type VideoStreamReadyV1Data,
  VideoTranscodeStartedV1,
  type VideoTranscodeStartedV1Data,
  VoiceProcessedV1,
  type VoiceProcessedV1Data,
} from './generated/events.ts'
import type { Metadata, StepRun } from './generated/shapes.ts'

/** As much of an event as a projection reads: as `parseEvent` gives it, lifted to the newest major. */
export interface ProjectedEvent {
  readonly detailType: string
  /** RFC 3339. */
  readonly time: string
  readonly data: unknown
}

const PROJECTIONS: Readonly<Record<string, (data: never) => Omit<StepRun, 'time'>>> = {
  [MetadataExtractedV2.detailType]: ({ mediaId: _, kind: __, ...facts }: MetadataExtractedV2Data) => ({
    outcome: 'succeeded',
    ...(isPicture(facts) ? { metadata: facts } : { details: facts }),
  }),
  [ThumbnailReadyV2.detailType]: ({ thumbnails, placeholder }: ThumbnailReadyV2Data) => ({
    outcome: 'succeeded',
    thumbnails,
    // Of a kind that a newer producer may have brought, the document shows none.
    ...(placeholder.kind === 'thumbhash' && { thumbhash: placeholder.value }),
  }),
  [ImageOptimizedV1.detailType]: ({ variants }: ImageOptimizedV1Data) => ({ outcome: 'succeeded', variants }),
  [VideoFramesSampledV1.detailType]: () => ({ outcome: 'succeeded' }),
  [VideoRemuxedV1.detailType]: ({ video }: VideoRemuxedV1Data) => ({ outcome: 'succeeded', videos: [video] }),
  // The step has come to its end, and why it made nothing stands in place of what it would have made.
  [VideoRemuxSkippedV1.detailType]: ({ code, message }: VideoRemuxSkippedV1Data) => ({
    outcome: 'succeeded',
    code,
    message,
  }),
  [VideoTranscodeStartedV1.detailType]: ({ jobId, attempt }: VideoTranscodeStartedV1Data) => ({
    outcome: 'succeeded',
    job: { id: jobId, attempt },
  }),
  // Said beside ProcessingFailed by the step that looks a stream over.
  [TranscodeFailedV1.detailType]: ({ code, message }: TranscodeFailedV1Data) => ({ outcome: 'failed', code, message }),
  [VideoStreamReadyV1.detailType]: ({ hls, dash, prefix, rungs, durationMs }: VideoStreamReadyV1Data) => ({
    outcome: 'succeeded',
    stream: { hls, ...(dash && { dash }), ...(prefix !== undefined && { prefix }), rungs, durationMs },
  }),
  [VideoCompressedV1.detailType]: ({ videos }: VideoCompressedV1Data) => ({ outcome: 'succeeded', videos }),
  [VoiceProcessedV1.detailType]: ({ durationMs, peaks, audios }: VoiceProcessedV1Data) => ({
    outcome: 'succeeded',
    durationMs,
    peaks,
    audios,
  }),
  [FileProcessedV1.detailType]: ({ contentType, disposition, pages, previews }: FileProcessedV1Data) => ({
    outcome: 'succeeded',
    handling: { contentType, disposition, ...(pages !== undefined && { pages }) },
    ...(previews && { previews }),
  }),
  [ContentModeratedV1.detailType]: ({ verdict, labels, model }: ContentModeratedV1Data) => ({
    outcome: 'succeeded',
    moderation: { verdict, labels, model },
  }),
  [FaceDetectedV1.detailType]: ({ face, avatars }: FaceDetectedV1Data) => ({ outcome: 'succeeded', face, avatars }),
  [MalwareScanPassedV1.detailType]: () => ({ outcome: 'succeeded' }),
  [MediaRejectedV1.detailType]: ({ code, message }: MediaRejectedV1Data) => ({ outcome: 'rejected', code, message }),
  [ProcessingFailedV1.detailType]: ({ code, message }: ProcessingFailedV1Data) => ({
    outcome: 'failed',
    code,
    message,
  }),
}

/** Apps of before know pictures by these facts. */
function isPicture(facts: Omit<MetadataExtractedV2Data, 'mediaId' | 'kind'>): facts is Metadata {
  const { width, height, frames, hasAlpha } = facts
  return width !== undefined && height !== undefined && frames !== undefined && hasAlpha !== undefined
}

/** The detail-types that a step's result can be made of: each event that a consumer says needs its line above. */
export const PROJECTED: readonly string[] = Object.keys(PROJECTIONS)

/**
 * What the events of one step and run leave in the media's document, under `steps.<name>.<run>`. The commit of a step
 * and a rebuild from the archive both go through here, so that they can't disagree.
 * @throws Error where no event of a step is among them.
 */
export function project(events: readonly ProjectedEvent[]): StepRun {
  let result: StepRun | undefined
  for (const { detailType, time, data } of events) {
    const projection = PROJECTIONS[detailType]
    if (projection) result = { ...result, ...projection(data as never), time }
  }
  if (!result) {
    const told = events.map(({ detailType }) => detailType).join(', ') || 'no event'
    throw new Error(`no step is told of by ${told}: PROJECTIONS of contracts/project.ts say what each leaves`)
  }
  return result
}
