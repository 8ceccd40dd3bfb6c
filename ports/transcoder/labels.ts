import type { JobLabels } from './transcoder.ts'

/** Tells this product's jobs from others of the account. */
export const PRODUCT = 'messageai-media'

/** Labels as a job's UserMetadata, which its events carry: ten at most, of text. */
export function toUserMetadata(
  { mediaId, kind, run, attempt, replay }: JobLabels,
  environment: string,
): Record<string, string> {
  return {
    product: PRODUCT,
    environment,
    mediaId,
    kind,
    run,
    attempt,
    ...(replay && {
      replay: replay.id,
      replayMode: replay.mode,
      replayEpoch: String(replay.epoch),
      ...(replay.lanes && { replayLanes: replay.lanes.join() }),
    }),
  }
}

/** Undefined for jobs of others, of another environment's too. */
export function fromUserMetadata(
  metadata: Readonly<Record<string, unknown>>,
  environment: string,
): JobLabels | undefined {
  const { product, environment: of, mediaId, kind, run, attempt } = metadata
  if (product !== PRODUCT || of !== environment) return undefined
  const isComplete = [mediaId, kind, run, attempt].every((label) => typeof label === 'string')
  return isComplete ? ({ mediaId, kind, run, attempt, ...replayOf(metadata) } as JobLabels) : undefined
}

function replayOf(metadata: Readonly<Record<string, unknown>>): Pick<JobLabels, 'replay'> {
  const { replay: id, replayMode: mode, replayEpoch: epoch, replayLanes: lanes } = metadata
  if (typeof id !== 'string' || typeof mode !== 'string') return {}
  return { replay: { id, mode, epoch: Number(epoch), ...(typeof lanes === 'string' && { lanes: lanes.split(',') }) } }
}
