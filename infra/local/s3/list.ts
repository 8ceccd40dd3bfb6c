import { answerXml } from './answer.ts'
import { invalidArgument } from './errors.ts'
import { quoted } from './object-headers.ts'
import { parseCount } from './parameters.ts'
import type { BucketCall, S3 } from './s3.ts'
import { ownerId } from './settings.ts'
import type { ObjectVersion } from './versions.ts'
import { element, s3Document } from './xml.ts'

const MAX_KEYS = 1000

interface Listing {
  readonly prefix: string
  readonly delimiter: string
  readonly maxKeys: number
  readonly encodingType: string | undefined
  /** Writes a name as `encoding-type` wants it. */
  readonly encode: (name: string) => string
}

interface Page {
  readonly versions: readonly ObjectVersion[]
  readonly commonPrefixes: readonly string[]
  readonly isTruncated: boolean
  /** The last name of the page, a key or a common prefix. */
  readonly last: string
}

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
      element('KeyCount', page.versions.length + page.commonPrefixes.length),
      ...commonElements(listing, page),
      ...contents(s3, page.versions, encode, query.get('fetch-owner') === 'true'),
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
      ...commonElements(listing, page),
      ...contents(s3, page.versions, encode, true),
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
  const last = page.versions.at(-1)
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
      ...commonElements(listing, page),
      ...page.versions.map((version) =>
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

function readListing(query: ReadonlyMap<string, string>): Listing {
  const encodingType = query.get('encoding-type')
  if (encodingType !== undefined && encodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType)
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: parseCount(query, 'max-keys', MAX_KEYS),
    encodingType,
    encode: encodingType ? urlEncode : (name) => name,
  }
}

/** S3's form of URL encoding in listings: slashes stay, and a space is a plus sign. */
function urlEncode(name: string): string {
  return encodeURIComponent(name).replaceAll('%2F', '/').replaceAll('%20', '+')
}

function pageOf(s3: S3, bucket: string, listing: Listing, after: string): Page {
  const rows = s3.versions.listLatest(bucket, startOf(listing.prefix, after))
  return collect(rows, listing, after, ({ key }) => key !== after)
}

/** The first key that may be listed: keys are in the order of their UTF-8 bytes, which is not that of JavaScript. */
function startOf(prefix: string, after: string): string {
  return Buffer.compare(Buffer.from(after), Buffer.from(prefix)) > 0 ? after : prefix
}

function collect(
  rows: Iterable<ObjectVersion>,
  { prefix, delimiter, maxKeys }: Listing,
  after: string,
  isPast: (version: ObjectVersion) => boolean,
): Page {
  const versions: ObjectVersion[] = []
  const commonPrefixes: string[] = []
  let last = ''
  const page = (isTruncated: boolean): Page => ({ versions, commonPrefixes, isTruncated, last })
  if (maxKeys === 0) return page(false)
  for (const version of rows) {
    if (!version.key.startsWith(prefix)) break
    const end = delimiter ? version.key.indexOf(delimiter, prefix.length) : -1
    const common = end < 0 ? undefined : version.key.slice(0, end + delimiter.length)
    if (common === undefined ? !isPast(version) : common === after || common === commonPrefixes.at(-1)) continue
    if (versions.length + commonPrefixes.length === maxKeys) return page(true)
    if (common === undefined) versions.push(version)
    else commonPrefixes.push(common)
    last = common ?? version.key
  }
  return page(false)
}

function commonElements(listing: Listing, page: Page): string[] {
  const { delimiter, maxKeys, encodingType, encode } = listing
  return [
    element('MaxKeys', maxKeys),
    ...(delimiter ? [element('Delimiter', encode(delimiter))] : []),
    ...(encodingType ? [element('EncodingType', encodingType)] : []),
    element('IsTruncated', page.isTruncated),
    ...page.commonPrefixes.map((prefix) => element('CommonPrefixes', [element('Prefix', encode(prefix))])),
  ]
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

function describeBytes({ etag, size, checksum }: ObjectVersion): string[] {
  return [
    element('ETag', quoted(etag)),
    ...(checksum
      ? [element('ChecksumAlgorithm', checksum.algorithm.toUpperCase()), element('ChecksumType', 'FULL_OBJECT')]
      : []),
    element('Size', size),
    element('StorageClass', 'STANDARD'),
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
