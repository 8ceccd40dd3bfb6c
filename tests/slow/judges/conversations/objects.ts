import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3'
import { attempt, BUCKET, type Peer, VERSIONED_BUCKET } from '../peer.ts'

const at = (Key: string, Bucket = BUCKET) => ({ Bucket, Key })

/** Buckets, and objects that are stored, read and listed. */
export async function storeAndRead({ s3 }: Peer): Promise<void> {
  await s3.send(new ListBucketsCommand({}))
  await s3.send(new HeadBucketCommand({ Bucket: BUCKET }))
  await attempt(s3.send(new HeadBucketCommand({ Bucket: 'nowhere' })))
  await s3.send(new GetBucketLocationCommand({ Bucket: BUCKET }))
  await s3.send(new GetBucketVersioningCommand({ Bucket: BUCKET }))
  await s3.send(new GetBucketVersioningCommand({ Bucket: VERSIONED_BUCKET }))

  const { ETag } = await s3.send(
    new PutObjectCommand({
      ...at('images/original/1'),
      Body: '0123456789',
      ContentType: 'image/jpeg',
      CacheControl: 'max-age=31536000, immutable',
      ContentDisposition: 'inline',
      ContentLanguage: 'en',
      Metadata: { media: 'm1' },
      Tagging: 'scan=clean',
      ChecksumAlgorithm: 'SHA256',
    }),
  )
  await s3.send(new HeadObjectCommand({ ...at('images/original/1'), ChecksumMode: 'ENABLED' }))
  await s3.send(new GetObjectCommand({ ...at('images/original/1'), ChecksumMode: 'ENABLED' }))
  await s3.send(
    new GetObjectCommand({
      ...at('images/original/1'),
      ResponseContentType: 'text/plain',
      ResponseContentDisposition: 'attachment; filename="x"',
      ResponseCacheControl: 'no-store',
    }),
  )
  for (const Range of ['bytes=2-4', 'bytes=7-', 'bytes=-3', 'bytes=8-100', 'bytes=-30']) {
    await s3.send(new GetObjectCommand({ ...at('images/original/1'), Range }))
  }
  for (const Range of ['bytes=10-', 'bytes=0-0,2-2', 'bytes=4-2']) {
    await attempt(s3.send(new GetObjectCommand({ ...at('images/original/1'), Range })))
  }
  const conditions = [
    { IfMatch: ETag },
    { IfMatch: '"other"' },
    { IfNoneMatch: ETag },
    { IfNoneMatch: '"other"' },
    { IfModifiedSince: new Date('2001-01-01') },
    { IfUnmodifiedSince: new Date('2001-01-01') },
  ]
  for (const condition of conditions) {
    await attempt(s3.send(new GetObjectCommand({ ...at('images/original/1'), ...condition })))
  }
  await attempt(s3.send(new GetObjectCommand(at('nothing'))))
  await attempt(s3.send(new HeadObjectCommand(at('nothing'))))
  await attempt(s3.send(new GetObjectCommand(at('nothing', 'nowhere'))))
  await attempt(s3.send(new PutObjectCommand({ ...at('wrong'), Body: 'x', ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' })))
  await attempt(s3.send(new PutObjectCommand({ ...at('wrong'), Body: 'x', ChecksumCRC32: 'AAAAAA==' })))
  await attempt(s3.send(new PutObjectCommand({ ...at('images/original/1'), Body: 'x', IfNoneMatch: '*' })))
  await attempt(s3.send(new PutObjectCommand({ ...at('images/original/1'), Body: 'x', IfMatch: '"other"' })))
  await attempt(s3.send(new PutObjectCommand({ ...at('absent'), Body: 'x', IfMatch: '"other"' })))
  await s3.send(new PutObjectCommand({ ...at('images/original/2'), Body: 'second', IfNoneMatch: '*' }))
  await attempt(
    s3.send(
      new GetObjectAttributesCommand({
        ...at('images/original/1'),
        ObjectAttributes: ['ETag', 'Checksum', 'ObjectSize', 'StorageClass'],
      }),
    ),
  )
}

/** Keys under prefixes and delimiters, page by page. */
export async function list({ s3 }: Peer): Promise<void> {
  for (const Key of ['list/a', 'list/a b+c', 'list/b/1', 'list/b/2', 'list/c', 'list/ü']) {
    await s3.send(new PutObjectCommand({ ...at(Key), Body: Key }))
  }
  const whole = { Bucket: BUCKET, Prefix: 'list/' }
  await s3.send(new ListObjectsV2Command(whole))
  await s3.send(new ListObjectsV2Command({ ...whole, Delimiter: '/' }))
  await s3.send(new ListObjectsV2Command({ ...whole, StartAfter: 'list/b', FetchOwner: true }))
  await s3.send(new ListObjectsV2Command({ ...whole, EncodingType: 'url' }))
  const first = await s3.send(new ListObjectsV2Command({ ...whole, Delimiter: '/', MaxKeys: 3 }))
  await s3.send(
    new ListObjectsV2Command({ ...whole, Delimiter: '/', MaxKeys: 3, ContinuationToken: first.NextContinuationToken }),
  )
  await s3.send(new ListObjectsV2Command({ ...whole, MaxKeys: 0 }))
  await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'none/' }))
  await s3.send(new ListObjectsCommand({ ...whole, MaxKeys: 2, Marker: 'list/a' }))
  await attempt(s3.send(new ListObjectsV2Command({ Bucket: 'nowhere' })))
}

/** Copies and tags. */
export async function copyAndTag({ s3 }: Peer): Promise<void> {
  const CopySource = `${BUCKET}/images/original/1`
  await s3.send(new CopyObjectCommand({ ...at('copy'), CopySource }))
  await s3.send(new HeadObjectCommand(at('copy')))
  await s3.send(new GetObjectTaggingCommand(at('copy')))
  await s3.send(
    new CopyObjectCommand({
      ...at('replaced'),
      CopySource,
      MetadataDirective: 'REPLACE',
      ContentType: 'image/png',
      Metadata: { media: 'm2' },
      TaggingDirective: 'REPLACE',
      Tagging: 'scan=dirty',
    }),
  )
  await s3.send(new HeadObjectCommand(at('replaced')))
  await s3.send(new GetObjectTaggingCommand(at('replaced')))
  await attempt(s3.send(new CopyObjectCommand({ ...at('images/original/1'), CopySource })))
  await attempt(s3.send(new CopyObjectCommand({ ...at('copy'), CopySource: `${BUCKET}/nothing` })))
  await attempt(s3.send(new CopyObjectCommand({ ...at('copy'), CopySource, CopySourceIfMatch: '"other"' })))

  const TagSet = [
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '' },
  ]
  await s3.send(new PutObjectTaggingCommand({ ...at('copy'), Tagging: { TagSet } }))
  await s3.send(new GetObjectTaggingCommand(at('copy')))
  await s3.send(new DeleteObjectTaggingCommand(at('copy')))
  await s3.send(new GetObjectTaggingCommand(at('copy')))
  const twice = [
    { Key: 'a', Value: '1' },
    { Key: 'a', Value: '2' },
  ]
  await attempt(s3.send(new PutObjectTaggingCommand({ ...at('copy'), Tagging: { TagSet: twice } })))
  await attempt(s3.send(new GetObjectTaggingCommand(at('nothing'))))
}

/** Versions, delete markers, and many deletions at once. */
export async function deleteVersions({ s3 }: Peer): Promise<void> {
  const key = at('v', VERSIONED_BUCKET)
  const first = await s3.send(new PutObjectCommand({ ...key, Body: 'one' }))
  await s3.send(new PutObjectCommand({ ...key, Body: 'second' }))
  await s3.send(new GetObjectCommand({ ...key, VersionId: first.VersionId }))
  await s3.send(new ListObjectVersionsCommand({ Bucket: VERSIONED_BUCKET }))
  const marker = await s3.send(new DeleteObjectCommand(key))
  await attempt(s3.send(new GetObjectCommand(key)))
  await attempt(s3.send(new HeadObjectCommand({ ...key, VersionId: marker.VersionId })))
  await attempt(s3.send(new GetObjectCommand({ ...key, VersionId: 'nothing' })))
  await s3.send(new ListObjectVersionsCommand({ Bucket: VERSIONED_BUCKET, Prefix: 'v' }))
  await s3.send(new DeleteObjectCommand({ ...key, VersionId: marker.VersionId }))
  await s3.send(new GetObjectCommand(key))
  await s3.send(new DeleteObjectCommand({ ...key, VersionId: first.VersionId }))
  await s3.send(new PutObjectCommand({ ...at('w', VERSIONED_BUCKET), Body: 'w' }))
  const Objects = [{ Key: 'w' }, { Key: 'never' }]
  await s3.send(new DeleteObjectsCommand({ Bucket: VERSIONED_BUCKET, Delete: { Objects: Objects.slice(0, 1) } }))
  await s3.send(new ListObjectVersionsCommand({ Bucket: VERSIONED_BUCKET }))
  await s3.send(new DeleteObjectCommand(at('copy')))
  await s3.send(new DeleteObjectCommand(at('copy')))
  await s3.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: [{ Key: 'replaced' }] } }))
  await s3.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: [{ Key: 'list/a' }], Quiet: true } }))
}
