import {
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  S3Client,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { type Clock, systemClock } from '../clock/clock.ts'
import { contentDisposition } from './content-disposition.ts'
import { ObjectGone, type ObjectHead, type Objects, type SignedUpload, type UploadGrant } from './objects.ts'
import { isGone } from './s3-errors.ts'
import { describe, s3Reads } from './s3-read.ts'
import { s3Stores } from './s3-store.ts'
import { s3Versions } from './s3-versions.ts'

export interface S3ObjectsOptions {
  /** Must keep versions. */
  readonly bucket: string
  /** Made from the environment where not given. */
  readonly client?: S3Client
  /** Paces the second try of a file. */
  readonly clock?: Clock
}

/**
 * Objects in S3. Throttling, timeouts and refused permissions pass through as the SDK's errors.
 *
 * The role needs `s3:ListBucket` on the bucket: without it S3 answers 403 for an object that is gone, which then can't
 * be told from a missing permission.
 */
export function s3Objects({ bucket, client = defaultClient(), clock = systemClock }: S3ObjectsOptions): Objects {
  return {
    bucket,
    ...s3Reads(client),
    ...s3Stores(client, bucket, clock),
    ...s3Versions(client, bucket),

    async head(object) {
      try {
        const answer = await client.send(
          new HeadObjectCommand({
            Bucket: object.bucket,
            Key: object.key,
            VersionId: object.versionId,
            IfMatch: `"${object.etag}"`,
            ChecksumMode: 'ENABLED',
          }),
        )
        return {
          bytes: answer.ContentLength ?? 0,
          etag: (answer.ETag ?? '').replaceAll('"', ''),
          contentType: answer.ContentType ?? 'application/octet-stream',
          ...sha256Of(answer),
        }
      } catch (error) {
        if (isGone(error)) return undefined
        throw error
      }
    },

    async tags(object) {
      try {
        const { TagSet = [] } = await client.send(
          new GetObjectTaggingCommand({ Bucket: object.bucket, Key: object.key, VersionId: object.versionId }),
        )
        return Object.fromEntries(TagSet.flatMap(({ Key, Value = '' }) => (Key === undefined ? [] : [[Key, Value]])))
      } catch (error) {
        throw isGone(error) ? new ObjectGone(`${describe(object)} is gone`, { cause: error }) : error
      }
    },

    async deleteVersion(object) {
      try {
        await client.send(
          new DeleteObjectCommand({ Bucket: object.bucket, Key: object.key, VersionId: object.versionId }),
        )
      } catch (error) {
        if (!isGone(error)) throw error
      }
    },

    signUpload: (grant) => signUpload(client, bucket, grant),

    signDownload: (object, { expiresInSeconds, contentType, disposition }) =>
      getSignedUrl(
        client,
        new GetObjectCommand({
          Bucket: object.bucket,
          Key: object.key,
          VersionId: object.versionId,
          ResponseContentType: contentType,
          ResponseContentDisposition: disposition && contentDisposition(disposition),
        }),
        { expiresIn: expiresInSeconds },
      ),
  }
}

/** Of an object that came in parts S3 may have a checksum of its parts' checksums, which says nothing of the whole. */
function sha256Of({ ChecksumSHA256, ChecksumType }: HeadObjectCommandOutput): Pick<ObjectHead, 'sha256'> {
  if (ChecksumSHA256 === undefined || ChecksumType === 'COMPOSITE') return {}
  return { sha256: Buffer.from(ChecksumSHA256, 'base64').toString('hex') }
}

/** A POST policy: unlike a presigned PUT it can bind the size. Whatever the form doesn't name here, S3 refuses. */
async function signUpload(client: S3Client, bucket: string, grant: UploadGrant): Promise<SignedUpload> {
  const { url, fields } = await createPresignedPost(client, {
    Bucket: bucket,
    Key: grant.key,
    Fields: {
      'Content-Type': grant.contentType,
      success_action_status: '201',
      ...(grant.sha256 === undefined
        ? {}
        : { 'x-amz-checksum-algorithm': 'SHA256', 'x-amz-checksum-sha256': grant.sha256 }),
    },
    Conditions: [['content-length-range', grant.bytes, grant.bytes]],
    Expires: grant.expiresInSeconds,
  })
  return { url, fields }
}

function defaultClient(): S3Client {
  return new S3Client({
    // By default the SDK signs a CRC32 of no bytes into presigned requests, and uploads through them then fail.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    // And it computes the CRC-64 of all that it reads in JavaScript, 12 ms for a photo. TLS keeps the bytes whole on
    // their way, and version and ETag say which they are.
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
}
