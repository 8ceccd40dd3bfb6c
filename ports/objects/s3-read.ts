import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { StoredObject } from '../../contracts/stored-object.ts'
import { checkRange, ObjectGone, type Objects, ObjectTooLarge } from './objects.ts'
import { isGone } from './s3-errors.ts'

/** The bytes of objects, each read by version and ETag together. */
export function s3Reads(client: S3Client): Pick<Objects, 'read' | 'readRange' | 'download'> {
  return {
    async read(object, maxBytes) {
      const { body, bytes } = await open(client, object, { maxBytes })
      return readWhole(body, bytes)
    },

    async readRange(object, offset, length) {
      checkRange(offset, length)
      const last = Math.min(offset + length, object.bytes) - 1
      if (last < offset) return new Uint8Array()
      const { body, bytes } = await open(client, object, { range: `bytes=${offset}-${last}`, maxBytes: length })
      return readWhole(body, bytes)
    },

    async download(object, file, maxBytes) {
      const { body, bytes } = await open(client, object, { maxBytes })
      const sink = createWriteStream(file)
      try {
        await pipeline(body, sink)
        if (sink.bytesWritten !== bytes) throw wrongSize(bytes, sink.bytesWritten)
      } catch (error) {
        await rm(file, { force: true })
        throw error
      }
    },
  }
}

interface Wanted {
  readonly maxBytes: number
  /** An HTTP range. */
  readonly range?: string
}

/** @throws ObjectGone; ObjectTooLarge where more than `maxBytes` would come, before any of them is read. */
async function open(
  client: S3Client,
  object: StoredObject,
  { maxBytes, range }: Wanted,
): Promise<{ readonly body: Readable; readonly bytes: number }> {
  const answer = await client
    .send(
      new GetObjectCommand({
        Bucket: object.bucket,
        Key: object.key,
        VersionId: object.versionId,
        IfMatch: `"${object.etag}"`,
        ...(range === undefined ? {} : { Range: range }),
      }),
    )
    .catch((error: unknown) => {
      throw isGone(error) ? new ObjectGone(`${describe(object)} is gone`, { cause: error }) : error
    })
  const { Body: body, ContentLength: bytes } = answer
  if (!(body instanceof Readable) || bytes === undefined) throw new Error(`S3 answered without ${describe(object)}`)
  if (bytes > maxBytes) {
    body.destroy()
    throw new ObjectTooLarge(`${describe(object)} has ${bytes} bytes, at most ${maxBytes} are read`)
  }
  return { body, bytes }
}

/** Into one piece of memory from the start: gathered chunks would live until the last has come, twice the size in all. */
async function readWhole(body: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size)
  let at = 0
  for await (const chunk of body) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  if (at !== size) throw wrongSize(size, at)
  return bytes
}

const wrongSize = (announced: number, sent: number): Error =>
  new Error(`S3 announced ${announced} bytes and sent ${sent}`)

export const describe = (object: StoredObject): string => `s3://${object.bucket}/${object.key} (${object.versionId})`
