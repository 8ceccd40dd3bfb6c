import { createHash } from 'node:crypto'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  type PutObjectCommandOutput,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { StoredObject } from '../../contracts/stored-object.ts'
import { ObjectGone, type Objects, ObjectTooLarge, type SignedUpload, type UploadGrant } from './objects.ts'

export interface S3ObjectsOptions {
  /** Must keep versions. */
  readonly bucket: string
  /** Made from the environment where not given. */
  readonly client?: S3Client
}

/** Derived objects get a new key when they change. Not `public`: whether a shared cache may keep them is the CDN's choice. */
export const IMMUTABLE = 'max-age=31536000, immutable'

/**
 * Objects in S3. Throttling, timeouts and refused permissions pass through as the SDK's errors.
 *
 * The role needs `s3:ListBucket` on the bucket: without it S3 answers 403 for an object that is gone, which then can't
 * be told from a missing permission.
 */
export function s3Objects({ bucket, client = defaultClient() }: S3ObjectsOptions): Objects {
  return {
    bucket,

    async read(object, maxBytes) {
      const answer = await client
        .send(
          new GetObjectCommand({
            Bucket: object.bucket,
            Key: object.key,
            VersionId: object.versionId,
            IfMatch: quoted(object.etag),
          }),
        )
        .catch((error: unknown) => {
          throw isGone(error) ? new ObjectGone(`${describe(object)} is gone`, { cause: error }) : error
        })
      if (answer.Body === undefined) throw new Error(`S3 answered without a body for ${describe(object)}`)
      const bytes = answer.ContentLength ?? object.bytes
      if (bytes > maxBytes) {
        await answer.Body.transformToWebStream().cancel()
        throw new ObjectTooLarge(`${describe(object)} has ${bytes} bytes, at most ${maxBytes} are read`)
      }
      return readWhole(answer.Body as AsyncIterable<Uint8Array>, bytes)
    },

    async put(key, bytes, { contentType, cacheControl = IMMUTABLE }) {
      const checksum = createHash('sha256').update(bytes).digest('base64')
      const store = (condition: { readonly IfNoneMatch?: '*' }) =>
        client.send(
          new PutObjectCommand({
            ...condition,
            Bucket: bucket,
            Key: key,
            Body: bytes,
            ContentLength: bytes.byteLength,
            ContentType: contentType,
            CacheControl: cacheControl,
            ChecksumSHA256: checksum,
          }),
        )
      const asStored = (answer: Pick<PutObjectCommandOutput, 'VersionId' | 'ETag'>): StoredObject => {
        if (answer.VersionId === undefined) throw new Error(`bucket ${bucket} keeps no versions: switch versioning on`)
        const { byteLength } = bytes
        return { bucket, key, versionId: answer.VersionId, etag: unquoted(answer.ETag), bytes: byteLength }
      }
      try {
        return asStored(await store({ IfNoneMatch: '*' }))
      } catch (error) {
        if (!isTaken(error)) throw error
        const there = await currentVersion(client, bucket, key)
        return asStored(there?.ChecksumSHA256 === checksum ? there : await store({}))
      }
    },

    async head(object) {
      try {
        const answer = await client.send(
          new HeadObjectCommand({
            Bucket: object.bucket,
            Key: object.key,
            VersionId: object.versionId,
            IfMatch: quoted(object.etag),
          }),
        )
        return {
          bytes: answer.ContentLength ?? 0,
          etag: unquoted(answer.ETag),
          contentType: answer.ContentType ?? 'application/octet-stream',
        }
      } catch (error) {
        if (isGone(error)) return undefined
        throw error
      }
    },

    async versions(key) {
      const found: StoredObject[] = []
      let marker: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {}
      while (marker !== undefined) {
        const page: ListObjectVersionsCommandOutput = await client.send(
          new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, ...marker }),
        )
        for (const version of page.Versions ?? []) {
          if (version.Key !== key || version.VersionId === undefined) continue
          found.push({
            bucket,
            key,
            versionId: version.VersionId,
            etag: unquoted(version.ETag),
            bytes: version.Size ?? 0,
          })
        }
        marker = nextPage(page, key)
      }
      return found
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

    signDownload: (object, { expiresInSeconds }) =>
      getSignedUrl(
        client,
        new GetObjectCommand({ Bucket: object.bucket, Key: object.key, VersionId: object.versionId }),
        { expiresIn: expiresInSeconds },
      ),
  }
}

/** Into one piece of memory from the start: gathered chunks would live until the last has come, twice the size in all. */
async function readWhole(body: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size)
  let at = 0
  for await (const chunk of body) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  if (at !== size) throw new Error(`S3 announced ${size} bytes and sent ${at}`)
  return bytes
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

/** A key sorts before every longer key that it is the prefix of, so the first other key ends the search. */
function nextPage(
  page: ListObjectVersionsCommandOutput,
  key: string,
): { KeyMarker: string; VersionIdMarker?: string } | undefined {
  if (page.IsTruncated !== true || page.NextKeyMarker !== key) return undefined
  return {
    KeyMarker: key,
    ...(page.NextVersionIdMarker === undefined ? {} : { VersionIdMarker: page.NextVersionIdMarker }),
  }
}

/**
 * NoSuchVersion and NoSuchKey name themselves; HEAD has no body, so it says NotFound. A delete marker answers 405, and
 * 412 says that this version never had those bytes.
 */
function isGone(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false
  if (['NoSuchVersion', 'NoSuchKey', 'NotFound'].includes(error.name)) return true
  const status = error.$metadata.httpStatusCode
  return status === 405 || status === 412
}

/** Something lies under the key already, or another PUT to it is under way. */
function isTaken(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false
  return error.$metadata.httpStatusCode === 412 || error.name === 'ConditionalRequestConflict'
}

async function currentVersion(
  client: S3Client,
  bucket: string,
  key: string,
): Promise<HeadObjectCommandOutput | undefined> {
  try {
    return await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }))
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

const quoted = (etag: string): string => `"${etag}"`
const unquoted = (etag: string | undefined): string => (etag ?? '').replaceAll('"', '')
const describe = (object: StoredObject): string => `s3://${object.bucket}/${object.key} (${object.versionId})`
