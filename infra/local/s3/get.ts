import { type ByteRange, byteRange, isNotModified, isSameForRange, readConditions } from './conditions.ts'
import { invalidArgument, invalidRequest, noSuchKey, noSuchVersion, S3Error } from './errors.ts'
import { checksumHeaders, refuseUnknownHeaders, versionHeaders } from './object-headers.ts'
import { type PartRange, partRange } from './part-range.ts'
import type { ObjectCall, S3 } from './s3.ts'
import { sendFile } from './send-file.ts'
import { refuseArchived, storageClassHeader } from './storage-class.ts'
import { hasBytes, type StoredVersion } from './versions.ts'

const OVERRIDES = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
]

/** GetObject and HeadObject. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export async function getObject(s3: S3, call: ObjectCall): Promise<void> {
  const { bucket, request, response } = call
  refuseUnknownHeaders(call.headers)
  const version = readableVersion(s3, call, call.key, call.query.get('versionId'))

  const { 'content-type': contentType = '', ...stored } = version.headers
  const headers: Record<string, string> = {
    ...versionHeaders(bucket, version),
    'Last-Modified': new Date(version.modified).toUTCString(),
    'Accept-Ranges': 'bytes',
    ...storageClassHeader(version.storageClass),
    ...(version.tags.length > 0 && { 'x-amz-tagging-count': String(version.tags.length) }),
  }
  if (isNotModified(readConditions(call.headers), version)) {
    const { 'cache-control': cacheControl } = stored
    response.writeHead(304, { ...headers, ...(cacheControl !== undefined && { 'Cache-Control': cacheControl }) }).end()
    return
  }

  if (request.method === 'GET') refuseArchived(version.storageClass)
  const range = wantedRange(call, version)
  const { first, last } = range ?? { first: 0, last: version.size - 1 }
  const length = last - first + 1
  const wantsChecksum = call.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED'
  setHeaders(call, {
    'Content-Type': contentType,
    ...stored,
    ...headers,
    ...overrides(call.query),
    ...(wantsChecksum && checksumOf(version, range, length)),
    ...(range?.partsCount !== undefined && { 'x-amz-mp-parts-count': String(range.partsCount) }),
    'Content-Length': String(length),
    ...(range && { 'Content-Range': `bytes ${first}-${last}/${version.size}` }),
  })
  const status = range ? 206 : 200
  if (request.method === 'HEAD' || length === 0) {
    response.writeHead(status).end()
    return
  }
  const fd = s3.blobs.open(version.file)
  response.writeHead(status)
  await sendFile(fd, { first, last }, response)
}

/** The bytes that are asked for, by range or by part; undefined is all of them. */
function wantedRange({ headers, query }: ObjectCall, version: StoredVersion): (ByteRange & PartRange) | undefined {
  const partNumber = query.get('partNumber')
  if (partNumber === undefined) {
    return byteRange(isSameForRange(headers.get('if-range'), version) ? headers.get('range') : undefined, version.size)
  }
  if (!headers.has('range')) return partRange(partNumber, version)
  throw invalidRequest('Cannot specify both Range header and partNumber query parameter')
}

/** A checksum of the whole would make readers of some of the bytes believe that these are broken. */
function checksumOf(version: StoredVersion, range: PartRange | undefined, length: number): Record<string, string> {
  if (range?.checksum !== undefined && version.checksum) {
    return checksumHeaders({ ...version, checksum: { ...version.checksum, value: range.checksum } })
  }
  return length === version.size ? checksumHeaders(version) : {}
}

/**
 * The version that a reader of bytes means.
 * @throws S3Error as `findVersion`, and AccessDenied where the bucket's policy keeps it from everybody.
 */
export function readableVersion(
  s3: S3,
  call: Pick<ObjectCall, 'bucket'>,
  key: string,
  versionId: string | undefined,
): StoredVersion {
  const version = findVersion(s3, call, key, versionId)
  const action = versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion'
  s3.denials.enforce(call.bucket.name, action, key, version.tags)
  return version
}

/**
 * The version that a request is about.
 * @throws S3Error NoSuchKey, NoSuchVersion, or MethodNotAllowed for a delete marker by its id.
 */
export function findVersion(
  s3: S3,
  { bucket }: Pick<ObjectCall, 'bucket'>,
  key: string,
  versionId: string | undefined,
): StoredVersion {
  if (versionId === undefined) {
    const latest = s3.versions.latest(bucket.name, key)
    if (!latest) throw noSuchKey(key)
    if (hasBytes(latest)) return latest
    throw noSuchKey(key, { 'x-amz-delete-marker': 'true', 'x-amz-version-id': latest.versionId })
  }
  if (versionId === '') throw invalidArgument('Version id cannot be the empty string', 'versionId', '')
  const version = s3.versions.find(bucket.name, key, versionId)
  if (!version) throw noSuchVersion(key, versionId)
  if (hasBytes(version)) return version
  throw new S3Error(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    details: { Method: 'GET', ResourceType: 'DeleteMarker' },
    headers: {
      Allow: 'DELETE',
      'x-amz-delete-marker': 'true',
      'x-amz-version-id': version.versionId,
      'Last-Modified': new Date(version.modified).toUTCString(),
    },
  })
}

function overrides(query: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    OVERRIDES.flatMap((name) => {
      const value = query.get(`response-${name}`)
      return value === undefined ? [] : [[name, Buffer.from(value, 'utf8').toString('latin1')]]
    }),
  )
}

/** Names differ in case only between what is stored and what is overridden: the last one wins. */
function setHeaders({ response }: ObjectCall, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      response.setHeader(name, value)
    } catch {
      throw invalidArgument('Header value cannot be represented', name, value)
    }
  }
}
