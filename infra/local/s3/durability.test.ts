import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { PUBLISHING, serveS3, VERSIONED } from './serve-for-test.ts'

const SERVER = `
  import { serveS3, PUBLISHING, VERSIONED } from '${join(import.meta.dirname, 'serve-for-test.ts')}'
  const served = await serveS3(process.argv[1])
  const { db } = served.cloud
  db.exec('create table if not exists told (detail text not null)')
  served.onPublish = (event) => db.prepare('insert into told values (?)').run(JSON.stringify(event.detail))
  served.bucket('media', { ...VERSIONED, ...PUBLISHING })
  console.log(served.endpoint)
`

it('what was answered survives kill -9 with its event, and nothing else is left', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'local-s3-killed-'))
  const child = spawn(process.execPath, ['--input-type=module', '-e', SERVER, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [endpoint] = (await once(createInterface(child.stdout), 'line')) as [string]
  const credentials = { accessKeyId: 'LOCALKEY', secretAccessKey: 'local/secret+key' }
  const client = new S3Client({ endpoint, region: 'eu-central-1', credentials, forcePathStyle: true, maxAttempts: 1 })
  const answered = new Map<string, Buffer>()
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let i = 0; ; i++) {
      const [Key, Body] = [`${writer}/${i}`, randomBytes(1 + writer * 30_000)]
      await client.send(new PutObjectCommand({ Bucket: 'media', Key, Body }))
      answered.set(Key, Body)
      if (answered.size === 100) child.kill('SIGKILL')
    }
  })
  await Promise.allSettled(writers)
  client.destroy()
  expect(answered.size).toBeGreaterThanOrEqual(100)

  const served = await serveS3(dataDir)
  served.bucket('media', { ...VERSIONED, ...PUBLISHING })
  for (const [Key, body] of answered) {
    const got = await served.client.send(new GetObjectCommand({ Bucket: 'media', Key }))
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true)
  }
  const { db } = served.cloud
  const told = db.prepare('select detail from told').all() as { detail: string }[]
  const stored = db.prepare('select version_id, file from s3_version').all() as { version_id: string; file: string }[]
  const toldOf = told.map(({ detail }) => JSON.parse(detail).object['version-id'] as string)
  expect(toldOf.sort()).toEqual(stored.map(({ version_id }) => version_id).sort())
  expect(served.files().sort()).toEqual(stored.map(({ file }) => `objects/${file}`).sort())
  await served.close()
}, 30_000)

it('a start sweeps away what a death left, and nothing else', async () => {
  const served = await serveS3()
  served.bucket('media', VERSIONED)
  await served.client.send(new PutObjectCommand({ Bucket: 'media', Key: 'k', Body: 'kept' }))
  const kept = served.files()
  const folder = join(served.cloud.dataDir, 's3')
  writeFileSync(join(folder, 'incoming', 'half'), 'half')
  writeFileSync(join(folder, 'objects', 'unnamed'), 'unnamed')
  const again = await served.reopen()
  expect(again.files()).toEqual(kept)
  const got = await again.client.send(new GetObjectCommand({ Bucket: 'media', Key: 'k' }))
  expect(await got.Body?.transformToString()).toBe('kept')
  await again.close()
})

it('stopping ends what hangs', async () => {
  const served = await serveS3()
  served.bucket('media')
  const url = new URL(await getSignedUrl(served.client, new PutObjectCommand({ Bucket: 'media', Key: 'slow' })))
  const sending = httpRequest(url, { method: 'PUT', headers: { 'content-length': 100 } })
  const failed = once(sending, 'error')
  sending.write('x')
  while (served.files().length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  await served.s3.stop()
  await failed
  expect(served.files()).toEqual([])
  await served.close()
})

it('an upload of 200 MB does not grow the memory by its size', async () => {
  const served = await serveS3()
  served.bucket('media')
  // Else the SDK signs the checksum of an empty body into the URL.
  const client = served.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' })
  const url = new URL(await getSignedUrl(client, new PutObjectCommand({ Bucket: 'media', Key: 'large' })))
  const piece = Buffer.alloc(1024 * 1024, 'x')
  const used = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
  const before = used()
  let most = 0
  const sending = httpRequest(url, { method: 'PUT', headers: { 'content-length': 200 * piece.length } })
  const answered = once(sending, 'response')
  for (let i = 0; i < 200; i++) {
    if (!sending.write(piece)) await once(sending, 'drain')
    most = Math.max(most, used() - before)
  }
  sending.end()
  const [response] = await answered
  expect(response.statusCode).toBe(200)
  response.resume()
  expect(most).toBeLessThan(80 * 1024 * 1024)
  await served.close()
}, 30_000)
