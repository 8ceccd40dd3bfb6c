import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { attempt, BUCKET, type Peer } from '../peer.ts'

const FIRST = Buffer.alloc(5 * 1024 ** 2, 'a')
const LAST = Buffer.from('the end')

const upload = { Bucket: BUCKET, Key: 'multipart/video' }

/** An upload in parts, from its start to the object, with what is refused on the way. */
export async function uploadInParts({ s3 }: Peer): Promise<void> {
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({
      ...upload,
      ContentType: 'video/mp4',
      Metadata: { media: 'm1' },
      ChecksumAlgorithm: 'SHA256',
    }),
  )
  const part = async (PartNumber: number, Body: Uint8Array): Promise<CompletedPart> => {
    const command = new UploadPartCommand({ ...upload, UploadId, PartNumber, Body, ChecksumAlgorithm: 'SHA256' })
    const { ETag, ChecksumSHA256 } = await s3.send(command)
    return { PartNumber, ETag, ChecksumSHA256 }
  }
  await part(1, LAST)
  const last = await part(3, LAST)
  await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))
  await s3.send(new ListPartsCommand({ ...upload, UploadId }))
  await s3.send(new ListPartsCommand({ ...upload, UploadId, MaxParts: 1 }))

  const complete = (Parts: CompletedPart[], IfNoneMatch?: string) =>
    s3.send(
      new CompleteMultipartUploadCommand({
        ...upload,
        UploadId,
        MultipartUpload: { Parts },
        ...(IfNoneMatch !== undefined && { IfNoneMatch }),
      }),
    )
  const small = { PartNumber: 1, ETag: last.ETag, ChecksumSHA256: last.ChecksumSHA256 }
  await attempt(complete([small, last]))
  const first = await part(1, FIRST)
  await attempt(complete([last, first]))
  await attempt(complete([first, { ...last, PartNumber: 2 }]))
  await attempt(complete([{ ...first, ETag: '"0123456789abcdef0123456789abcdef"' }, last]))
  await complete([first, last])
  await s3.send(new HeadObjectCommand({ ...upload, ChecksumMode: 'ENABLED' }))
  await s3.send(new GetObjectCommand({ ...upload, Range: `bytes=${FIRST.length - 2}-` }))
  await s3.send(new GetObjectCommand({ ...upload, PartNumber: 3 }))
  await attempt(
    s3.send(
      new GetObjectAttributesCommand({
        ...upload,
        ObjectAttributes: ['ETag', 'Checksum', 'ObjectParts', 'ObjectSize'],
      }),
    ),
  )
  await attempt(complete([first, last]))
  await attempt(s3.send(new ListPartsCommand({ ...upload, UploadId })))
}

/** Parts that are copied, and an upload that is given up. */
export async function copyAndAbort({ s3 }: Peer): Promise<void> {
  const target = { Bucket: BUCKET, Key: 'multipart/copied' }
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'multipart/source', Body: '0123456789' }))
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target))
  const CopySource = `${BUCKET}/multipart/source`
  const copied = await s3.send(
    new UploadPartCopyCommand({ ...target, UploadId, PartNumber: 1, CopySource, CopySourceRange: 'bytes=2-4' }),
  )
  const Parts = [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }]
  await s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }))
  await s3.send(new GetObjectCommand(target))

  const given = await s3.send(new CreateMultipartUploadCommand(target))
  const abort = () => s3.send(new AbortMultipartUploadCommand({ ...target, UploadId: given.UploadId }))
  await s3.send(new UploadPartCommand({ ...target, UploadId: given.UploadId, PartNumber: 1, Body: 'x' }))
  await abort()
  await attempt(abort())
  await attempt(s3.send(new UploadPartCommand({ ...target, UploadId: given.UploadId, PartNumber: 2, Body: 'x' })))
  await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))
}
