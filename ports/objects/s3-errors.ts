import { S3ServiceException } from '@aws-sdk/client-s3'

/**
 * NoSuchVersion and NoSuchKey name themselves; HEAD has no body, so it says NotFound. A delete marker answers 405, and
 * 412 says that this version never had those bytes.
 */
export function isGone(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false
  if (['NoSuchVersion', 'NoSuchKey', 'NotFound'].includes(error.name)) return true
  const status = error.$metadata.httpStatusCode
  return status === 405 || status === 412
}

/** Something lies under the key already, or another PUT to it is under way. */
export function isTaken(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false
  return error.$metadata.httpStatusCode === 412 || error.name === 'ConditionalRequestConflict'
}

/** The connection broke, or S3 was busy, or failed: the same request may succeed. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return error instanceof Error && 'code' in error
  const status = error.$metadata.httpStatusCode ?? 0
  return error.$retryable !== undefined || status >= 500 || ['RequestTimeout', 'SlowDown'].includes(error.name)
}
