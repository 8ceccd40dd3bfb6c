import { readFile } from 'node:fs/promises'
import type { Input } from '../aws-json/input.ts'
import { imageTooLarge, invalidParameter, invalidS3Object, validation } from './errors.ts'

/** Finds a version of an object, the newest where none is named: its size, and the file that holds its bytes. */
export type FindObject = (
  bucket: string,
  key: string,
  versionId?: string,
) => { readonly size: number; readonly path: string } | undefined

const MEBIBYTE = 1024 * 1024
// https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
const MAX_INLINE_BYTES = 5 * MEBIBYTE
const MAX_OBJECT_BYTES = 15 * MEBIBYTE

/**
 * The bytes of an operation's `Image`.
 * @throws AwsError where it names none, two, one that isn't there or one that is too large.
 */
export async function readImage(input: Input, findObject: FindObject): Promise<Buffer> {
  const image = input.optionalInput('Image')
  if (!image) throw validation("Value null at 'image' failed to satisfy constraint: Member must not be null")
  const inline = image.optionalText('Bytes')
  const object = image.optionalInput('S3Object')
  if ((inline === undefined) === (object === undefined)) throw invalidParameter('give either Bytes or S3Object')
  if (inline !== undefined) return inlineBytes(inline)
  return object ? objectBytes(object, findObject) : Buffer.alloc(0)
}

function inlineBytes(base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length >= 1 && bytes.length <= MAX_INLINE_BYTES) return bytes
  throw validation(
    `Value at 'image.bytes' failed to satisfy constraint: Member must have length between 1 and ${MAX_INLINE_BYTES}`,
  )
}

async function objectBytes(object: Input, findObject: FindObject): Promise<Buffer> {
  const [bucket, name] = [object.optionalText('Bucket'), object.optionalText('Name')]
  if (!bucket || !name) throw invalidParameter('S3Object needs Bucket and Name')
  const found = findObject(bucket, name, object.optionalText('Version'))
  if (!found) throw invalidS3Object()
  if (found.size > MAX_OBJECT_BYTES) throw imageTooLarge(`${found.size} bytes; at most ${MAX_OBJECT_BYTES}`)
  return readFile(found.path).catch((error: NodeJS.ErrnoException) => {
    // It was deleted in this very moment.
    throw error.code === 'ENOENT' ? invalidS3Object() : error
  })
}
