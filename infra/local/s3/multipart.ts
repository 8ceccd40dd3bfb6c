import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { answerXml } from './answer.ts'
import type { Received } from './blobs.ts'
import { bodyError, computedChecksum, expectBody, MAX_BYTES } from './body.ts'
import { type Algorithm, type ChecksumType, DEFAULT_ALGORITHM, isAlgorithm } from './checksums.ts'
import type { ByteRange } from './conditions.ts'
import { COPY_SOURCE, findCopySource } from './copy-source.ts'
import { invalidArgument, invalidRequest, noSuchUpload, S3Error } from './errors.ts'
import { abortHeaders } from './expiry.ts'
import { DESCRIBING, describedObject, quoted, refuseUnknownHeaders } from './object-headers.ts'
import { parsePartNumber } from './part-range.ts'
import type { ObjectCall, S3 } from './s3.ts'
import type { MultipartUpload, UploadChecksum, UploadedPart } from './uploads.ts'
import { element, s3Document } from './xml.ts'

/** CreateMultipartUpload. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export function createMultipartUpload(s3: S3, call: ObjectCall): void {
  const { bucket, key, response } = call
  refuseUnknownHeaders(call.headers, [...DESCRIBING, 'x-amz-checksum-type'])
  const checksum = wantedChecksum(call.headers)
  const upload: MultipartUpload = {
    ...describedObject(call.headers),
    uploadId: s3.cloud.uuid().replaceAll('-', ''),
    bucket: bucket.name,
    key,
    initiated: s3.cloud.now(),
    checksum,
  }
  s3.cloud.db.transaction(() => s3.uploads.add(upload))
  if (checksum.isDeclared) {
    response.setHeader('x-amz-checksum-algorithm', checksum.algorithm.toUpperCase())
    response.setHeader('x-amz-checksum-type', checksum.type)
  }
  response.setHeader('x-amz-server-side-encryption', 'AES256')
  for (const [name, value] of Object.entries(abortHeaders(bucket, upload))) response.setHeader(name, value)
  answerXml(
    response,
    s3Document('InitiateMultipartUploadResult', [
      element('Bucket', bucket.name),
      element('Key', key),
      element('UploadId', upload.uploadId),
    ]),
  )
}

/** UploadPart. https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export async function uploadPart(s3: S3, call: ObjectCall): Promise<void> {
  const upload = findUpload(s3, call)
  const number = parsePartNumber(call.query.get('partNumber') ?? '')
  refuseUnknownHeaders(call.headers)
  const { algorithm } = upload.checksum
  const body = expectBody(call.headers, call.payload, { algorithm })
  judgeAlgorithm(upload.checksum, body.given)
  const { part, given } = await s3.blobs
    .receive(call.request, body.options, (received) => {
      body.verify(received)
      const checksum = received.checksums.find((one) => one.algorithm === body.given)
      return { part: addPart(s3, upload, number, received), given: checksum }
    })
    .catch((error: unknown) => {
      throw bodyError(error)
    })
  call.response
    .writeHead(200, {
      ETag: quoted(part.etag),
      'x-amz-server-side-encryption': 'AES256',
      ...(given && { [`x-amz-checksum-${given.algorithm}`]: given.value }),
      'Content-Length': 0,
    })
    .end()
}

/** UploadPartCopy. https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export async function uploadPartCopy(s3: S3, call: ObjectCall): Promise<void> {
  const upload = findUpload(s3, call)
  const number = parsePartNumber(call.query.get('partNumber') ?? '')
  refuseUnknownHeaders(call.headers, [...COPY_SOURCE, 'x-amz-copy-source-range'])
  const { version: source, headers } = findCopySource(s3, call)
  const range = copiedRange(call.headers.get('x-amz-copy-source-range'), source.size)
  const { algorithm } = upload.checksum
  const body = createReadStream('', { fd: s3.blobs.open(source.file), start: range.first, end: range.last })
  const part = await receiveAll(s3, body, algorithm, (received) => addPart(s3, upload, number, received))
  for (const [name, value] of Object.entries(headers)) call.response.setHeader(name, value)
  answerXml(
    call.response,
    s3Document('CopyPartResult', [
      element('LastModified', new Date(part.modified).toISOString()),
      element('ETag', quoted(part.etag)),
      ...(upload.checksum.isDeclared ? [element(`Checksum${algorithm.toUpperCase()}`, part.checksum)] : []),
    ]),
  )
}

/** AbortMultipartUpload. https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export function abortMultipartUpload(s3: S3, call: ObjectCall): void {
  abortUpload(s3, findUpload(s3, call))
  call.response.writeHead(204).end()
}

/**
 * Takes an upload away with the bytes of its parts.
 * @throws S3Error OperationAborted where it is being completed.
 */
export function abortUpload(s3: S3, upload: MultipartUpload): void {
  refuseWhileCompleting(s3, upload)
  s3.cloud.db.transaction(() => removeUpload(s3, upload))
}

/** Runs in the transaction of its caller. */
export function removeUpload({ cloud, uploads, blobs }: S3, { uploadId }: MultipartUpload): void {
  const files = uploads.parts(uploadId).map(({ file }) => file)
  uploads.remove(uploadId)
  cloud.db.afterCommit(() => {
    for (const file of files) blobs.remove(file)
  })
}

/** @throws S3Error NoSuchUpload */
export function findUpload({ uploads }: S3, { bucket, key, query }: ObjectCall): MultipartUpload {
  const uploadId = query.get('uploadId') ?? ''
  const upload = uploads.find(uploadId)
  if (upload && upload.bucket === bucket.name && upload.key === key) return upload
  throw noSuchUpload(uploadId)
}

/** @throws S3Error OperationAborted */
export function refuseWhileCompleting({ completing }: S3, { uploadId }: MultipartUpload): void {
  if (!completing.has(uploadId)) return
  const message =
    'A conflicting conditional operation is currently in progress against this resource. Please try again.'
  throw new S3Error(409, 'OperationAborted', message)
}

/** Keeps what a stream of our own brings. */
export async function receiveAll<T>(
  { blobs }: S3,
  body: Readable,
  algorithm: Algorithm,
  accept: (received: Received) => T,
): Promise<T> {
  try {
    return await blobs.receive(body, { algorithms: [algorithm] }, accept)
  } finally {
    body.destroy()
  }
}

function addPart(s3: S3, upload: MultipartUpload, number: number, received: Received): UploadedPart {
  const { cloud, uploads, blobs } = s3
  const part: UploadedPart = {
    number,
    file: received.file,
    size: received.size,
    etag: received.md5,
    checksum: computedChecksum(received, upload.checksum.algorithm).value,
    modified: cloud.now(),
  }
  cloud.db.transaction(() => {
    // It may have ended while the bytes were on their way.
    if (!uploads.find(upload.uploadId)) throw noSuchUpload(upload.uploadId)
    refuseWhileCompleting(s3, upload)
    const replaced = uploads.addPart(upload.uploadId, part)
    if (replaced) cloud.db.afterCommit(() => blobs.remove(replaced.file))
  })
  return part
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
function wantedChecksum(headers: ReadonlyMap<string, string>): UploadChecksum {
  const name = headers.get('x-amz-checksum-algorithm')
  const type = headers.get('x-amz-checksum-type')
  if (type !== undefined && type !== 'COMPOSITE' && type !== 'FULL_OBJECT') {
    throw invalidRequest('Value for x-amz-checksum-type header is invalid.')
  }
  if (name === undefined) {
    if (type === undefined) return { algorithm: DEFAULT_ALGORITHM, type: 'FULL_OBJECT', isDeclared: false }
    throw invalidRequest('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.')
  }
  const algorithm = name.toLowerCase()
  if (!isAlgorithm(algorithm)) {
    throw invalidRequest('Checksum algorithm provided is unsupported. Please try again with any of the valid types.')
  }
  const types = typesOf(algorithm)
  const chosen = type ?? types[0]
  if (chosen && types.includes(chosen)) return { algorithm, type: chosen, isDeclared: true }
  throw invalidRequest(`The ${chosen} checksum type cannot be used with the ${algorithm} checksum algorithm.`)
}

/** The usual one first. */
function typesOf(algorithm: Algorithm): readonly ChecksumType[] {
  if (algorithm === 'crc64nvme') return ['FULL_OBJECT']
  return algorithm === 'sha1' || algorithm === 'sha256' ? ['COMPOSITE'] : ['COMPOSITE', 'FULL_OBJECT']
}

/** Checksums of parts can only make up that of the object where all are of its algorithm. */
function judgeAlgorithm({ algorithm, type, isDeclared }: UploadChecksum, given: Algorithm | undefined): void {
  if (!isDeclared || given === algorithm || (given === undefined && type === 'FULL_OBJECT')) return
  throw invalidRequest(
    `Checksum Type mismatch occurred, expected checksum Type: ${algorithm}, actual checksum Type: ${given ?? 'null'}`,
  )
}

/** Unlike a reader's range, this one must name both ends, and lie within its source. */
function copiedRange(header: string | undefined, size: number): ByteRange {
  const name = 'x-amz-copy-source-range'
  const match = header === undefined ? undefined : /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header)
  if (match === null) {
    throw invalidArgument(
      `The ${name} value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy`,
      name,
      header,
    )
  }
  const first = Number(match?.[1] ?? 0)
  const last = match ? Number(match[2]) : size - 1
  if (match && (last >= size || first > last)) {
    throw invalidArgument(`Range specified is not valid for source object of size: ${size}`, name, header)
  }
  if (last - first >= MAX_BYTES) {
    throw invalidRequest(
      `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_BYTES}`,
    )
  }
  return { first, last }
}
