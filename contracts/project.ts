import {
  ImageOptimizedV1,
  type ImageOptimizedV1Data,
  MediaRejectedV1,
  type MediaRejectedV1Data,
  MetadataExtractedV1,
  type MetadataExtractedV1Data,
  ProcessingFailedV1,
  type ProcessingFailedV1Data,
  ThumbnailReadyV2,
  type ThumbnailReadyV2Data,
} from './generated/events.ts'
import type { StepRun } from './generated/shapes.ts'

/** As much of an event as a projection reads: as `parseEvent` gives it, lifted to the newest major. */
export interface ProjectedEvent {
  readonly detailType: string
  /** RFC 3339. */
  readonly time: string
  readonly data: unknown
}

const PROJECTIONS: Readonly<Record<string, (data: never) => Omit<StepRun, 'time'>>> = {
  [MetadataExtractedV1.detailType]: ({ mediaId: _, kind: __, ...metadata }: MetadataExtractedV1Data) => ({
    outcome: 'succeeded',
    metadata,
  }),
  [ThumbnailReadyV2.detailType]: ({ thumbnails, placeholder }: ThumbnailReadyV2Data) => ({
    outcome: 'succeeded',
    thumbnails,
    // Of a kind that a newer producer may have brought, the document shows none.
    ...(placeholder.kind === 'thumbhash' && { thumbhash: placeholder.value }),
  }),
  [ImageOptimizedV1.detailType]: ({ variants }: ImageOptimizedV1Data) => ({ outcome: 'succeeded', variants }),
  [MediaRejectedV1.detailType]: ({ code, message }: MediaRejectedV1Data) => ({ outcome: 'rejected', code, message }),
  [ProcessingFailedV1.detailType]: ({ code, message }: ProcessingFailedV1Data) => ({
    outcome: 'failed',
    code,
    message,
  }),
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
  if (!result)
    throw new Error(`no step is told of by ${events.map(({ detailType }) => detailType).join(', ') || 'no event'}`)
  return result
}
