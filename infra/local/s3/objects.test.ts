import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import fc from 'fast-check'
import { failure } from './refusal-for-test.ts'
import { PUBLISHING, type ServedS3, serveS3, until, VERSIONED } from './serve-for-test.ts'

let served: ServedS3
beforeAll(async () => {
  served = await serveS3()
  served.bucket('plain', PUBLISHING)
  served.bucket('versioned', { ...VERSIONED, ...PUBLISHING })
})
afterAll(() => served.close())

const put = (Key: string, Body: string | Uint8Array, more: Partial<PutObjectCommandInput> = {}) =>
  served.client.send(new PutObjectCommand({ Bucket: 'versioned', Key, Body, ...more }))
const get = (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  served.client.send(new GetObjectCommand({ Bucket: 'versioned', Key, ...more }))
const textOf = async (answer: Promise<{ Body?: { transformToString(): Promise<string> } | undefined }>) =>
  await (await answer).Body?.transformToString()

describe('an object', () => {
  it('comes back with what was said of it', async () => {
    const body = randomBytes(300_000)
    const said = { ContentType: 'image/png', CacheControl: 'max-age=1', Metadata: { mood: 'good' } }
    const stored = await put('a b/ü+.bin', body, { ...said, ContentDisposition: 'attachment; filename="x"' })
    const got = await get('a b/ü+.bin')
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true)
    expect(got).toMatchObject({ ...said, ETag: stored.ETag, VersionId: stored.VersionId })
    expect(got.ChecksumCRC32).toBe(stored.ChecksumCRC32)
    expect(stored.ETag).toBe(`"${createHash('md5').update(body).digest('hex')}"`)

    const head = await served.client.send(new HeadObjectCommand({ Bucket: 'versioned', Key: 'a b/ü+.bin' }))
    expect(head).toMatchObject({ ...said, ETag: stored.ETag, VersionId: stored.VersionId, ContentLength: 300_000 })
  })

  it('of any bytes under any key comes back byte-identical', async () => {
    const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter((text) => text.isWellFormed())
    await fc.assert(
      fc.asyncProperty(key, fc.uint8Array({ maxLength: 70_000 }), async (name, bytes) => {
        await served.client.send(new PutObjectCommand({ Bucket: 'plain', Key: name, Body: bytes }))
        const got = await served.client.send(new GetObjectCommand({ Bucket: 'plain', Key: name }))
        expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(Buffer.from(bytes))).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it.each(['../escape', '/etc/passwd', 'a/../../b', '..', './x', 'a//b', '%2e%2e/x', 'a?b#c', 'CON', 'a\\b'])(
    'may have the key %s, which is data and no path',
    async (key) => {
      const before = served.files().length
      await put(key, key)
      expect(await textOf(get(key))).toBe(key)
      expect(served.files()).toHaveLength(before + 1)
      expect(served.files().every((name) => /^objects\/[0-9a-f-]{36}$/.test(name))).toBe(true)
    },
  )

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)('is held to its checksum %s', async (name) => {
    const value = { CRC32: 'NSRBwg==', CRC32C: 'Nks/tw==', CRC64NVME: 'BeXKuz/B+us=' } as Record<string, string>
    const expected = value[name] ?? createHash(name).update('abc').digest('base64')
    const field = `Checksum${name}`
    const { client } = served
    const stored = await client.send(
      new PutObjectCommand({
        Bucket: 'versioned',
        Key: name,
        Body: 'abc',
        ChecksumAlgorithm: name === 'CRC64NVME' ? 'CRC32' : name,
        [field]: expected,
      }),
    )
    expect(stored).toMatchObject({ [field]: expected })
    expect(await get(name, { ChecksumMode: 'ENABLED' })).toMatchObject({
      [field]: expected,
      ChecksumType: 'FULL_OBJECT',
    })
    const wrong = Buffer.from(expected, 'base64').fill(1).toString('base64')
    expect(await failure(put(name, 'abc', { [field]: wrong }))).toEqual({ code: 'BadDigest', status: 400 })
    expect(await failure(put(name, 'abc', { [field]: 'YQ==' }))).toEqual({ code: 'InvalidRequest', status: 400 })
  })

  it('has a CRC64NVME of S3’s own where its sender gives no checksum', async () => {
    const client = served.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' })
    const stored = await client.send(new PutObjectCommand({ Bucket: 'versioned', Key: 'unsummed', Body: 'abc' }))
    expect(stored).toMatchObject({ ChecksumCRC64NVME: 'BeXKuz/B+us=', ChecksumType: 'FULL_OBJECT' })
    const got = await get('unsummed', { ChecksumMode: 'ENABLED' })
    expect(got).toMatchObject({ ChecksumCRC64NVME: 'BeXKuz/B+us=', ChecksumType: 'FULL_OBJECT' })
    await client.send(new CopyObjectCommand({ Bucket: 'versioned', Key: 'copied', CopySource: 'versioned/unsummed' }))
    expect(await get('copied', { ChecksumMode: 'ENABLED' })).toMatchObject({ ChecksumCRC64NVME: 'BeXKuz/B+us=' })
  })

  it('must say how long it is, unless it comes framed', async () => {
    const url = new URL(await getSignedUrl(served.client, new PutObjectCommand({ Bucket: 'plain', Key: 'unframed' })))
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sending = httpRequest(url, { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } })
      sending.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject)
      sending.end('abc')
    })
    expect(status).toBe(411)
  })

  it('is held to its MD5', async () => {
    const md5 = (text: string) => createHash('md5').update(text).digest('base64')
    await put('md5', 'abc', { ContentMD5: md5('abc') })
    expect(await failure(put('md5', 'abc', { ContentMD5: md5('abd') }))).toMatchObject({ code: 'BadDigest' })
    expect(await failure(put('md5', 'abc', { ContentMD5: 'abc' }))).toMatchObject({ code: 'InvalidDigest' })
  })

  it('is not stored, nor is its file kept, when its bytes are not those that were signed', async () => {
    const before = served.files()
    const client = served.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' })
    client.middlewareStack.add(
      (next) => async (args) => {
        if (args.request instanceof Object && 'body' in args.request) args.request.body = 'tampered!'
        return await next(args)
      },
      { step: 'finalizeRequest', priority: 'low' },
    )
    const tampered = client.send(new PutObjectCommand({ Bucket: 'versioned', Key: 'signed', Body: 'original!' }))
    expect(await failure(tampered)).toMatchObject({ code: 'XAmzContentSHA256Mismatch' })
    expect(served.files()).toEqual(before)
  })

  it('may come as a stream with its checksum behind it, and is held to that', async () => {
    const stream = () => Readable.from([Buffer.from('some '), Buffer.from('pieces')])
    const command = () =>
      new PutObjectCommand({ Bucket: 'versioned', Key: 'stream', Body: stream(), ContentLength: 11 })
    const stored = await served.client.send(command())
    expect(stored.ChecksumCRC32).toBeDefined()
    expect(await textOf(get('stream'))).toBe('some pieces')

    const before = served.files()
    // The SDK warns that it cannot send a stream again.
    const logger = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }
    const client = served.newClient({ logger })
    client.middlewareStack.add(
      (next) => async (args) => {
        const { request } = args as { request: { body: Readable; headers: Record<string, string> } }
        expect(request.headers['x-amz-content-sha256']).toBe('STREAMING-UNSIGNED-PAYLOAD-TRAILER')
        request.body = Readable.from(request.body.map((piece) => Buffer.from(String(piece).replace('some', 'sane'))))
        return await next(args)
      },
      { step: 'finalizeRequest', priority: 'low' },
    )
    expect(await failure(client.send(command()))).toMatchObject({ code: 'BadDigest' })
    expect(served.files()).toEqual(before)
  })

  it('leaves nothing behind when its sender hangs up', async () => {
    const before = served.files()
    const url = new URL(await getSignedUrl(served.client, new PutObjectCommand({ Bucket: 'plain', Key: 'half' })))
    await new Promise<void>((resolve) => {
      const sending = httpRequest(url, { method: 'PUT', headers: { 'content-length': 1_000_000 } })
      sending.on('error', () => resolve())
      sending.write(Buffer.alloc(100_000), () => setTimeout(() => sending.destroy(new Error('hang up')), 20))
    })
    await until(() => served.files().length === before.length)
    expect(served.files()).toEqual(before)
    expect(served.logged).toEqual([])
  })

  it('is written only where nothing is, or over what was seen, when that is asked', async () => {
    const first = await put('once', '1', { IfNoneMatch: '*' })
    expect(await failure(put('once', '2', { IfNoneMatch: '*' }))).toEqual({ code: 'PreconditionFailed', status: 412 })
    await put('once', '3', { IfMatch: first.ETag })
    expect(await failure(put('once', '4', { IfMatch: first.ETag }))).toMatchObject({ code: 'PreconditionFailed' })
    expect(await failure(put('never', '4', { IfMatch: first.ETag }))).toEqual({ code: 'NoSuchKey', status: 404 })
    expect(await textOf(get('once'))).toBe('3')
  })

  it('is written by one of many who race for it', async () => {
    const writers = Array.from({ length: 8 }, (_, i) => put('race', String(i), { IfNoneMatch: '*' }))
    const answers = await Promise.allSettled(writers)
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('asks for nothing in silence that is not run', async () => {
    expect(await failure(put('x', 'x', { ACL: 'public-read' }))).toEqual({ code: 'NotImplemented', status: 501 })
    expect(await failure(put('x', 'x', { ServerSideEncryption: 'aws:kms' }))).toMatchObject({ code: 'NotImplemented' })
  })
})

describe('reading', () => {
  let etag: string | undefined
  beforeAll(async () => {
    etag = (await put('digits', '0123456789', { ContentType: 'text/plain' })).ETag
  })

  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-30', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
    ['bytes=0-0,2-2', '0123456789', undefined],
    ['bytes=4-2', '0123456789', undefined],
    ['items=1-2', '0123456789', undefined],
  ])('the range %s gives %s', async (Range, text, contentRange) => {
    const got = await get('digits', { Range })
    expect(await got.Body?.transformToString()).toBe(text)
    expect(got.ContentRange).toBe(contentRange)
    expect(got.$metadata.httpStatusCode).toBe(contentRange ? 206 : 200)
  })

  it.each(['bytes=10-', 'bytes=-0'])('the range %s holds no byte', async (Range) => {
    expect(await failure(get('digits', { Range }))).toEqual({ code: 'InvalidRange', status: 416 })
  })

  it('of a range goes on only where the object is still the one that it began with', async () => {
    const read = async (ifRange: string) => {
      const url = await getSignedUrl(served.client, new GetObjectCommand({ Bucket: 'versioned', Key: 'digits' }))
      const response = await fetch(url, { headers: { range: 'bytes=8-', 'if-range': ifRange } })
      return { status: response.status, text: await response.text(), date: response.headers.get('last-modified') ?? '' }
    }
    const { status, text, date } = await read(etag ?? '')
    expect([status, text]).toEqual([206, '89'])
    expect(await read(date)).toMatchObject({ status: 206, text: '89' })
    expect(await read('"other"')).toMatchObject({ status: 200, text: '0123456789' })
    expect(await read(`W/${etag}`)).toMatchObject({ status: 200 })
    expect(await read('Sat, 01 Jan 2022 00:00:00 GMT')).toMatchObject({ status: 200 })
  })

  it('is conditional', async () => {
    const past = new Date(Date.now() - 60_000)
    const future = new Date(Date.now() + 60_000)
    expect(await failure(get('digits', { IfNoneMatch: etag }))).toMatchObject({ status: 304 })
    expect(await failure(get('digits', { IfModifiedSince: future }))).toMatchObject({ status: 304 })
    expect(await failure(get('digits', { IfMatch: '"other"' }))).toEqual({ code: 'PreconditionFailed', status: 412 })
    expect(await failure(get('digits', { IfUnmodifiedSince: past }))).toMatchObject({ status: 412 })
    expect(await textOf(get('digits', { IfMatch: etag, IfUnmodifiedSince: past }))).toBe('0123456789')
    expect(await textOf(get('digits', { IfNoneMatch: '"other"', IfModifiedSince: future }))).toBe('0123456789')
  })

  it('by a presigned URL gives the headers that it overrides', async () => {
    const command = new GetObjectCommand({
      Bucket: 'versioned',
      Key: 'digits',
      ResponseContentDisposition: 'attachment; filename="ü.txt"',
      ResponseContentType: 'application/x-digits',
    })
    const url = await getSignedUrl(served.client, command, { expiresIn: 60 })
    const response = await fetch(url)
    expect(await response.text()).toBe('0123456789')
    expect(response.headers.get('content-type')).toBe('application/x-digits')
    expect(Buffer.from(response.headers.get('content-disposition') ?? '', 'latin1').toString()).toContain('ü.txt')

    expect((await fetch(url.replace('digits?', 'other?'))).status).toBe(403)
    served.skewMs = 61_000
    const late = await fetch(url)
    served.skewMs = 0
    expect(late.status).toBe(403)
    expect(await late.text()).toContain('Request has expired')
  })

  it('without a signature is denied', async () => {
    expect((await fetch(`${served.endpoint}/versioned/digits`)).status).toBe(403)
  })

  it('of what is not there says what is missing', async () => {
    const { client } = served
    expect(await failure(get('nothing'))).toEqual({ code: 'NoSuchKey', status: 404 })
    expect(await failure(get('digits', { VersionId: 'nothing' }))).toEqual({ code: 'NoSuchVersion', status: 404 })
    const elsewhere = client.send(new GetObjectCommand({ Bucket: 'nowhere', Key: 'x' }))
    expect(await failure(elsewhere)).toEqual({ code: 'NoSuchBucket', status: 404 })
    const head = client.send(new HeadObjectCommand({ Bucket: 'versioned', Key: 'nothing' }))
    expect(await failure(head)).toEqual({ code: 'NotFound', status: 404 })
  })
})

describe('a deletion', () => {
  const remove = (Key: string, IfMatch: string) =>
    served.client.send(new DeleteObjectCommand({ Bucket: 'versioned', Key, IfMatch }))

  it('under a condition goes only where the object is still as it was seen', async () => {
    const { ETag = '' } = await put('seen', '1')
    expect(await failure(remove('seen', '"other"'))).toEqual({ code: 'PreconditionFailed', status: 412 })
    await remove('seen', ETag)
    expect(await failure(remove('seen', '*'))).toEqual({ code: 'PreconditionFailed', status: 412 })
    expect(await failure(remove('unseen', '*'))).toEqual({ code: 'NoSuchKey', status: 404 })
  })

  it('of many tells which of them were refused', async () => {
    const { ETag } = await put('first', '1')
    await put('second', '2')
    const Objects = [
      { Key: 'first', ETag },
      { Key: 'second', ETag },
    ]
    const command = new DeleteObjectsCommand({ Bucket: 'versioned', Delete: { Objects } })
    const { Deleted, Errors } = await served.client.send(command)
    expect(Deleted).toMatchObject([{ Key: 'first' }])
    expect(Errors).toMatchObject([{ Key: 'second', Code: 'PreconditionFailed' }])
    expect(await textOf(get('second'))).toBe('2')
  })
})

describe('a presigned PUT', () => {
  const CONTENT = Buffer.from('what was promised')
  const promised = () =>
    getSignedUrl(
      served.client,
      new PutObjectCommand({
        Bucket: 'versioned',
        Key: 'promised',
        ContentType: 'image/jpeg',
        ContentLength: CONTENT.length,
        ChecksumSHA256: createHash('sha256').update(CONTENT).digest('base64'),
      }),
      { expiresIn: 60, signableHeaders: new Set(['content-type', 'content-length']) },
    )
  interface Send {
    readonly url?: (url: string) => string
    readonly body?: Uint8Array<ArrayBuffer>
    readonly type?: string
    readonly skewMs?: number
    readonly headers?: Readonly<Record<string, string>>
  }
  async function send({ url = (same) => same, body = Uint8Array.from(CONTENT), type, skewMs, headers }: Send) {
    const signed = await promised()
    served.skewMs = skewMs ?? 0
    const response = await fetch(url(signed), {
      method: 'PUT',
      body,
      headers: { 'content-type': type ?? 'image/jpeg', ...headers },
    })
    served.skewMs = 0
    return { status: response.status, code: /<Code>(.*?)<\/Code>/.exec(await response.text())?.[1] }
  }

  it('takes what it was signed for', async () => {
    expect(await send({})).toMatchObject({ status: 200 })
    expect(await textOf(get('promised'))).toBe('what was promised')
  })

  it.each<[string, Send, { status: number; code: string }]>([
    ['other bytes', { body: Uint8Array.from(CONTENT).fill(1) }, { status: 400, code: 'BadDigest' }],
    ['more bytes', { body: new Uint8Array(CONTENT.length + 1) }, { status: 403, code: 'SignatureDoesNotMatch' }],
    ['another type', { type: 'text/html' }, { status: 403, code: 'SignatureDoesNotMatch' }],
    [
      'another key',
      { url: (url) => url.replace('/promised?', '/stolen?') },
      { status: 403, code: 'SignatureDoesNotMatch' },
    ],
    [
      'another checksum',
      { url: (url) => url.replace(/(x-amz-checksum-sha256=)[^&]+/, '$1AAAA') },
      { status: 403, code: 'SignatureDoesNotMatch' },
    ],
    [
      'a longer life',
      { url: (url) => url.replace('X-Amz-Expires=60', 'X-Amz-Expires=3600') },
      { status: 403, code: 'SignatureDoesNotMatch' },
    ],
    ['a header that nobody signed', { headers: { 'x-amz-tagging': 'a=b' } }, { status: 403, code: 'AccessDenied' }],
    ['too late an upload', { skewMs: 61_000 }, { status: 403, code: 'AccessDenied' }],
    [
      'a signature of the oldest kind',
      { url: (url) => `${url.split('?')[0]}?AWSAccessKeyId=LOCALKEY&Expires=9999999999&Signature=x` },
      { status: 400, code: 'InvalidRequest' },
    ],
  ])('is refused with %s', async (_what, how, refusal) => {
    const before = served.files()
    expect(await send(how)).toEqual(refusal)
    expect(served.files()).toEqual(before)
  })

  it('stores with the headers that stand in its query', async () => {
    const command = new PutObjectCommand({ Bucket: 'versioned', Key: 'presigned', Metadata: { from: 'query' } })
    const client = served.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' })
    const url = await getSignedUrl(client, command)
    expect((await fetch(url, { method: 'PUT', body: 'hello' })).status).toBe(200)
    expect(await get('presigned')).toMatchObject({ Metadata: { from: 'query' } })
  })
})

describe('versions', () => {
  const remove = (Key: string, VersionId?: string) =>
    served.client.send(new DeleteObjectCommand({ Bucket: 'versioned', Key, ...(VersionId && { VersionId }) }))

  it('each keep their bytes until they are deleted by id', async () => {
    const [first, second] = [await put('v', 'one'), await put('v', 'two')]
    expect(await textOf(get('v'))).toBe('two')
    expect(await textOf(get('v', { VersionId: first.VersionId }))).toBe('one')

    const marker = await remove('v')
    expect(marker).toMatchObject({ DeleteMarker: true })
    expect(await failure(get('v'))).toEqual({ code: 'NoSuchKey', status: 404 })
    expect(await failure(get('v', { VersionId: marker.VersionId }))).toEqual({ code: 'MethodNotAllowed', status: 405 })
    expect(await textOf(get('v', { VersionId: second.VersionId }))).toBe('two')

    await remove('v', marker.VersionId)
    expect(await textOf(get('v'))).toBe('two')
    const files = served.files().length
    await remove('v', second.VersionId)
    expect(await textOf(get('v'))).toBe('one')
    await remove('v', first.VersionId)
    await remove('v', first.VersionId)
    expect(await failure(get('v'))).toMatchObject({ code: 'NoSuchKey' })
    await until(() => served.files().length === files - 2)
  })

  it('of a bucket without them are replaced, and the old bytes go', async () => {
    const { client } = served
    const files = served.files().length
    for (const Body of ['one', 'two', 'three']) {
      const stored = await client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'v', Body }))
      expect(stored.VersionId).toBeUndefined()
    }
    await until(() => served.files().length === files + 1)
    await client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'v' }))
    await until(() => served.files().length === files)
  })

  it('that are deleted go on being read by those who began', async () => {
    const body = randomBytes(5_000_000)
    const { VersionId } = await put('reading', body)
    const got = await get('reading')
    await remove('reading', VersionId)
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true)
  })

  it('are deleted many at once', async () => {
    const { VersionId } = await put('many/1 & <2>', 'x')
    await put('many/\u0001', 'x')
    const Objects = [{ Key: 'many/1 & <2>', VersionId }, { Key: 'many/\u0001' }, { Key: 'many/none' }]
    const answer = await served.client.send(
      new DeleteObjectsCommand({ Bucket: 'versioned', Delete: { Objects: Objects.slice(0, 1) } }),
    )
    expect(answer.Deleted).toEqual([{ Key: 'many/1 & <2>', VersionId }])
    expect(await failure(get('many/1 & <2>'))).toMatchObject({ code: 'NoSuchKey' })
    const quiet = await served.client.send(
      new DeleteObjectsCommand({ Bucket: 'versioned', Delete: { Objects: Objects.slice(2), Quiet: true } }),
    )
    expect(quiet.Deleted).toBeUndefined()
  })
})

describe('a copy', () => {
  const copy = (Key: string, CopySource: string, more: object = {}) =>
    served.client.send(new CopyObjectCommand({ Bucket: 'versioned', Key, CopySource, ...more }))

  it('has the bytes and headers of its source, pinned to a version', async () => {
    const said = { ContentType: 'text/x', Metadata: { a: 'b' } }
    const { VersionId } = await put('from ü', 'old', said)
    await put('from ü', 'new')
    const answer = await copy('to', `versioned/${encodeURIComponent('from ü')}?versionId=${VersionId}`)
    expect(answer).toMatchObject({ CopySourceVersionId: VersionId, CopyObjectResult: { ChecksumType: 'FULL_OBJECT' } })
    const got = await get('to')
    expect(got).toMatchObject({ ...said, VersionId: answer.VersionId })
    expect(await got.Body?.transformToString()).toBe('old')
  })

  it('takes new headers where it is told to replace them', async () => {
    await put('replaced', 'x', { ContentType: 'text/old', Metadata: { a: 'b' } })
    await copy('replaced', '/versioned/replaced', { MetadataDirective: 'REPLACE', ContentType: 'text/new' })
    const got = await get('replaced')
    expect(got).toMatchObject({ ContentType: 'text/new', Metadata: {} })
  })

  it('is written only where nothing is, when that is asked', async () => {
    await put('source', 'x')
    const first = await copy('copied once', 'versioned/source', { IfNoneMatch: '*' })
    const again = copy('copied once', 'versioned/source', { IfNoneMatch: '*' })
    expect(await failure(again)).toEqual({ code: 'PreconditionFailed', status: 412 })
    await copy('copied once', 'versioned/source', { IfMatch: first.CopyObjectResult?.ETag })
  })

  it('is refused onto itself, from nowhere, and against its conditions', async () => {
    await put('self', 'x')
    expect(await failure(copy('self', 'versioned/self'))).toMatchObject({ code: 'InvalidRequest' })
    expect(await failure(copy('to', 'versioned/none'))).toMatchObject({ code: 'NoSuchKey' })
    expect(await failure(copy('to', 'nowhere/none'))).toMatchObject({ code: 'NoSuchBucket' })
    expect(await failure(copy('to', 'versioned'))).toMatchObject({ code: 'InvalidArgument' })
    const conditional = copy('to', 'versioned/self', { CopySourceIfMatch: '"other"' })
    expect(await failure(conditional)).toMatchObject({ code: 'PreconditionFailed' })
  })
})
