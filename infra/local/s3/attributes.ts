import { answerXml } from './answer.ts'
import { invalidArgument, invalidRequest } from './errors.ts'
import { readableVersion } from './get.ts'
import { refuseUnknownHeaders } from './object-headers.ts'
import { parseCount } from './parameters.ts'
import type { ObjectCall, S3 } from './s3.ts'
import type { StoredVersion } from './versions.ts'
import { element, s3Document } from './xml.ts'

const HEADERS = ['x-amz-object-attributes', 'x-amz-max-parts', 'x-amz-part-number-marker']
const MAX_PARTS = 1000

type Describe = (version: StoredVersion, call: ObjectCall) => readonly string[]

const ATTRIBUTES: Readonly<Record<string, Describe>> = {
  // The only answer of S3 in which a tag stands without its quotes.
  ETag: ({ etag }) => [element('ETag', etag)],
  Checksum: ({ checksum }) =>
    checksum
      ? [
          element('Checksum', [
            element(`Checksum${checksum.algorithm.toUpperCase()}`, checksum.value.replace(/-\d+$/, '')),
            element('ChecksumType', checksum.type),
          ]),
        ]
      : [],
  ObjectParts: describeParts,
  StorageClass: ({ storageClass }) => [element('StorageClass', storageClass)],
  ObjectSize: ({ size }) => [element('ObjectSize', size)],
}

/** GetObjectAttributes. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */
export function getObjectAttributes(s3: S3, call: ObjectCall): void {
  const { bucket, headers, query, response } = call
  refuseUnknownHeaders(headers, HEADERS)
  const asked = (headers.get('x-amz-object-attributes') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (asked.length === 0)
    throw invalidRequest('The x-amz-object-attributes header specifying the attributes is required')
  const unknown = asked.find((name) => !(name in ATTRIBUTES))
  if (unknown !== undefined) {
    throw invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', unknown)
  }
  const version = readableVersion(s3, call, call.key, query.get('versionId'))
  response.setHeader('Last-Modified', new Date(version.modified).toUTCString())
  if (bucket.versioning !== 'Unversioned') response.setHeader('x-amz-version-id', version.versionId)
  const elements = Object.entries(ATTRIBUTES).flatMap(([name, describe]) =>
    asked.includes(name) ? describe(version, call) : [],
  )
  answerXml(response, s3Document('GetObjectAttributesResponse', elements))
}

/** Parts are listed one by one only where their checksums make up that of the object. */
function describeParts({ parts, checksum }: StoredVersion, { headers }: ObjectCall): readonly string[] {
  if (!parts) return []
  const count = element('PartsCount', parts.length)
  if (checksum?.type !== 'COMPOSITE') return [element('ObjectParts', [count])]
  const max = parseCount(headers, 'x-amz-max-parts', MAX_PARTS)
  const marker = parseCount(headers, 'x-amz-part-number-marker', Number.MAX_SAFE_INTEGER, 0)
  const after = parts.filter(({ number }) => number > marker)
  const page = after.slice(0, max)
  return [
    element('ObjectParts', [
      count,
      element('PartNumberMarker', marker),
      element('NextPartNumberMarker', page.at(-1)?.number ?? 0),
      element('MaxParts', max),
      element('IsTruncated', page.length < after.length),
      ...page.map(({ number, size, checksum: value }) =>
        element('Part', [
          element('PartNumber', number),
          element('Size', size),
          ...(value === undefined ? [] : [element(`Checksum${checksum.algorithm.toUpperCase()}`, value)]),
        ]),
      ),
    ]),
  ]
}
