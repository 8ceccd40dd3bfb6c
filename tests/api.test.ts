import { createHash, createHmac } from 'node:crypto'
import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3'
import sharp from 'sharp'
import type { Media } from '../infra/dev/client.ts'
import { scene } from './fixtures/scene.ts'
import { type ServedStack, serveStack, until } from './served-stack.ts'

// A photo takes seconds where the machine is busy.
jest.setTimeout(60_000)

/** As the walk-through of docs/api.md has it. */
const CONVERSATION = 'c-42'
const BUCKET = 'messageai-media-local'
const MEDIA_COLLECTION = 'projects/demo-messageai/databases/(default)/documents/media'
const UPLOAD_URL = /^http:\/\/127\.0\.0\.1:\d+\/messageai-media-local/

interface Grant {
  readonly mediaId: string
  readonly upload: { readonly method: string; readonly url: string; readonly fields: Readonly<Record<string, string>> }
  readonly expiresAt: string
  readonly limits: { readonly maxBytes: number }
}

interface Problem {
  readonly code: string
  readonly remedy: string
  readonly errors?: readonly { readonly pointer: string }[]
}

let stack: ServedStack
let s3: S3Client
let photo: Buffer
let otherPhoto: Buffer

beforeAll(async () => {
  stack = await serveStack()
  stack.put(`conversations/${CONVERSATION}`, { memberIds: ['alice', 'bob'] })
  stack.put('conversations/c-private', { memberIds: ['carol'] })
  const { endpoint, region, credentials } = stack.cloud
  s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  photo = await scene({ width: 300, height: 200 }).jpeg().toBuffer()
  otherPhoto = await sharp(photo).negate().jpeg().toBuffer()
}, 60_000)

afterAll(async () => {
  s3?.destroy()
  await stack?.close()
})

type Body = NonNullable<RequestInit['body']>

interface Call {
  readonly user?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Body
  readonly method?: string
}

function call(path: string, { user = 'alice', headers = {}, body, method }: Call = {}): Promise<Response> {
  return fetch(`${stack.apiUrl}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      authorization: `Bearer ${stack.tokenOf(user)}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  })
}

const description = (changes: object = {}) => ({
  kind: 'image',
  contentType: 'image/jpeg',
  bytes: photo.length,
  conversationId: CONVERSATION,
  ...changes,
})

async function reserve(changes: object = {}, options: Call = {}): Promise<Grant> {
  const answer = await call('/media/upload', { ...options, body: JSON.stringify(description(changes)) })
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Grant
}

/** The status of an upload with the form of a grant, and S3's code where it refuses. */
async function upload(
  { upload: { url, fields } }: Grant,
  file: Uint8Array = photo,
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<string> {
  const form = new FormData()
  for (const [name, value] of Object.entries({ ...fields, ...changes }))
    if (value !== undefined) form.append(name, value)
  form.append('file', new Blob([Uint8Array.from(file)]), 'IMG_0001.HEIC')
  const answer = await fetch(url, { method: 'POST', body: form })
  const code = /<Code>(.*)<\/Code>/.exec(await answer.text())?.[1]
  return code === undefined ? String(answer.status) : `${answer.status} ${code}`
}

async function media(mediaId: string, user = 'alice'): Promise<Media> {
  const answer = await call(`/media/${mediaId}`, { user })
  if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Media
}

const FINAL = ['ready', 'rejected', 'failed', 'expired']

function final(mediaId: string): Promise<Media> {
  return until(`${mediaId} comes to an end`, async () => {
    const seen = await media(mediaId)
    return FINAL.includes(seen.status) ? seen : undefined
  })
}

/** A refusal as docs/api.md describes it. */
async function problem(answer: Response): Promise<string> {
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  const document = (await answer.json()) as Problem & { readonly status: number }
  expect(document).toMatchObject({
    type: `https://contracts.messageai.media/problems/${document.code}`,
    title: expect.stringMatching(/./),
    status: answer.status,
    detail: expect.stringMatching(/./),
    remedy: expect.stringMatching(/./),
  })
  return `${answer.status} ${document.code}`
}

/** What lies under the key of a media's original, delete markers included. */
async function versions(mediaId: string): Promise<readonly string[]> {
  const prefix = `images/original/${mediaId}`
  const answer = await s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: prefix }))
  return [...(answer.Versions ?? []), ...(answer.DeleteMarkers ?? [])].map(({ VersionId = '' }) => VersionId)
}

describe('the walk-through of docs/api.md', () => {
  it('reserves, uploads, and sees the photo ready', async () => {
    const answer = await call('/media/upload', {
      body: JSON.stringify(description()),
      headers: { 'idempotency-key': 'photo-1' },
    })
    expect(answer.status).toBe(201)
    const grant = (await answer.json()) as Grant
    expect(answer.headers.get('location')).toBe(`/media/${grant.mediaId}`)
    expect(grant.upload).toMatchObject({ method: 'POST', url: expect.stringMatching(UPLOAD_URL) })
    expect(grant.upload.fields).toMatchObject({ key: `images/original/${grant.mediaId}`, 'Content-Type': 'image/jpeg' })
    const minutesLeft = (Date.parse(grant.expiresAt) - Date.now()) / 60_000
    expect(minutesLeft).toBeGreaterThan(9.5)
    expect(minutesLeft).toBeLessThanOrEqual(10)
    expect(await media(grant.mediaId)).toMatchObject({ status: 'reserved', thumbnails: [], variants: [] })

    expect(await upload(grant)).toBe('201')
    const ready = await final(grant.mediaId)

    expect(ready).toMatchObject({ mediaId: grant.mediaId, kind: 'image', status: 'ready' })
    expect(ready.thumbnails.map(({ name }) => name)).toEqual(['thumb', 'medium', 'large'])
    expect(ready.variants.map(({ name }) => name)).toEqual(['webp', 'jpeg'])
    for (const { url = '', bytes, contentType, width, height } of [...ready.thumbnails, ...ready.variants]) {
      const download = await fetch(url)
      expect(download.status).toBe(200)
      expect(download.headers.get('content-type')).toBe(contentType)
      const content = Buffer.from(await download.arrayBuffer())
      expect(content.length).toBe(bytes)
      expect(await sharp(content).metadata()).toMatchObject({ width, height })
    }
    expect(stack.eventsOf(grant.mediaId)[0]).toBe('MediaUploadRequested.v1')
  })

  it('shows it to the members of the conversation', async () => {
    const { mediaId } = await reserve()
    expect((await media(mediaId, 'bob')).status).toBe('reserved')
  })
})

describe('who calls', () => {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const claims = (changes: object = {}) => {
    const now = Math.floor(Date.now() / 1000)
    const [, own = ''] = stack.tokenOf('alice').split('.')
    return { ...JSON.parse(Buffer.from(own, 'base64url').toString()), iat: now, exp: now + 3600, ...changes }
  }
  const unsigned = (changes: object) => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims(changes))}.`
  const hs256 = () => {
    const head = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims())}`
    return `${head}.${createHmac('sha256', 'public key').update(head).digest('base64url')}`
  }
  const tokens: readonly (readonly [name: string, authorization: () => string | undefined])[] = [
    ['no header', () => undefined],
    ['another scheme', () => 'Basic YWxpY2U6c2VjcmV0'],
    ['no token', () => 'Bearer '],
    ['noise', () => 'Bearer not.a.token'],
    ['an expired token', () => `Bearer ${unsigned({ iat: 1_700_000_000, exp: 1_700_003_600 })}`],
    ['another project’s token', () => `Bearer ${unsigned({ aud: 'another' })}`],
    ['another issuer’s token', () => `Bearer ${unsigned({ iss: 'https://accounts.google.com' })}`],
    ['a token of tomorrow', () => `Bearer ${unsigned({ iat: Math.floor(Date.now() / 1000) + 86_400 })}`],
    ['a token of nobody', () => `Bearer ${unsigned({ sub: '' })}`],
    ['a token signed by a key of one’s own', () => `Bearer ${hs256()}`],
    ['a token of 9 KB', () => `Bearer ${unsigned({ more: 'x'.repeat(9_000) })}`],
  ]

  it.each(tokens)('is not known by %s', async (_name, authorization) => {
    const value = authorization()
    const headers = value === undefined ? {} : { authorization: value }
    const answers = await Promise.all([
      fetch(`${stack.apiUrl}/media/2f6a5a52-0b57-4d3c-9a3f-2f1a5d0c7e11`, { headers }),
      fetch(`${stack.apiUrl}/media/upload`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(description()),
      }),
    ])
    for (const answer of answers) expect(await problem(answer)).toBe('401 unauthenticated')
  })

  it('may not upload into a conversation of others', async () => {
    for (const conversationId of ['c-private', 'c-nowhere']) {
      const answer = await call('/media/upload', { body: JSON.stringify(description({ conversationId })) })
      expect(await problem(answer)).toBe('403 not-a-member')
    }
  })

  it('finds no media of others, nor one that is not there, and can’t tell which', async () => {
    const { mediaId } = await reserve()
    const answers = await Promise.all(
      [mediaId, '2f6a5a52-0b57-4d3c-9a3f-2f1a5d0c7e11'].map((id) => call(`/media/${id}`, { user: 'carol' })),
    )
    const texts = await Promise.all(answers.map((answer) => answer.clone().text()))
    expect(texts[0]).toBe(texts[1])
    for (const answer of answers) expect(await problem(answer)).toBe('404 not-found')
  })

  it.each([
    ['a number', '1'],
    ['NUL', '%00'],
    ['a path', '..%2F..%2Fconversations%2Fc-42'],
    ['a slash', 'c%2Fd'],
    ['4,000 characters', 'x'.repeat(4_000)],
    ['an emoji', '%F0%9F%99%82'],
    ['__proto__', '__proto__'],
  ])('finds no media under an id that is %s', async (_name, id) => {
    expect(await problem(await call(`/media/${id}`))).toBe('404 not-found')
  })

  it('finds no other route', async () => {
    for (const [method, path] of [
      ['GET', '/'],
      ['DELETE', '/media/upload'],
      ['GET', '/media/upload/more'],
      ['PUT', '/media/2f6a5a52-0b57-4d3c-9a3f-2f1a5d0c7e11'],
    ] as const)
      expect(await problem(await call(path, { method }))).toBe('403 forbidden')
  })
})

describe('asking for an upload', () => {
  it('gives the same media for the same idempotency key and request, and 409 for another request', async () => {
    const key = { headers: { 'idempotency-key': 'same' } }
    const [first, again] = await Promise.all([reserve({}, key), reserve({}, key)])
    expect(again.mediaId).toBe(first.mediaId)
    const other = await call('/media/upload', { ...key, body: JSON.stringify(description({ bytes: 1 })) })
    expect(await problem(other)).toBe('409 idempotency-conflict')
    const bobs = await reserve({}, { ...key, user: 'bob' })
    expect(bobs.mediaId).not.toBe(first.mediaId)
    expect(stack.eventsOf(first.mediaId)).toEqual(['MediaUploadRequested.v1'])
  })

  it('refuses types that are not taken', async () => {
    for (const contentType of ['image/svg+xml', 'text/html', 'image/jpeg;x=y', 'IMAGE/JPEG', 'image/*']) {
      const answer = await call('/media/upload', { body: JSON.stringify(description({ contentType })) })
      expect(await problem(answer)).toBe('415 unsupported-type')
    }
  })

  it('refuses files that are too large', async () => {
    const { limits } = await reserve()
    for (const bytes of [limits.maxBytes + 1, 2 ** 53]) {
      const answer = await call('/media/upload', { body: JSON.stringify(description({ bytes })) })
      expect(await problem(answer)).toBe('413 file-too-large')
    }
  })
})

describe('a hostile body', () => {
  const withField = (text: string) => () => JSON.stringify(description()).replace(/}$/, `,${text}}`)
  const bodies: readonly (readonly [name: string, expected: string, body: () => Body])[] = [
    ['that is empty', '400', () => ''],
    ['that is cut off', '400', () => JSON.stringify(description()).slice(0, -5)],
    ['that is an array', '400 invalid-request', () => '[]'],
    ['that is a string', '400 invalid-request', () => '"image"'],
    ['that is null', '400 invalid-request', () => 'null'],
    ['nested 10,000 deep', '400', () => '['.repeat(10_000) + ']'.repeat(10_000)],
    ['with a field nested 10,000 deep', '400', withField(`"x":${'{"x":'.repeat(10_000)}1${'}'.repeat(10_000)}`)],
    ['with __proto__', '400 invalid-request', withField('"__proto__":{"kind":"image"}')],
    ['with constructor', '400 invalid-request', withField('"constructor":{"prototype":{"x":1}}')],
    ['with a name twice', '400 malformed-json', withField('"bytes":1')],
    ['with a name twice, spelled otherwise', '400 malformed-json', withField('"\\u0062ytes":1')],
    [
      'that is not UTF-8',
      '400',
      () => Buffer.concat([Buffer.from('{"kind":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
    ],
    ['that is UTF-16', '400', () => Buffer.from(JSON.stringify(description()), 'utf16le')],
    ['of 100 KB', '413 body-too-large', () => JSON.stringify(description()) + ' '.repeat(100_000)],
    ['of 10 MB', '413 body-too-large', () => JSON.stringify(description()).padEnd(10 * 1024 * 1024)],
    ['of 11 MB', '413 body-too-large', () => JSON.stringify(description()).padEnd(11 * 1024 * 1024)],
    ['with −1 bytes', '400 invalid-request', () => JSON.stringify(description({ bytes: -1 }))],
    ['with 0 bytes', '400 invalid-request', () => JSON.stringify(description({ bytes: 0 }))],
    ['with half a byte', '400 invalid-request', () => JSON.stringify(description({ bytes: 0.5 }))],
    ['with 1e309 bytes', '4', () => JSON.stringify(description()).replace(/"bytes":\d+/, '"bytes":1e309')],
    ['with "5" bytes', '400 invalid-request', () => JSON.stringify(description({ bytes: '5' }))],
    [
      'with a file name of 4 KB',
      '400 invalid-request',
      () => JSON.stringify(description({ fileName: 'x'.repeat(4096) })),
    ],
    ['with a field name of 4 KB', '400 invalid-request', () => JSON.stringify(description({ ['x'.repeat(4096)]: 1 }))],
    ['with a key of its own', '400 invalid-request', () => JSON.stringify(description({ key: 'images/thumbnails/x' }))],
    ['with an unknown kind', '400 invalid-request', () => JSON.stringify(description({ kind: 'executable' }))],
    [
      'with a path for a conversation',
      '400 invalid-request',
      () => JSON.stringify(description({ conversationId: '../media/1' })),
    ],
    [
      'with a NUL in the conversation',
      '400 invalid-request',
      () => JSON.stringify(description({ conversationId: 'c-42\0' })),
    ],
    ['with a lone surrogate in the type', '4', () => JSON.stringify(description({ contentType: '\ud800' }))],
    ['with a digest that is none', '400 invalid-request', () => JSON.stringify(description({ sha256: 'abc' }))],
  ]

  it.each(bodies)('%s is refused, and leaves nothing behind', async (_name, expected, body) => {
    const before = mediaDocuments()
    const answer = await call('/media/upload', { body: body() })
    expect(await problem(answer)).toContain(expected)
    expect(answer.status).toBeLessThan(500)
    expect(mediaDocuments()).toEqual(before)
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'that calls itself %s is judged by what it holds',
    async (contentType) => {
      const headers = { 'content-type': contentType }
      const answer = await call('/media/upload', { body: '{"kind":"image"', headers })
      expect(await problem(answer)).toContain('400')
    },
  )

  it.each([
    ['is empty', ''],
    ['is too long', 'x'.repeat(129)],
    ['is not ASCII', 'schön'],
    ['has a blank', 'a b'],
  ])('with an idempotency key that %s is refused', async (_name, key) => {
    const headers = { 'idempotency-key': Buffer.from(key).toString('latin1') }
    const answer = await call('/media/upload', { body: JSON.stringify(description()), headers })
    expect(await problem(answer)).toBe('400 invalid-request')
  })

  function mediaDocuments(): number {
    return stack.firestore.documents.upTo(MEDIA_COLLECTION, 'mediaId', '~', 10_000).length
  }
})

describe('a signed upload', () => {
  const tampered = (grant: Grant, change: (policy: { conditions: unknown[] }) => void) => {
    const policy = JSON.parse(Buffer.from(grant.upload.fields['Policy'] ?? '', 'base64').toString())
    change(policy)
    return Buffer.from(JSON.stringify(policy)).toString('base64')
  }
  const misuses: readonly (readonly [name: string, answer: string, use: (grant: Grant) => Promise<string>])[] = [
    ['of a larger file', '400 EntityTooLarge', (grant) => upload(grant, Buffer.concat([photo, Buffer.alloc(1)]))],
    ['of a much larger file', '400 EntityTooLarge', (grant) => upload(grant, Buffer.alloc(20_000_000))],
    ['of a smaller file', '400 EntityTooSmall', (grant) => upload(grant, photo.subarray(1))],
    ['of an empty file', '400 EntityTooSmall', (grant) => upload(grant, Buffer.alloc(0))],
    ['to another key', '403 AccessDenied', (grant) => upload(grant, photo, { key: 'images/original/other' })],
    [
      'to a derived key',
      '403 AccessDenied',
      (grant) => upload(grant, photo, { key: 'images/thumbnails/x/thumb.webp' }),
    ],
    [
      'to a key above',
      '403 AccessDenied',
      (grant) => upload(grant, photo, { key: `../${grant.upload.fields['key']}` }),
    ],
    ['to a key that the file names', '403 AccessDenied', (grant) => upload(grant, photo, { key: `\${filename}` })],
    ['of another type', '403 AccessDenied', (grant) => upload(grant, photo, { 'Content-Type': 'text/html' })],
    ['without its type', '403 AccessDenied', (grant) => upload(grant, photo, { 'Content-Type': undefined })],
    ['with a field of one’s own', '403 AccessDenied', (grant) => upload(grant, photo, { 'x-amz-meta-owner': 'eve' })],
    ['with an ACL', '403 AccessDenied', (grant) => upload(grant, photo, { acl: 'public-read' })],
    ['into another bucket', '403 AccessDenied', (grant) => upload(grant, photo, { bucket: 'other' })],
    [
      'with another signature',
      '403 SignatureDoesNotMatch',
      (grant) => upload(grant, photo, { 'X-Amz-Signature': '0'.repeat(64) }),
    ],
    [
      'with a policy of one’s own',
      '403 SignatureDoesNotMatch',
      (grant) => upload(grant, photo, { Policy: tampered(grant, (policy) => policy.conditions.pop()) }),
    ],
    ['without a policy', '403', (grant) => upload(grant, photo, { Policy: undefined })],
    [
      'after its time',
      '403 AccessDenied',
      async (grant) => {
        stack.skewMs = 601_000
        return upload(grant).finally(() => {
          stack.skewMs = 0
        })
      },
    ],
  ]

  it.each(misuses)('%s is refused, and nothing is stored', async (_name, answer, use) => {
    const grant = await reserve()
    expect(await use(grant)).toContain(answer)
    expect(await versions(grant.mediaId)).toEqual([])
    expect((await media(grant.mediaId)).status).toBe('reserved')
  })

  it('of other bytes than those whose digest was given is refused', async () => {
    const sha256 = createHash('sha256').update(photo).digest('base64')
    const grant = await reserve({ sha256 })
    const same = Buffer.from(photo)
    same[100] = (same[100] ?? 0) ^ 1
    expect(await upload(grant, same)).toMatch(/^400 (BadDigest|XAmzContentSHA256Mismatch|InvalidRequest)/)
    expect(await versions(grant.mediaId)).toEqual([])
    expect(await upload(grant)).toBe('201')
    expect((await final(grant.mediaId)).status).toBe('ready')
  })

  it('of something else under a photo’s type comes to its refusal by the bytes', async () => {
    const page = Buffer.from('<!DOCTYPE html><html><script>alert(1)</script></html>'.padEnd(photo.length))
    const grant = await reserve()
    expect(await upload(grant, page)).toBe('201')
    expect(await final(grant.mediaId)).toMatchObject({ status: 'rejected', reason: { code: 'unsupported-type' } })
  })

  it('is good for one photo: what comes after it is ready is deleted and changes nothing', async () => {
    const grant = await reserve({ bytes: otherPhoto.length })
    expect(await upload(grant, otherPhoto)).toBe('201')
    const ready = await final(grant.mediaId)
    const [bound] = await versions(grant.mediaId)
    await until('MediaReady', async () =>
      stack.eventsOf(grant.mediaId).includes('MediaReady.v1') && settled(grant.mediaId) ? true : undefined,
    )
    const before = { document: stack.document(`media/${grant.mediaId}`), events: stack.eventsOf(grant.mediaId) }
    const swapped = Buffer.from(otherPhoto)
    swapped.fill(0, swapped.length / 2)

    expect(await upload(grant, swapped)).toBe('201')
    await until('the second version is gone', async () =>
      (await versions(grant.mediaId)).length === 1 ? true : undefined,
    )

    expect(await versions(grant.mediaId)).toEqual([bound])
    expect(stack.document(`media/${grant.mediaId}`)).toEqual(before.document)
    expect(stack.eventsOf(grant.mediaId)).toEqual(before.events)
    const after = await media(grant.mediaId)
    expect(after.status).toBe('ready')
    expect(await digests(after)).toEqual(await digests(ready))
  })

  it('takes one of two photos that race, and makes every form of that one', async () => {
    const [dark, light] = await Promise.all(
      ['#101010', '#efefef'].map((background) =>
        sharp({ create: { width: 400, height: 300, channels: 3, background } })
          .jpeg()
          .toBuffer(),
      ),
    )
    const [bytes = 0] = [Math.max(dark?.length ?? 0, light?.length ?? 0)]
    const padded = [dark, light].map((one = Buffer.alloc(0)) => Buffer.concat([one, Buffer.alloc(bytes - one.length)]))
    const grant = await reserve({ bytes })

    expect(await Promise.all(padded.map((file) => upload(grant, file)))).toEqual(['201', '201'])
    const ready = await final(grant.mediaId)
    await until('one version is left', async () => ((await versions(grant.mediaId)).length === 1 ? true : undefined))

    const [bound] = await versions(grant.mediaId)
    expect(stack.document(`media/${grant.mediaId}`)).toMatchObject({
      fields: { object: { mapValue: { fields: { versionId: { stringValue: bound } } } } },
    })
    expect(ready.status).toBe('ready')
    const means = await Promise.all(
      [...ready.thumbnails, ...ready.variants].map(async ({ url = '' }) => {
        const { channels } = await sharp(Buffer.from(await (await fetch(url)).arrayBuffer())).stats()
        return (channels[0]?.mean ?? 0) > 128
      }),
    )
    expect(new Set(means).size).toBe(1)
  })

  /** The media's deadline is taken off last of all. */
  function settled(mediaId: string): boolean {
    return !JSON.stringify(stack.document(`media/${mediaId}`)).includes('deadlineAt')
  }

  async function digests({ thumbnails, variants }: Media): Promise<readonly string[]> {
    return Promise.all(
      [...thumbnails, ...variants].map(async ({ url = '' }) => {
        const bytes = Buffer.from(await (await fetch(url)).arrayBuffer())
        return createHash('sha256').update(bytes).digest('hex')
      }),
    )
  }
})

describe('storage', () => {
  it('is closed to everybody without a signature', async () => {
    const grant = await reserve()
    expect(await upload(grant)).toBe('201')
    const key = `${stack.cloud.endpoint}/${BUCKET}/images/original/${grant.mediaId}`
    for (const [method, url] of [
      ['GET', key],
      ['HEAD', key],
      ['DELETE', key],
      ['PUT', key],
      ['GET', `${stack.cloud.endpoint}/${BUCKET}?list-type=2`],
    ] as const) {
      const answer = await fetch(url, { method, ...(method === 'PUT' && { body: 'x' }) })
      await answer.arrayBuffer()
      expect({ method, status: answer.status }).toEqual({ method, status: 403 })
    }
    await final(grant.mediaId)
  })

  it('gives by a signed URL what it was signed for, until its time is over', async () => {
    const grant = await reserve()
    await upload(grant)
    const { variants, thumbnails } = await final(grant.mediaId)
    const url = new URL(variants[0]?.url ?? '')
    const another = new URL(thumbnails[0]?.url ?? '')
    const altered = (change: (copy: URL) => void) => {
      const copy = new URL(url)
      change(copy)
      return copy
    }
    const statusOf = async (address: URL, init?: RequestInit) => {
      const answer = await fetch(address, init)
      await answer.arrayBuffer()
      return answer.status
    }

    expect(await statusOf(url)).toBe(200)
    expect(
      await statusOf(
        altered((copy) => {
          copy.pathname = another.pathname
        }),
      ),
    ).toBe(403)
    expect(
      await statusOf(
        altered((copy) => {
          copy.pathname = `/${BUCKET}/images/original/${grant.mediaId}`
        }),
      ),
    ).toBe(403)
    expect(await statusOf(altered((copy) => copy.searchParams.set('X-Amz-Expires', '604800')))).toBe(403)
    expect(
      await statusOf(
        altered((copy) => copy.searchParams.set('versionId', another.searchParams.get('versionId') ?? '')),
      ),
    ).toBe(403)
    expect(await statusOf(url, { method: 'DELETE' })).toBe(403)
    expect(await statusOf(url, { method: 'PUT', body: 'x' })).toBe(403)
    stack.skewMs = 601_000
    expect(
      await statusOf(url).finally(() => {
        stack.skewMs = 0
      }),
    ).toBe(403)
  })
})

it('had nothing to complain of in all that, but the callers whom it turned away', () => {
  // API Gateway answers 401 where an authorizer throws just this.
  const turnedAway = /^lambda:messageai-local-authorize: Error: Unauthorized$/m
  expect(stack.troubles.filter((trouble) => !turnedAway.test(trouble))).toEqual([])
})
