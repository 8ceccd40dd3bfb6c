import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { GetObjectCommand, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import type { Clock } from '../clock/clock.ts'
import { ObjectGone } from './objects.ts'
import { s3Objects } from './s3-objects.ts'

const stored = { bucket: 'media', key: 'images/original/1', versionId: 'v1', etag: 'abc', bytes: 5 }

describe('objects in S3', () => {
  test.each([
    ['a throttle', 'SlowDown', 503],
    ['a refused permission', 'AccessDenied', 403],
    ['a bucket that is not there', 'NoSuchBucket', 404],
  ])('pass %s through: it is no word about the object', async (_, name, status) => {
    const { objects } = failingWith(name, status)

    await expect(objects.read(stored, 10)).rejects.toMatchObject({ name })
    await expect(objects.readRange(stored, 0, 1)).rejects.toMatchObject({ name })
    await expect(objects.download(stored, '/nowhere', 10)).rejects.toMatchObject({ name })
    await expect(objects.tags(stored)).rejects.toMatchObject({ name })
    await expect(objects.head(stored)).rejects.toMatchObject({ name })
    await expect(objects.deleteVersion(stored)).rejects.toMatchObject({ name })
  })

  test.each([
    ['NoSuchVersion', 404],
    ['NoSuchKey', 404],
    ['MethodNotAllowed', 405],
    ['PreconditionFailed', 412],
  ])('are gone where S3 answers %s', async (name, status) => {
    const { objects } = failingWith(name, status)

    await expect(objects.read(stored, 10)).rejects.toThrow(ObjectGone)
    expect(await objects.head(stored)).toBeUndefined()
  })

  test('are read by version and etag together', async () => {
    const { objects, sent } = failingWith('NoSuchVersion', 404)
    await objects.read(stored, 10).catch(() => {})

    expect(sent[0]).toBeInstanceOf(GetObjectCommand)
    expect(sent[0]).toMatchObject({ input: { VersionId: 'v1', IfMatch: '"abc"' } })
  })

  describe('from a file', () => {
    let folder = ''
    let file = ''
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 's3-objects-'))
      file = join(folder, 'clip.mp4')
      writeFileSync(file, 'a clip')
    })
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    test.each([
      ['S3 is busy', failure('SlowDown', 503)],
      ['the connection breaks', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
    ])('are sent again where %s, from the start', async (_, error) => {
      const { objects, bodies, slept } = failingPuts([error, error])

      expect(await objects.putFile('a', file, { contentType: 'video/mp4' })).toMatchObject({
        versionId: 'v1',
        bytes: 6,
      })
      expect(bodies).toEqual(['a clip', 'a clip', 'a clip'])
      expect(slept).toEqual([200, 400])
    })

    test.each([
      ['it failed as often as the client tries', Array.from({ length: 3 }, () => failure('InternalError', 500)), 3],
      ['a permission is missing', [failure('AccessDenied', 403)], 1],
    ])('are given up where %s', async (_, errors, tries) => {
      const { objects, bodies } = failingPuts(errors)

      await expect(objects.putFile('a', file, { contentType: 'video/mp4' })).rejects.toBe(errors.at(-1))
      expect(bodies).toHaveLength(tries)
    })
  })

  test('bind a signed upload to one key, one size, one type and ten minutes', async () => {
    const objects = s3Objects({ bucket: 'media', client: offlineClient() })
    const { url, fields } = await objects.signUpload({
      key: 'images/original/1',
      contentType: 'image/jpeg',
      bytes: 1234,
      sha256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
      expiresInSeconds: 600,
    })

    const policy = JSON.parse(Buffer.from(fields['Policy'] ?? '', 'base64').toString())
    expect(url).toBe('https://media.s3.eu-central-1.amazonaws.com/')
    expect(policy.conditions).toEqual(
      expect.arrayContaining([
        ['content-length-range', 1234, 1234],
        { key: 'images/original/1' },
        { 'Content-Type': 'image/jpeg' },
        { success_action_status: '201' },
        { 'x-amz-checksum-algorithm': 'SHA256' },
        { 'x-amz-checksum-sha256': 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=' },
      ]),
    )
    const lifetime = Date.parse(policy.expiration) - Date.now()
    expect(lifetime).toBeGreaterThan(590_000)
    expect(lifetime).toBeLessThanOrEqual(600_000)
  })

  test('sign downloads of one version', async () => {
    const objects = s3Objects({ bucket: 'media', client: offlineClient() })
    const url = new URL(await objects.signDownload(stored, { expiresInSeconds: 60 }))

    expect(url.pathname).toBe('/images/original/1')
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ versionId: 'v1', 'X-Amz-Expires': '60' })
  })
})

function offlineClient(): S3Client {
  return new S3Client({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  })
}

function failure(name: string, status: number): S3ServiceException {
  return new S3ServiceException({
    name,
    $fault: status < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: status },
    message: name,
  })
}

function failingWith(name: string, status: number) {
  const client = offlineClient()
  const sent: unknown[] = []
  client.send = async (command: unknown) => {
    sent.push(command)
    throw failure(name, status)
  }
  return { objects: s3Objects({ bucket: 'media', client }), sent }
}

/** The bucket is empty; each error is the answer to one PUT, and then they succeed. */
function failingPuts(errors: readonly Error[]) {
  const client = offlineClient()
  const left = [...errors]
  const bodies: string[] = []
  const slept: number[] = []
  client.send = async (command: unknown) => {
    if (!(command instanceof PutObjectCommand)) throw failure('NotFound', 404)
    bodies.push(await text(command.input.Body as Readable))
    const error = left.shift()
    if (error) throw error
    return { VersionId: 'v1', ETag: '"abc"' }
  }
  const clock: Clock = {
    now: () => 0,
    async sleep(milliseconds) {
      slept.push(milliseconds)
    },
  }
  return { objects: s3Objects({ bucket: 'media', client, clock }), bodies, slept }
}
