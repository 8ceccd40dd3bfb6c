import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  CopyObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  PutObjectCommand,
  type PutObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Clock } from '../clock/clock.ts'
import { ObjectGone, type Objects, type PutOptions } from './objects.ts'
import { isGone, isTaken, isTransient } from './s3-errors.ts'

/** Derived objects get a new key when they change. Not `public`: whether a shared cache may keep them is the CDN's choice. */
const IMMUTABLE = 'max-age=31536000, immutable'

/** In bytes. With Node's own choice, a sixteenth of it, hashing a film costs twice as much. */
const CHUNK = 1024 * 1024

/** Each store is one PutObject under a SHA-256 that was taken beforehand, and none where those bytes lie there already. */
export function s3Stores(client: S3Client, bucket: string, clock: Clock): Pick<Objects, 'put' | 'putFile' | 'copy'> {
  return {
    async put(key, bytes, options) {
      const sha256 = createHash('sha256').update(bytes).digest('base64')
      const content: Content = { bytes: bytes.byteLength, sha256, send: (store) => store(bytes) }
      // Nearly always the key is new, and there is nothing to look at before.
      return storeOnce(client, { bucket, key, content, options })
    },

    async putFile(key, file, options) {
      const { bytes, sha256 } = await digestOf(file)
      const content: Content = { bytes, sha256, send: (store) => sendFile(client, file, store, clock) }
      // A look costs less than a film that is sent in vain.
      const there = await currentVersion(client, bucket, key)
      if (there?.ChecksumSHA256 === sha256) return asStored(bucket, key, bytes, there)
      return there
        ? asStored(bucket, key, bytes, await store(client, { bucket, key, content, options }))
        : storeOnce(client, { bucket, key, content, options })
    },

    async copy(object, key) {
      const source = [object.bucket, ...object.key.split('/')].map(encodeURIComponent).join('/')
      try {
        const answer = await client.send(
          new CopyObjectCommand({
            Bucket: bucket,
            Key: key,
            CopySource: `${source}?versionId=${encodeURIComponent(object.versionId)}`,
            CopySourceIfMatch: `"${object.etag}"`,
            // Copying tags takes the right to set them, which scanners alone have.
            TaggingDirective: 'REPLACE',
          }),
        )
        return asStored(bucket, key, object.bytes, { VersionId: answer.VersionId, ETag: answer.CopyObjectResult?.ETag })
      } catch (error) {
        throw isGone(error) ? new ObjectGone(`${object.key} (${object.versionId}) is gone`, { cause: error }) : error
      }
    },
  }
}

interface Content {
  readonly bytes: number
  /** base64 */
  readonly sha256: string
  /** Hands the body to `store`, again where that may help and a new body can be had. */
  send<T>(store: (body: Uint8Array | Readable) => Promise<T>): Promise<T>
}

interface Order {
  readonly bucket: string
  readonly key: string
  readonly content: Content
  readonly options: PutOptions
}

/** Unless those very bytes lie there already, also because somebody else is just storing them. */
async function storeOnce(client: S3Client, order: Order): Promise<StoredObject> {
  const { bucket, key, content } = order
  try {
    return asStored(bucket, key, content.bytes, await store(client, order, { IfNoneMatch: '*' }))
  } catch (error) {
    if (!isTaken(error)) throw error
    const there = await currentVersion(client, bucket, key)
    const isSame = there?.ChecksumSHA256 === content.sha256
    return asStored(bucket, key, content.bytes, isSame ? there : await store(client, order))
  }
}

function store(
  client: S3Client,
  { bucket, key, content, options: { contentType, cacheControl = IMMUTABLE } }: Order,
  condition: { readonly IfNoneMatch?: '*' } = {},
): Promise<PutObjectCommandOutput> {
  return content.send((body) =>
    client.send(
      new PutObjectCommand({
        ...condition,
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentLength: content.bytes,
        ContentType: contentType,
        CacheControl: cacheControl,
        ChecksumAlgorithm: 'SHA256',
        ChecksumSHA256: content.sha256,
      }),
    ),
  )
}

/** The SDK sends a stream once only; a film isn't made anew because a connection broke, so this one opens another. */
async function sendFile<T>(
  client: S3Client,
  file: string,
  store: (body: Readable) => Promise<T>,
  clock: Clock,
): Promise<T> {
  const maxAttempts = await client.config.maxAttempts()
  for (let attempt = 1; ; attempt++) {
    const body = createReadStream(file, { highWaterMark: CHUNK })
    try {
      return await store(body)
    } catch (error) {
      if (attempt >= maxAttempts || !isTransient(error)) throw error
      await clock.sleep(100 * 2 ** attempt)
    } finally {
      body.destroy()
    }
  }
}

async function digestOf(file: string): Promise<Pick<Content, 'bytes' | 'sha256'>> {
  const body = createReadStream(file, { highWaterMark: CHUNK })
  const hash = createHash('sha256')
  await pipeline(body, hash)
  return { bytes: body.bytesRead, sha256: hash.digest('base64') }
}

function asStored(
  bucket: string,
  key: string,
  bytes: number,
  { VersionId: versionId, ETag: etag }: Pick<HeadObjectCommandOutput, 'VersionId' | 'ETag'>,
): StoredObject {
  if (versionId === undefined) throw new Error(`bucket ${bucket} keeps no versions: switch versioning on`)
  return { bucket, key, versionId, etag: (etag ?? '').replaceAll('"', ''), bytes }
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
