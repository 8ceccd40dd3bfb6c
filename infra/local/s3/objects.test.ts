import { randomBytes } from 'node:crypto'
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { PUBLISHING, type ServedS3, serveS3, VERSIONED } from './serve-for-test.ts'

let served: ServedS3
beforeAll(async () => {
  served = await serveS3()
  served.bucket('plain')
  served.bucket('versioned', { ...VERSIONED, ...PUBLISHING })
})
afterAll(() => served.close())

describe('an object', () => {
  it('comes back byte-identical, with what was said of it', async () => {
    const { client } = served
    const body = randomBytes(300_000)
    const put = await client.send(
      new PutObjectCommand({
        Bucket: 'versioned',
        Key: 'a b/ü+.bin',
        Body: body,
        ContentType: 'image/png',
        CacheControl: 'max-age=1',
        Metadata: { mood: 'good' },
      }),
    )
    const head = await client.send(new HeadObjectCommand({ Bucket: 'versioned', Key: 'a b/ü+.bin' }))
    const got = await client.send(new GetObjectCommand({ Bucket: 'versioned', Key: 'a b/ü+.bin' }))
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true)
    expect(got).toMatchObject({
      ETag: put.ETag,
      VersionId: put.VersionId,
      ContentType: 'image/png',
      CacheControl: 'max-age=1',
      Metadata: { mood: 'good' },
      ChecksumCRC32: put.ChecksumCRC32,
    })
    expect(head).toMatchObject({ ETag: put.ETag, VersionId: put.VersionId, ContentLength: 300_000 })
  })
})
