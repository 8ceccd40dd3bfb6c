import { createReadStream } from 'node:fs'
import { answerXml } from './answer.ts'
import { isAlgorithm } from './checksums.ts'
import { isNotModified, readConditions } from './conditions.ts'
import { invalidArgument, invalidRequest, noSuchBucket, notImplemented, preconditionFailed } from './errors.ts'
import { findVersion } from './get.ts'
import { quoted, refuseUnknownHeaders, storedHeaders, versionHeaders } from './object-headers.ts'
import type { ObjectCall, S3 } from './s3.ts'
import type { ObjectVersion, StoredVersion } from './versions.ts'
import { element, s3Document } from './xml.ts'

const CONDITIONS = 'x-amz-copy-source-'
const READ = [
  'x-amz-copy-source',
  'x-amz-metadata-directive',
  `${CONDITIONS}if-match`,
  `${CONDITIONS}if-none-match`,
  `${CONDITIONS}if-modified-since`,
  `${CONDITIONS}if-unmodified-since`,
]

/** CopyObject. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export async function copyObject(s3: S3, call: ObjectCall): Promise<void> {
  const { bucket, key, response } = call
  refuseUnknownHeaders(call.headers, READ)
  for (const name of ['if-match', 'if-none-match']) {
    if (call.headers.has(name)) throw notImplemented(`${name} on a copy`)
  }
  const { source, byVersion } = findSource(s3, call)
  const conditions = readConditions(call.headers, CONDITIONS)
  if (isNotModified(conditions, source)) throw preconditionFailed(`${CONDITIONS}If-None-Match`)

  const directive = call.headers.get('x-amz-metadata-directive') ?? 'COPY'
  if (directive !== 'COPY' && directive !== 'REPLACE') {
    throw invalidArgument('Unknown metadata directive.', 'x-amz-metadata-directive', directive)
  }
  if (directive === 'COPY' && !byVersion && source.bucket === bucket.name && source.key === key) {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    )
  }
  const headers = directive === 'COPY' ? source.headers : storedHeaders(call.headers)
  const algorithm = call.headers.get('x-amz-checksum-algorithm')?.toLowerCase() ?? source.checksum?.algorithm
  if (algorithm !== undefined && !isAlgorithm(algorithm)) throw notImplemented(`the checksum ${algorithm}`)

  const body = createReadStream('', { fd: s3.blobs.open(source.file) })
  const algorithms = algorithm ? [algorithm] : []
  let version: ObjectVersion
  try {
    version = await s3.blobs.receive(body, { algorithms }, (received) => {
      const [checksum] = received.checksums
      return s3.objects.store({ bucket, key, received, headers, checksum, reason: 'CopyObject', cause: call })
    })
  } finally {
    body.destroy()
  }

  for (const [name, value] of Object.entries(versionHeaders(bucket, version))) {
    if (name !== 'ETag') response.setHeader(name, value)
  }
  const sourceVersioning = s3.buckets.find(source.bucket)?.versioning
  if (sourceVersioning !== 'Unversioned') response.setHeader('x-amz-copy-source-version-id', source.versionId)
  const { checksum } = version
  answerXml(
    response,
    s3Document('CopyObjectResult', [
      element('LastModified', new Date(version.modified).toISOString()),
      element('ETag', quoted(version.etag)),
      ...(checksum
        ? [
            element('ChecksumType', 'FULL_OBJECT'),
            element(`Checksum${checksum.algorithm.toUpperCase()}`, checksum.value),
          ]
        : []),
    ]),
  )
}

/** `/bucket/key?versionId=…`, the key URL-encoded. */
function findSource(s3: S3, call: ObjectCall): { source: StoredVersion; byVersion: boolean } {
  const [, path = '', versionId] =
    /^\/?(.*?)(?:\?versionId=(.*))?$/s.exec(call.headers.get('x-amz-copy-source') ?? '') ?? []
  const slash = path.indexOf('/')
  let key: string
  try {
    key = decodeURIComponent(path.slice(slash + 1))
  } catch {
    key = ''
  }
  if (slash < 1 || key === '') {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
    )
  }
  const name = path.slice(0, slash)
  const bucket = s3.buckets.find(name)
  if (!bucket) throw noSuchBucket(name)
  return { source: findVersion(s3, { bucket }, key, versionId), byVersion: versionId !== undefined }
}
