import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { byteRange, isNotModified, readConditions } from './conditions.ts'
import { invalidArgument, noSuchKey, noSuchVersion, notImplemented, S3Error } from './errors.ts'
import { checksumHeaders, quoted, refuseUnknownHeaders, versionHeaders } from './object-headers.ts'
import type { ObjectCall, S3 } from './s3.ts'
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
  if (call.query.has('partNumber')) throw notImplemented('reading by part number')
  const version = findVersion(s3, call, call.key, call.query.get('versionId'))

  const { 'content-type': contentType = '', ...stored } = version.headers
  const headers: Record<string, string> = {
    ...versionHeaders(bucket, version),
    'Last-Modified': new Date(version.modified).toUTCString(),
    'Accept-Ranges': 'bytes',
  }
  if (isNotModified(readConditions(call.headers), version)) {
    const { 'cache-control': cacheControl } = stored
    response.writeHead(304, { ...headers, ...(cacheControl !== undefined && { 'Cache-Control': cacheControl }) }).end()
    return
  }

  const ifRange = call.headers.get('if-range')
  const wanted = ifRange === undefined || ifRange === quoted(version.etag) ? call.headers.get('range') : undefined
  const range = byteRange(wanted, version.size)
  const { first, last } = range ?? { first: 0, last: version.size - 1 }
  const length = last - first + 1
  const whole = length === version.size
  // A checksum of the whole would make readers of a part believe that their bytes are broken.
  const checksums = whole && call.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED'
  setHeaders(call, {
    'Content-Type': contentType,
    ...stored,
    ...headers,
    ...overrides(call.query),
    ...(checksums && checksumHeaders(version)),
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
  await pipeline(createReadStream('', { fd, start: first, end: last }), response)
}

/**
 * The version that a reader means.
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
