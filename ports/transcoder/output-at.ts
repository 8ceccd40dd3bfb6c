import { OUTPUT_NAMES } from './ladder.ts'
import type { JobLabels, TranscodeOrder } from './transcoder.ts'

/** Where a stream's outputs lie, by the `s3://` place of its playlist or its destination; undefined for others. */
export function outputAt(uri: string): TranscodeOrder['output'] | undefined {
  const [, bucket, prefix, name] = /^s3:\/\/([^/]+)\/(.+\/)([^/]+)$/.exec(uri) ?? []
  if (bucket === undefined || prefix === undefined || name?.split('.')[0] !== OUTPUT_NAMES.base) return undefined
  return { bucket, prefix }
}

/** The copy that an attempt's job reads. */
export function sourceKey({ mediaId, attempt }: Pick<JobLabels, 'mediaId' | 'attempt'>): string {
  return `videos/source/${mediaId}/${attempt}`
}

/** Below which the outputs of an attempt lie, and nobody else's. */
export function outputPrefix({ mediaId, attempt }: Pick<JobLabels, 'mediaId' | 'attempt'>): string {
  return `videos/hls/${mediaId}/${attempt}/`
}
