import { answerXml } from './answer.ts'
import { invalidArgument } from './errors.ts'
import { collect, commonElements, type Listing, type Page, readListing, startOf } from './listing.ts'
import { quoted } from './object-headers.ts'
import type { BucketCall, S3 } from './s3.ts'
import { ownerId } from './settings.ts'
import type { ObjectVersion } from './versions.ts'
import { element, s3Document } from './xml.ts'

/** ListObjectsV2. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjectsV2(s3: S3, { bucket, query, response }: BucketCall): void {
  if (query.get('list-type') !== '2') {
    throw invalidArgument('Invalid List Type specified in Request', 'list-type', query.get('list-type'))
  }
  const listing = readListing(query)
  const { encode } = listing
  const token = query.get('continuation-token')
  const startAfter = query.get('start-after')
  const page = pageOf(s3, bucket.name, listing, token === undefined ? (startAfter ?? '') : openToken(token))
  answerXml(
    response,
    s3Document('ListBucketResult', [
      element('Name', bucket.name),
      element('Prefix', encode(listing.prefix)),
      ...(token === undefined ? [] : [element('ContinuationToken', token)]),
      ...(page.isTruncated ? [element('NextContinuationToken', sealToken(page.last))] : []),
      ...(startAfter === undefined ? [] : [element('StartAfter', encode(startAfter))]),
      element('KeyCount', page.items.length + page.commonPrefixes.length),
      element('MaxKeys', listing.max),
      ...commonElements(listing, page),
      ...contents(s3, page.items, encode, query.get('fetch-owner') === 'true'),
    ]),
  )
}

/** ListObjects, the older form. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export function listObjects(s3: S3, { bucket, query, response }: BucketCall): void {
  const listing = readListing(query)
  const { encode } = listing
  const marker = query.get('marker') ?? ''
  const page = pageOf(s3, bucket.name, listing, marker)
  answerXml(
    response,
    s3Document('ListBucketResult', [
      element('Name', bucket.name),
      element('Prefix', encode(listing.prefix)),
      element('Marker', encode(marker)),
      ...(page.isTruncated && listing.delimiter ? [element('NextMarker', encode(page.last))] : []),
      element('MaxKeys', listing.max),
      ...commonElements(listing, page),
      ...contents(s3, page.items, encode, true),
    ]),
  )
}

/** ListObjectVersions. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export function listObjectVersions(s3: S3, { bucket, query, response }: BucketCall): void {
  const listing = readListing(query)
  const { encode } = listing
  const keyMarker = query.get('key-marker') ?? ''
  const versionMarker = query.get('version-id-marker') ?? ''
  if (versionMarker && !keyMarker) {
    throw invalidArgument('A version-id marker cannot be specified without a key marker.', 'version-id-marker')
  }
  const marked = versionMarker ? s3.versions.find(bucket.name, keyMarker, versionMarker) : undefined
  const rows = s3.versions.listAll(bucket.name, startOf(listing.prefix, keyMarker))
  const isPast = ({ key, sequence }: ObjectVersion) =>
    key !== keyMarker || (marked !== undefined && sequence < marked.sequence)
  const page = collect(rows, listing, keyMarker, isPast)
  const last = page.items.at(-1)
  const endsWithPrefix = page.last !== last?.key
  answerXml(
    response,
    s3Document('ListVersionsResult', [
      element('Name', bucket.name),
      element('Prefix', encode(listing.prefix)),
      element('KeyMarker', encode(keyMarker)),
      element('VersionIdMarker', versionMarker),
      ...(page.isTruncated ? [element('NextKeyMarker', encode(page.last))] : []),
      ...(page.isTruncated && last && !endsWithPrefix ? [element('NextVersionIdMarker', last.versionId)] : []),
      element('MaxKeys', listing.max),
      ...commonElements(listing, page),
      ...page.items.map((version) =>
        element(version.isDeleteMarker ? 'DeleteMarker' : 'Version', [
          element('Key', encode(version.key)),
          element('VersionId', version.versionId),
          element('IsLatest', version.isLatest),
          element('LastModified', new Date(version.modified).toISOString()),
          ...(version.isDeleteMarker ? [] : describeBytes(version)),
          element('Owner', [element('ID', ownerId(s3.cloud))]),
        ]),
      ),
    ]),
  )
}

function pageOf(s3: S3, bucket: string, listing: Listing, after: string): Page<ObjectVersion> {
  const rows = s3.versions.listLatest(bucket, startOf(listing.prefix, after))
  return collect(rows, listing, after, ({ key }) => key !== after)
}

function contents(
  s3: S3,
  versions: readonly ObjectVersion[],
  encode: (name: string) => string,
  withOwner: boolean,
): string[] {
  return versions.map((version) =>
    element('Contents', [
      element('Key', encode(version.key)),
      element('LastModified', new Date(version.modified).toISOString()),
      ...describeBytes(version),
      ...(withOwner ? [element('Owner', [element('ID', ownerId(s3.cloud))])] : []),
    ]),
  )
}

function describeBytes({ etag, size, checksum, storageClass }: ObjectVersion): string[] {
  return [
    element('ETag', quoted(etag)),
    ...(checksum
      ? [element('ChecksumAlgorithm', checksum.algorithm.toUpperCase()), element('ChecksumType', checksum.type)]
      : []),
    element('Size', size),
    element('StorageClass', storageClass),
  ]
}

function sealToken(last: string): string {
  return Buffer.from(last).toString('base64url')
}

function openToken(token: string): string {
  const last = Buffer.from(token, 'base64url').toString()
  if (token !== '' && sealToken(last) === token) return last
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token)
}
