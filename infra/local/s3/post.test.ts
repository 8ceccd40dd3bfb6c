import { createHash } from 'node:crypto'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post'
import { PUBLISHING, type ServedS3, serveS3, VERSIONED } from './serve-for-test.ts'

let served: ServedS3
beforeAll(async () => {
  served = await serveS3()
  served.bucket('uploads', { ...VERSIONED, ...PUBLISHING })
})
afterAll(() => served.close())

const BYTES = Buffer.from('not really a picture')
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64')

const OFFER: PresignedPostOptions = {
  Bucket: 'uploads',
  Key: 'images/original/1.jpg',
  Expires: 600,
  Fields: {
    'Content-Type': 'image/jpeg',
    'x-amz-checksum-sha256': sha256(BYTES),
    'x-amz-meta-media': 'm1',
  },
  Conditions: [['content-length-range', 1, 100]],
}

type Fields = Record<string, string>

async function upload(
  change: (fields: Fields) => Fields = (fields) => fields,
  { offer = {}, bytes = BYTES }: { offer?: Partial<PresignedPostOptions>; bytes?: Uint8Array<ArrayBuffer> } = {},
): Promise<{ status: number; code: string | undefined; message: string | undefined; text: string; headers: Headers }> {
  const { url, fields } = await createPresignedPost(served.client, { ...OFFER, ...offer })
  const form = new FormData()
  for (const [name, value] of Object.entries(change(fields))) form.append(name, value)
  form.append('file', new Blob([bytes], { type: 'image/jpeg' }), 'C:\\photos\\cat (1).jpg')
  const response = await fetch(url, { method: 'POST', body: form })
  const text = await response.text()
  const part = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(text)?.[1]
  return { status: response.status, code: part('Code'), message: part('Message'), text, headers: response.headers }
}

describe('a presigned POST', () => {
  it('stores the file under the key that was offered, and tells of it', async () => {
    const { status, headers } = await upload()
    expect(status).toBe(204)
    const got = await served.client.send(new GetObjectCommand({ Bucket: 'uploads', Key: OFFER.Key }))
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(BYTES)
    expect(got).toMatchObject({
      ContentType: 'image/jpeg',
      Metadata: { media: 'm1' },
      VersionId: headers.get('x-amz-version-id'),
    })
    expect(served.events.at(-1)).toMatchObject({
      'detail-type': 'Object Created',
      detail: { reason: 'POST Object', object: { key: OFFER.Key, size: BYTES.length } },
    })
  })
})
