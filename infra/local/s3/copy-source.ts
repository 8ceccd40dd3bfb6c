import { isNotModified, readConditions } from './conditions.ts'
import { invalidArgument, noSuchBucket, preconditionFailed } from './errors.ts'
import { readableVersion } from './get.ts'
import type { ObjectCall, S3 } from './s3.ts'
import { refuseArchived } from './storage-class.ts'
import type { StoredVersion } from './versions.ts'

const CONDITIONS = 'x-amz-copy-source-'

/** The headers that this reads. */
export const COPY_SOURCE = [
  'x-amz-copy-source',
  `${CONDITIONS}if-match`,
  `${CONDITIONS}if-none-match`,
  `${CONDITIONS}if-modified-since`,
  `${CONDITIONS}if-unmodified-since`,
]

export interface CopySource {
  readonly version: StoredVersion
  /** Whether the request names that version, rather than the latest one. */
  readonly byVersion: boolean
  /** What the answer says of it. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * What a copy is made of: `/bucket/key?versionId=…`, the key URL-encoded.
 * @throws S3Error where it is not there, not readable, or not as the request's conditions have it.
 */
export function findCopySource(s3: S3, call: ObjectCall): CopySource {
  const [, path = '', versionId] =
    /^\/?(.*?)(?:\?versionId=(.*))?$/s.exec(call.headers.get('x-amz-copy-source') ?? '') ?? []
  const { bucketName, key } = splitPath(path)
  const bucket = s3.buckets.find(bucketName)
  if (!bucket) throw noSuchBucket(bucketName)
  const version = readableVersion(s3, { bucket }, key, versionId)
  if (isNotModified(readConditions(call.headers, CONDITIONS), version)) {
    throw preconditionFailed(`${CONDITIONS}If-None-Match`)
  }
  refuseArchived(version.storageClass)
  return {
    version,
    byVersion: versionId !== undefined,
    headers: bucket.versioning === 'Unversioned' ? {} : { 'x-amz-copy-source-version-id': version.versionId },
  }
}

function splitPath(path: string): { bucketName: string; key: string } {
  let decoded = ''
  try {
    // The slash behind the bucket may come encoded, too.
    decoded = decodeURIComponent(path).replace(/^\//, '')
  } catch {
    // Half an escape: answered below.
  }
  const slash = decoded.indexOf('/')
  const key = decoded.slice(slash + 1)
  if (slash >= 1 && key !== '') return { bucketName: decoded.slice(0, slash), key }
  throw invalidArgument(
    'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    'x-amz-copy-source',
  )
}
