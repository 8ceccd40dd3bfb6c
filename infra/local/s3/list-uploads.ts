import { answerXml } from './answer.ts'
import { abortHeaders } from './expiry.ts'
import { collect, commonElements, readListing, startOf } from './listing.ts'
import { findUpload } from './multipart.ts'
import { quoted } from './object-headers.ts'
import { parseCount } from './parameters.ts'
import type { BucketCall, ObjectCall, S3 } from './s3.ts'
import { ownerId } from './settings.ts'
import type { MultipartUpload, UploadChecksum } from './uploads.ts'
import { element, s3Document } from './xml.ts'

const MAX_PARTS = 1000

/** ListMultipartUploads. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export function listMultipartUploads(s3: S3, { bucket, query, response }: BucketCall): void {
  const listing = readListing(query, 'max-uploads')
  const { encode } = listing
  const keyMarker = query.get('key-marker') ?? ''
  // Without a key it says nothing.
  const uploadMarker = keyMarker ? (query.get('upload-id-marker') ?? '') : ''
  const marked = uploadMarker ? s3.uploads.find(uploadMarker) : undefined
  const isPast = (upload: MultipartUpload) =>
    upload.key !== keyMarker || (marked !== undefined && isYounger(upload, marked))
  const page = collect(s3.uploads.list(bucket.name, startOf(listing.prefix, keyMarker)), listing, keyMarker, isPast)
  const last = page.items.at(-1)
  answerXml(
    response,
    s3Document('ListMultipartUploadsResult', [
      element('Bucket', bucket.name),
      element('KeyMarker', encode(keyMarker)),
      element('UploadIdMarker', uploadMarker),
      ...(page.isTruncated ? [element('NextKeyMarker', encode(page.last))] : []),
      ...(page.isTruncated && last?.key === page.last ? [element('NextUploadIdMarker', last.uploadId)] : []),
      element('Prefix', encode(listing.prefix)),
      element('MaxUploads', listing.max),
      ...commonElements(listing, page),
      ...page.items.map((upload) =>
        element('Upload', [
          element('Key', encode(upload.key)),
          element('UploadId', upload.uploadId),
          ...people(s3),
          element('StorageClass', upload.storageClass),
          element('Initiated', new Date(upload.initiated).toISOString()),
          ...checksumElements(upload.checksum),
        ]),
      ),
    ]),
  )
}

/** ListParts. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export function listParts(s3: S3, call: ObjectCall): void {
  const { bucket, key, query, response } = call
  const upload = findUpload(s3, call)
  const { checksum } = upload
  const max = parseCount(query, 'max-parts', MAX_PARTS)
  const marker = parseCount(query, 'part-number-marker', Number.MAX_SAFE_INTEGER, 0)
  const after = s3.uploads.parts(upload.uploadId).filter(({ number }) => number > marker)
  const page = after.slice(0, max)
  for (const [name, value] of Object.entries(abortHeaders(bucket, upload))) response.setHeader(name, value)
  answerXml(
    response,
    s3Document('ListPartsResult', [
      element('Bucket', bucket.name),
      element('Key', key),
      element('UploadId', upload.uploadId),
      ...people(s3),
      element('StorageClass', upload.storageClass),
      element('PartNumberMarker', marker),
      element('NextPartNumberMarker', page.at(-1)?.number ?? 0),
      element('MaxParts', max),
      element('IsTruncated', page.length < after.length),
      ...checksumElements(checksum),
      ...page.map((part) =>
        element('Part', [
          element('PartNumber', part.number),
          element('LastModified', new Date(part.modified).toISOString()),
          element('ETag', quoted(part.etag)),
          element('Size', part.size),
          ...(checksum.isDeclared ? [element(`Checksum${checksum.algorithm.toUpperCase()}`, part.checksum)] : []),
        ]),
      ),
    ]),
  )
}

function isYounger(upload: MultipartUpload, than: MultipartUpload): boolean {
  if (upload.initiated !== than.initiated) return upload.initiated > than.initiated
  return upload.uploadId > than.uploadId
}

function people({ cloud }: S3): string[] {
  return ['Initiator', 'Owner'].map((role) => element(role, [element('ID', ownerId(cloud))]))
}

function checksumElements({ algorithm, type, isDeclared }: UploadChecksum): string[] {
  if (!isDeclared) return []
  return [element('ChecksumAlgorithm', algorithm.toUpperCase()), element('ChecksumType', type)]
}
