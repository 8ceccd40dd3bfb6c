import type { Bucket } from './buckets.ts'
import { isAlgorithm } from './checksums.ts'
import { notImplemented, S3Error } from './errors.ts'
import { expirationHeader } from './expiry.ts'
import { storageClassOf } from './storage-class.ts'
import { parseTagHeader } from './tags.ts'
import type { ObjectDescription, ObjectVersion } from './versions.ts'

const MAX_METADATA_BYTES = 2048

/** What an object keeps beside its bytes and gives back with them. */
const STORED = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
]

/** Headers of `x-amz-` that say nothing of the object itself, or that their operation reads by name. */
const UNDERSTOOD = new Set([
  'x-amz-checksum-algorithm',
  'x-amz-checksum-mode',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-decoded-content-length',
  'x-amz-expected-bucket-owner',
  'x-amz-request-payer',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-trailer',
  'x-amz-user-agent',
])

/** Headers that ask for what every object has here anyway. */
const SETTLED: Readonly<Record<string, readonly string[]>> = {
  'x-amz-acl': ['private', 'bucket-owner-full-control'],
  'x-amz-server-side-encryption': ['AES256'],
}

/**
 * Refuses what a request asks for by a header that is not run, rather than to leave it undone in silence.
 * @param also names of headers that the operation itself reads.
 * @throws S3Error NotImplemented
 */
export function refuseUnknownHeaders(headers: ReadonlyMap<string, string>, also: readonly string[] = []): void {
  for (const [name, value] of headers) {
    if (!name.startsWith('x-amz-') || name.startsWith('x-amz-meta-') || UNDERSTOOD.has(name) || also.includes(name)) {
      continue
    }
    const settled = SETTLED[name]
    if (settled?.includes(value)) continue
    if (name.startsWith('x-amz-checksum-') && isAlgorithm(name.slice('x-amz-checksum-'.length))) continue
    throw notImplemented(settled ? `${name}: ${value}` : `what the header ${name} asks for`)
  }
}

/** The headers by which a request describes the object that it stores. */
export const DESCRIBING = ['x-amz-storage-class', 'x-amz-tagging']

/**
 * What a request says of the object that it stores.
 * @throws S3Error MetadataTooLarge, InvalidStorageClass, InvalidTag
 */
export function describedObject(headers: ReadonlyMap<string, string>): ObjectDescription {
  return {
    headers: storedHeaders(headers),
    tags: parseTagHeader(headers.get('x-amz-tagging')),
    storageClass: storageClassOf(headers),
  }
}

/**
 * The headers that are stored with an object.
 * @throws S3Error MetadataTooLarge
 */
export function storedHeaders(headers: ReadonlyMap<string, string>): Record<string, string> {
  const stored: Record<string, string> = {}
  for (const name of STORED) {
    const value = name === 'content-encoding' ? withoutFraming(headers.get(name)) : headers.get(name)
    if (value) stored[name] = value
  }
  stored['content-type'] ??= 'binary/octet-stream'
  let size = 0
  for (const [name, value] of headers) {
    if (!name.startsWith('x-amz-meta-')) continue
    stored[name] = value
    size += name.length - 'x-amz-meta-'.length + value.length
  }
  if (size > MAX_METADATA_BYTES) {
    const details = { Size: String(size), MaxSizeAllowed: String(MAX_METADATA_BYTES) }
    throw new S3Error(400, 'MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
      details,
    })
  }
  return stored
}

/** `aws-chunked` is how a body travels, no property of the object. */
function withoutFraming(contentEncoding: string | undefined): string | undefined {
  return contentEncoding
    ?.split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== 'aws-chunked')
    .join(',')
}

/** The headers that every answer about a stored version has. */
export function versionHeaders(bucket: Bucket, version: ObjectVersion): Record<string, string> {
  return {
    ETag: quoted(version.etag),
    ...(bucket.versioning !== 'Unversioned' && { 'x-amz-version-id': version.versionId }),
    'x-amz-server-side-encryption': 'AES256',
    ...expirationHeader(bucket, version),
  }
}

export function checksumHeaders(version: ObjectVersion): Record<string, string> {
  const { checksum } = version
  if (!checksum) return {}
  return { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value, 'x-amz-checksum-type': checksum.type }
}

export function quoted(etag: string): string {
  return `"${etag}"`
}
