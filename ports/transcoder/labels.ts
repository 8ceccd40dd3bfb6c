import type { JobLabels } from './transcoder.ts'

/** Tells this product's jobs from others of the account. */
export const PRODUCT = 'messageai-media'

/** Labels as a job's UserMetadata, which its events carry. */
export function toUserMetadata(
  { mediaId, kind, run, attempt }: JobLabels,
  environment: string,
): Record<string, string> {
  return { product: PRODUCT, environment, mediaId, kind, run, attempt }
}

/** Undefined for jobs of others, of another environment's too. */
export function fromUserMetadata(
  metadata: Readonly<Record<string, unknown>>,
  environment: string,
): JobLabels | undefined {
  const { product, environment: of, mediaId, kind, run, attempt } = metadata
  if (product !== PRODUCT || of !== environment) return undefined
  const isComplete = [mediaId, kind, run, attempt].every((label) => typeof label === 'string')
  return isComplete ? ({ mediaId, kind, run, attempt } as JobLabels) : undefined
}
