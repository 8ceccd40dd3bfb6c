import { createReadStream } from 'node:fs'
import { answerXml } from './answer.ts'
import { computedChecksum, MAX_BYTES } from './body.ts'
import { DEFAULT_ALGORITHM, isAlgorithm } from './checksums.ts'
import { writeCondition } from './conditions.ts'
import { COPY_SOURCE, findCopySource } from './copy-source.ts'
import { invalidArgument, invalidRequest, notImplemented } from './errors.ts'
import { DESCRIBING, quoted, refuseUnknownHeaders, storedHeaders, versionHeaders } from './object-headers.ts'
import type { ObjectCall, S3 } from './s3.ts'
import { storageClassOf } from './storage-class.ts'
import { parseTagHeader } from './tags.ts'
import type { ObjectVersion } from './versions.ts'
import { element, s3Document } from './xml.ts'

const READ = [...COPY_SOURCE, ...DESCRIBING, 'x-amz-metadata-directive', 'x-amz-tagging-directive']

/** CopyObject. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export async function copyObject(s3: S3, call: ObjectCall): Promise<void> {
  const { bucket, key, response } = call
  refuseUnknownHeaders(call.headers, READ)
  const precondition = writeCondition(call.headers, key)
  const { version: source, byVersion, headers: sourceHeaders } = findCopySource(s3, call)
  if (source.size > MAX_BYTES) {
    throw invalidRequest(
      `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_BYTES}`,
    )
  }
  const replaces = directive(call, 'x-amz-metadata-directive') === 'REPLACE'
  const storageClass = storageClassOf(call.headers)
  const isSelf = !byVersion && source.bucket === bucket.name && source.key === key
  if (isSelf && !replaces && storageClass === source.storageClass) {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    )
  }
  const retags = directive(call, 'x-amz-tagging-directive') === 'REPLACE'
  const description = {
    headers: replaces ? storedHeaders(call.headers) : source.headers,
    tags: retags ? parseTagHeader(call.headers.get('x-amz-tagging')) : source.tags,
    storageClass,
  }
  const algorithm =
    call.headers.get('x-amz-checksum-algorithm')?.toLowerCase() ?? source.checksum?.algorithm ?? DEFAULT_ALGORITHM
  if (!isAlgorithm(algorithm)) throw notImplemented(`the checksum ${algorithm}`)

  const body = createReadStream('', { fd: s3.blobs.open(source.file) })
  let version: ObjectVersion
  try {
    version = await s3.blobs.receive(body, { algorithms: [algorithm] }, (received) => {
      // All bytes are one again, whatever parts the source came in.
      const checksum = { ...computedChecksum(received, algorithm), type: 'FULL_OBJECT' } as const
      const reason = 'CopyObject'
      return s3.objects.store({ ...description, bucket, key, received, checksum, reason, cause: call, precondition })
    })
  } finally {
    body.destroy()
  }

  for (const [name, value] of Object.entries({ ...versionHeaders(bucket, version), ...sourceHeaders })) {
    if (name !== 'ETag') response.setHeader(name, value)
  }
  const { checksum } = version
  answerXml(
    response,
    s3Document('CopyObjectResult', [
      element('LastModified', new Date(version.modified).toISOString()),
      element('ETag', quoted(version.etag)),
      ...(checksum
        ? [
            element('ChecksumType', checksum.type),
            element(`Checksum${checksum.algorithm.toUpperCase()}`, checksum.value),
          ]
        : []),
    ]),
  )
}

function directive({ headers }: ObjectCall, name: string): 'COPY' | 'REPLACE' {
  const value = headers.get(name) ?? 'COPY'
  if (value === 'COPY' || value === 'REPLACE') return value
  throw invalidArgument(
    `Unknown ${name === 'x-amz-tagging-directive' ? 'tagging' : 'metadata'} directive.`,
    name,
    value,
  )
}
