import { createHash } from 'node:crypto'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { type ServedS3, serveS3, VERSIONED } from '../infra/local/s3/serve-for-test.ts'
import { describeObjects } from '../ports/objects/objects.suite.ts'
import { s3Objects } from '../ports/objects/s3-objects.ts'
import { CLIENT_OPTIONS, objectsOverHttp } from './objects-over-http.ts'

const BUCKET = 'messageai-media-local'

const open: ServedS3[] = []

afterAll(async () => {
  for (const served of open) await served.close()
})

async function serve(): Promise<ServedS3> {
  const served = await serveS3()
  open.push(served)
  served.bucket(BUCKET, VERSIONED)
  return served
}

describeObjects('S3 in the local cloud', async () => {
  const { newClient } = await serve()
  return objectsOverHttp(newClient(CLIENT_OPTIONS), BUCKET)
})

describe('objects in the local cloud', () => {
  test('are stored with their checksum and with a year of caching', async () => {
    const { newClient } = await serve()
    const objects = s3Objects({ bucket: BUCKET, client: newClient() })
    const stored = await objects.put('images/optimized/1/r/webp.webp', Buffer.from('hello'), {
      contentType: 'image/webp',
    })

    const { headers } = await fetch(await objects.signDownload(stored, { expiresInSeconds: 60 }))
    expect(headers.get('cache-control')).toBe('max-age=31536000, immutable')
    expect(headers.get('x-amz-checksum-sha256')).toBe(createHash('sha256').update('hello').digest('base64'))
  })

  /** Objects whose lists come in pages of ten, where S3's own have a thousand. */
  async function paged() {
    const { newClient } = await serve()
    const client = newClient()
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        ({ input }) =>
          next({ input: commandName.startsWith('List') ? { ...input, MaxKeys: 10 } : input }),
      { step: 'initialize' },
    )
    const put = (Key: string) => client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' }))
    return { objects: s3Objects({ bucket: BUCKET, client }), put }
  }

  test('list more versions of a key than one page of S3 holds', async () => {
    const { objects, put } = await paged()
    await Promise.all(Array.from({ length: 25 }, () => put('a')))

    const versions = await objects.versions('a')
    expect(new Set(versions.map(({ versionId }) => versionId)).size).toBe(25)
  })

  test('list more keys below a prefix than one page of S3 holds', async () => {
    const { objects, put } = await paged()
    await Promise.all(Array.from({ length: 25 }, (_, index) => put(`hls/${index}.ts`)))

    expect(new Set((await objects.list('hls/')).map(({ key }) => key)).size).toBe(25)
  })

  test('refuse a signed upload and a signed download whose time is over', async () => {
    const served = await serve()
    const objects = s3Objects({ bucket: BUCKET, client: served.newClient() })
    const stored = await objects.put('a', Buffer.from('hello'), { contentType: 'image/webp' })
    const url = await objects.signDownload(stored, { expiresInSeconds: 600 })
    const upload = await objects.signUpload({ key: 'b', contentType: 'image/webp', bytes: 5, expiresInSeconds: 600 })
    served.skewMs = 601_000

    expect((await fetch(url)).status).toBe(403)
    const form = new FormData()
    for (const [name, value] of Object.entries(upload.fields)) form.append(name, value)
    form.append('file', new Blob(['hello']))
    expect((await fetch(upload.url, { method: 'POST', body: form })).status).toBe(403)
  })
})
