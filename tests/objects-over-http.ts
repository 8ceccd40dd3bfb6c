import { PutObjectTaggingCommand, type S3Client } from '@aws-sdk/client-s3'
import type { ObjectsUnderTest } from '../ports/objects/objects.suite.ts'
import { s3Objects } from '../ports/objects/s3-objects.ts'

/** Objects in a bucket of something that speaks S3, and its clients as browsers and other services are. */
export function objectsOverHttp(client: S3Client, bucket: string): ObjectsUnderTest {
  return {
    objects: s3Objects({ bucket, client }),
    async post({ url, fields }, file) {
      const form = new FormData()
      for (const [name, value] of Object.entries(fields)) form.append(name, value)
      form.append('file', new Blob([Uint8Array.from(file)]), 'photo.jpg')
      const answer = await fetch(url, { method: 'POST', body: form })
      await answer.arrayBuffer()
      return answer.status
    },
    async fetch(url) {
      const answer = await fetch(url)
      return { status: answer.status, bytes: new Uint8Array(await answer.arrayBuffer()) }
    },
    async tag({ key, versionId }, tags) {
      const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
      const Tagging = { TagSet }
      await client.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: key, VersionId: versionId, Tagging }))
    },
  }
}

/** What such clients are made with: the SDK's habits of S3 left out, and its word on the console that a stream can't be sent twice. */
export const CLIENT_OPTIONS = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  logger: { debug() {}, info() {}, warn() {}, error() {} },
} as const
