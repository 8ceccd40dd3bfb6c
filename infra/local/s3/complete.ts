import { createHash } from 'node:crypto'
import { answerXml } from './answer.ts'
import { badChecksum, computedChecksum } from './body.ts'
import { ALGORITHMS, compositeChecksum, type ObjectChecksum } from './checksums.ts'
import { writeCondition } from './conditions.ts'
import { fieldsOf, readDocument, readXml } from './document.ts'
import { invalidRequest, malformedXml, S3Error } from './errors.ts'
import { findUpload, receiveAll, refuseWhileCompleting, removeUpload } from './multipart.ts'
import { quoted, refuseUnknownHeaders, versionHeaders } from './object-headers.ts'
import type { ObjectCall, S3 } from './s3.ts'
import type { MultipartUpload, UploadedPart } from './uploads.ts'
import type { ObjectVersion } from './versions.ts'
import { element, s3Document } from './xml.ts'

/** All parts but the last have at least this many bytes. */
const MIN_PART_BYTES = 5 * 1024 ** 2
const MAX_PARTS = 10_000

interface NamedPart {
  readonly number: number
  readonly etag: string
  /** Base64 by algorithm. */
  readonly checksums: ReadonlyMap<string, string>
}

/** CompleteMultipartUpload. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export async function completeMultipartUpload(s3: S3, call: ObjectCall): Promise<void> {
  const { bucket, key, response } = call
  refuseUnknownHeaders(call.headers, ['x-amz-checksum-type', 'x-amz-mp-object-size'])
  const upload = findUpload(s3, call)
  const precondition = writeCondition(call.headers, key)
  const { headers } = call
  // What the request says of checksums is about the object, and not about the document in its body.
  const ofBody = new Map([...headers].filter(([name]) => !name.startsWith('x-amz-checksum-')))
  const named = parseParts(await readDocument({ ...call, headers: ofBody }))
  refuseWhileCompleting(s3, upload)
  const parts = chosenParts(upload, s3.uploads.parts(upload.uploadId), named)
  judgeSize(headers.get('x-amz-mp-object-size'), parts)

  s3.completing.add(upload.uploadId)
  let version: ObjectVersion
  try {
    precondition(s3.versions.latest(bucket.name, key))
    const bytes = s3.blobs.read(parts.map(({ file }) => file))
    const { algorithm } = upload.checksum
    version = await receiveAll(s3, bytes, algorithm, (received) => {
      const checksum = objectChecksum(upload, parts, computedChecksum(received, algorithm).value)
      judgeChecksum(checksum, headers)
      return s3.cloud.db.transaction(() => {
        removeUpload(s3, upload)
        return s3.objects.store({
          headers: upload.headers,
          tags: upload.tags,
          storageClass: upload.storageClass,
          bucket,
          key,
          received,
          etag: etagOf(parts),
          checksum,
          parts: parts.map(({ number, size, checksum: value }) =>
            checksum.type === 'COMPOSITE' ? { number, size, checksum: value } : { number, size },
          ),
          reason: 'CompleteMultipartUpload',
          cause: call,
          precondition,
        })
      })
    })
  } finally {
    s3.completing.delete(upload.uploadId)
  }

  for (const [name, value] of Object.entries(versionHeaders(bucket, version))) {
    if (name !== 'ETag') response.setHeader(name, value)
  }
  const { checksum } = version
  answerXml(
    response,
    s3Document('CompleteMultipartUploadResult', [
      element('Location', `http://${call.request.headers.host ?? ''}/${bucket.name}/${encodeURIComponent(key)}`),
      element('Bucket', bucket.name),
      element('Key', key),
      element('ETag', quoted(version.etag)),
      ...(checksum
        ? [
            element(`Checksum${checksum.algorithm.toUpperCase()}`, checksum.value),
            element('ChecksumType', checksum.type),
          ]
        : []),
    ]),
  )
}

function parseParts(document: string): readonly NamedPart[] {
  const { Part: parts } = fieldsOf(fieldsOf(readXml(document, ['Part']))['CompleteMultipartUpload'])
  if (!Array.isArray(parts) || parts.length > MAX_PARTS) throw malformedXml()
  return parts.map((part) => {
    const fields = fieldsOf(part)
    const { PartNumber, ETag } = fields
    if (typeof PartNumber !== 'string' || typeof ETag !== 'string' || !/^\d{1,5}$/.test(PartNumber))
      throw malformedXml()
    const checksums = ALGORITHMS.flatMap((algorithm): [string, string][] => {
      const value = fields[`Checksum${algorithm.toUpperCase()}`]
      return typeof value === 'string' ? [[algorithm, value]] : []
    })
    return { number: Number(PartNumber), etag: ETag.replace(/^"|"$/g, ''), checksums: new Map(checksums) }
  })
}

/** The parts that the request names, in its order, each held to what it says of them. */
function chosenParts(
  { uploadId, checksum }: MultipartUpload,
  uploaded: readonly UploadedPart[],
  named: readonly NamedPart[],
): readonly UploadedPart[] {
  const byNumber = new Map(uploaded.map((part) => [part.number, part]))
  if (named.some(({ number }, index) => number <= (named[index - 1]?.number ?? 0))) {
    throw new S3Error(
      400,
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
      { details: { UploadId: uploadId } },
    )
  }
  const { algorithm, type, isDeclared } = checksum
  const parts = named.map(({ number, etag, checksums }) => {
    const part = byNumber.get(number)
    const given = checksums.get(algorithm)
    const isAsSaid = [...checksums].every(([name, value]) => name === algorithm && value === part?.checksum)
    if (!part || part.etag !== etag || !isAsSaid) {
      throw invalidPart(uploadId, number, etag)
    }
    if (given === undefined && isDeclared && type === 'COMPOSITE') {
      throw invalidRequest(
        `The upload was created using a ${algorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
      )
    }
    return part
  })
  for (const { number, size, etag } of parts.slice(0, -1)) {
    if (size >= MIN_PART_BYTES) continue
    throw new S3Error(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
      details: {
        ProposedSize: String(size),
        MinSizeAllowed: String(MIN_PART_BYTES),
        PartNumber: String(number),
        ETag: etag,
      },
    })
  }
  return parts
}

const invalidPart = (uploadId: string, number: number, etag: string) =>
  new S3Error(
    400,
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { details: { UploadId: uploadId, PartNumber: String(number), ETag: etag } },
  )

function judgeSize(announced: string | undefined, parts: readonly UploadedPart[]): void {
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  if (announced === undefined || announced === String(size)) return
  throw invalidRequest(
    `The provided 'x-amz-mp-object-size' header value ${announced} does not match what was computed: ${size}`,
  )
}

function objectChecksum({ checksum }: MultipartUpload, parts: readonly UploadedPart[], ofAll: string): ObjectChecksum {
  const { algorithm, type } = checksum
  if (type === 'FULL_OBJECT') return { algorithm, type, value: ofAll }
  return compositeChecksum(
    algorithm,
    parts.map((part) => part.checksum),
  )
}

function judgeChecksum(checksum: ObjectChecksum, headers: ReadonlyMap<string, string>): void {
  const type = headers.get('x-amz-checksum-type')
  if (type !== undefined && type !== checksum.type) {
    throw invalidRequest(
      `The upload was created using the ${checksum.type} checksum mode. The complete request must use the same checksum mode.`,
    )
  }
  const given = headers.get(`x-amz-checksum-${checksum.algorithm}`)
  // The number of parts may be left out.
  if (given === undefined || given === checksum.value || given === checksum.value.replace(/-\d+$/, '')) return
  throw badChecksum(checksum.algorithm)
}

function etagOf(parts: readonly UploadedPart[]): string {
  const hash = createHash('md5')
  for (const { etag } of parts) hash.update(etag, 'hex')
  return `${hash.digest('hex')}-${parts.length}`
}
