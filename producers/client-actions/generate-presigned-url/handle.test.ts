import { createHash } from 'node:crypto'
import { DOCUMENT_VERSIONS } from '../../../contracts/generated/documents.ts'
import { fakeBus } from '../../../events/fake-bus.ts'
import { sequentialIds } from '../../../ports/ids/ids.ts'
import { fakeObjects } from '../../../ports/objects/fake-objects.ts'
import { fakeReadModel } from '../../../ports/read-model/fake-read-model.ts'
import { type Data, Unavailable } from '../../../ports/read-model/read-model.ts'
import { apiRequest } from '../fixtures.ts'
import { handle, type UploadPorts } from './handle.ts'

const NOW = Date.parse('2026-03-01T10:00:00Z')
const FILE = new TextEncoder().encode('the very bytes of a photo')
const PHOTO = { kind: 'image', contentType: 'image/jpeg', bytes: FILE.byteLength, conversationId: 'c-42' }

function world() {
  const readModel = fakeReadModel({ 'conversations/c-42': { memberIds: ['alice', 'bob'] } })
  const objects = fakeObjects({ bucket: 'messageai-media-local' })
  const bus = fakeBus()
  const lines: string[] = []
  let now = NOW
  const ports: UploadPorts = {
    readModel,
    objects,
    bus,
    clock: { now: () => now, sleep: async () => {} },
    ids: sequentialIds(),
    log: (message) => lines.push(message),
  }
  return { readModel, objects, bus, lines, ports, pass: (seconds: number) => (now += seconds * 1000) }
}

interface Ask {
  readonly uid?: string
  readonly headers?: Record<string, string>
  readonly isBase64Encoded?: boolean
}

async function post(ports: UploadPorts, body: unknown, ask: Ask = {}) {
  const text = typeof body === 'string' || body === null ? body : JSON.stringify(body)
  const request = apiRequest({ method: 'POST', path: '/media/upload', resource: '/media/upload', body: text, ...ask })
  const answer = await handle(request, ports)
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) }
}

const documentOf = (data: Data | undefined): Data => {
  if (data === undefined) throw new Error('the document is missing')
  return data
}

describe('POST /media/upload', () => {
  test('reserves the media and answers a form that takes exactly this file', async () => {
    const { ports, readModel, objects } = world()
    const { status, body, headers } = await post(ports, PHOTO)

    expect(status).toBe(201)
    expect(headers).toMatchObject({ Location: `/media/${body.mediaId}`, 'Cache-Control': 'no-store' })
    expect(body).toMatchObject({
      upload: { method: 'POST' },
      expiresAt: '2026-03-01T10:10:00.000Z',
      limits: { maxBytes: 52428800, contentTypes: expect.arrayContaining(['image/jpeg', 'image/heic']) },
    })
    expect(await objects.post(body.upload, FILE)).toBe(201)
    expect(objects.contents()).toMatchObject([{ key: `images/original/${body.mediaId}` }])
    expect(readModel.documents.get(`media/${body.mediaId}`)).toEqual({
      version: DOCUMENT_VERSIONS.MediaDocument,
      mediaId: body.mediaId,
      ownerId: 'alice',
      conversationId: 'c-42',
      kind: 'image',
      declared: { contentType: 'image/jpeg', bytes: FILE.byteLength },
      reservedAt: '2026-03-01T10:00:00.000Z',
      expiresAt: '2026-03-01T10:10:00.000Z',
      deadlineAt: '2026-03-01T10:25:00.000Z',
      requestDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      life: 0,
      retry: 0,
      steps: {},
    })
  })

  test('says MediaUploadRequested once, in the trace of the request, and leaves nothing in the outbox', async () => {
    const { ports, readModel, bus } = world()
    const { body } = await post(ports, PHOTO)

    const [event, ...others] = bus.events()
    expect(others).toEqual([])
    expect(event).toMatchObject({
      meta: {
        type: 'MediaUploadRequested',
        subject: body.mediaId,
        run: '0.0',
        actor: 'alice',
        correlationId: event?.meta.id,
        causationId: event?.meta.id,
        traceparent: expect.stringMatching(/^00-67891233abcdef012345678912345678-[0-9a-f]{16}-01$/),
      },
      data: {
        mediaId: body.mediaId,
        kind: 'image',
        contentType: 'image/jpeg',
        bytes: FILE.byteLength,
        expiresAt: '2026-03-01T10:10:00.000Z',
      },
    })
    expect([...readModel.documents.keys()]).toEqual(['conversations/c-42', `media/${body.mediaId}`])
  })

  test('keeps an address that serves as uid out of the archive', async () => {
    const { ports, readModel, bus } = world()
    await readModel.commit([{ kind: 'create', path: 'conversations/c-7', data: { memberIds: ['a@example.com'] } }])
    const { status } = await post(ports, { ...PHOTO, conversationId: 'c-7' }, { uid: 'a@example.com' })

    expect(status).toBe(201)
    expect(JSON.stringify(bus.taken)).not.toContain('example.com')
  })

  test('takes only the bytes whose checksum was declared', async () => {
    const { ports, objects } = world()
    const sha256 = createHash('sha256').update(FILE).digest('base64')
    const { body } = await post(ports, { ...PHOTO, sha256 })

    expect(await objects.post(body.upload, Uint8Array.from(FILE).reverse())).toBe(400)
    expect(await objects.post(body.upload, FILE)).toBe(201)
  })

  test.each([
    ['with NUL', 'a\u0000.jpg', 'a.jpg'],
    ['from right to left', 'a\u202egpj.exe', 'agpj.exe'],
    ['of another folder', '../../a.pdf', 'a.pdf'],
  ])('keeps a file name %s as what it is', async (_, fileName, kept) => {
    const { ports, readModel } = world()
    const { body } = await post(ports, { ...PHOTO, kind: 'file', contentType: 'application/pdf', fileName })

    expect(readModel.documents.get(`media/${body.mediaId}`)).toMatchObject({ declared: { fileName: kept } })
  })

  test.each([
    ['video', 'video/mp4', 'videos/original/'],
    ['voice', 'audio/mp4', 'voice/original/'],
    ['file', 'application/x-anything', 'files/original/'],
  ])('takes a %s, too', async (kind, contentType, prefix) => {
    const { ports, objects } = world()
    const { status, body } = await post(ports, { ...PHOTO, kind, contentType })

    expect(status).toBe(201)
    expect(body.limits).toHaveProperty('maxBytes')
    expect(await objects.post(body.upload, FILE)).toBe(201)
    expect(objects.contents()).toMatchObject([{ key: `${prefix}${body.mediaId}` }])
  })

  test("takes a profile picture, which is in nobody else's conversation", async () => {
    const { ports, readModel } = world()
    const { conversationId: _, ...picture } = PHOTO
    const { status, body } = await post(ports, { ...picture, kind: 'profile' })

    expect(status).toBe(201)
    expect(readModel.documents.get(`media/${body.mediaId}`)).toMatchObject({ conversationId: '_profile:alice' })
    expect(await post(ports, { ...PHOTO, kind: 'profile' })).toMatchObject({ status: 400 })
    expect(await post(ports, picture)).toMatchObject({ status: 400 })
  })

  test('reads a body that the gateway encoded', async () => {
    const { ports } = world()
    const body = Buffer.from(JSON.stringify(PHOTO)).toString('base64')

    expect(await post(ports, body, { isBase64Encoded: true })).toMatchObject({ status: 201 })
  })

  describe('when the bus is down', () => {
    test('still answers, and leaves the event in the outbox for the sweep', async () => {
      const { ports, readModel, bus, lines } = world()
      bus.fail({ call: () => new Error('connect ECONNREFUSED') })
      const { status, body } = await post(ports, PHOTO)

      expect(status).toBe(201)
      const [path] = [...readModel.documents.keys()].filter((key) => key.startsWith('outbox/'))
      expect(readModel.documents.get(path ?? '')).toMatchObject({
        time: '2026-03-01T10:00:00.000Z',
        event: {
          meta: {
            id: path?.slice('outbox/'.length, -'~0.0'.length),
            type: 'MediaUploadRequested',
            subject: body.mediaId,
          },
        },
      })
      expect(lines).toEqual(['left an event in the outbox'])
    })
  })

  describe('when the store is down', () => {
    test('answers 503 with the time to wait, and nothing is promised', async () => {
      const { ports, bus } = world()
      const readModel = { ...ports.readModel, commit: () => Promise.reject(new Unavailable('deadline exceeded')) }
      const answer = await post({ ...ports, readModel }, PHOTO)

      expect(answer).toMatchObject({ status: 503, headers: { 'Retry-After': '2' }, body: { code: 'unavailable' } })
      expect(bus.taken).toEqual([])
    })
  })

  describe('with an Idempotency-Key', () => {
    const headers = { 'idempotency-key': 'photo-1' }

    test('gives the same media for the same request, signed anew, with the whole time again', async () => {
      const { ports, bus, pass, readModel } = world()
      const first = await post(ports, PHOTO, { headers })
      pass(300)
      const second = await post(ports, PHOTO, { headers })

      expect(second.status).toBe(201)
      expect(second.body.mediaId).toBe(first.body.mediaId)
      expect(second.body.upload.fields).not.toEqual(first.body.upload.fields)
      expect(second.body.expiresAt).toBe('2026-03-01T10:15:00.000Z')
      expect(readModel.documents.get(`media/${first.body.mediaId}`)).toMatchObject({
        reservedAt: '2026-03-01T10:00:00.000Z',
        expiresAt: '2026-03-01T10:15:00.000Z',
        deadlineAt: '2026-03-01T10:30:00.000Z',
      })
      expect(bus.taken).toHaveLength(1)
    })

    test('makes one media of many requests at once', async () => {
      const { ports, bus } = world()
      const answers = await Promise.all(Array.from({ length: 3 }, () => post(ports, PHOTO, { headers })))

      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
      expect(new Set(answers.map(({ body }) => body.mediaId)).size).toBe(1)
      expect(bus.taken).toHaveLength(1)
    })

    test.each([
      ['size', { bytes: 26 }],
      ['type', { contentType: 'image/png' }],
      ['checksum', { sha256: createHash('sha256').update('').digest('base64') }],
    ])('refuses another request: other %s', async (_, change) => {
      const { ports } = world()
      await post(ports, PHOTO, { headers })

      expect(await post(ports, { ...PHOTO, ...change }, { headers })).toMatchObject({
        status: 409,
        body: { code: 'idempotency-conflict' },
      })
    })

    test('means nothing to another caller', async () => {
      const { ports } = world()
      const alice = await post(ports, PHOTO, { headers })
      const bob = await post(ports, { ...PHOTO, bytes: 1 }, { headers, uid: 'bob' })

      expect(bob.status).toBe(201)
      expect(bob.body.mediaId).not.toBe(alice.body.mediaId)
    })

    test.each([
      ['has expired', 409, 'upload-expired', { expired: true }],
      ['was deleted', 410, 'deleted', { life: 1 }],
    ])('refuses the request again when its media %s', async (_, status, code, fields) => {
      const { ports, readModel } = world()
      const { body } = await post(ports, PHOTO, { headers })
      await readModel.commit([
        {
          kind: 'update',
          path: `media/${body.mediaId}`,
          fields: Object.entries(fields).map(([name, value]) => ({ path: [name], value })),
        },
      ])

      expect(await post(ports, PHOTO, { headers })).toMatchObject({ status, body: { code } })
    })

    test('leaves the deadline of bytes that have arrived alone', async () => {
      const { ports, readModel, pass } = world()
      const { body } = await post(ports, PHOTO, { headers })
      const object = { bucket: 'b', key: 'k', versionId: 'v', etag: 'e', bytes: 1 }
      const path = `media/${body.mediaId}`
      await readModel.commit([{ kind: 'update', path, fields: [{ path: ['object'], value: object }] }])
      const before = documentOf(readModel.documents.get(path))
      pass(300)

      expect(await post(ports, PHOTO, { headers })).toMatchObject({ status: 201, body: { mediaId: body.mediaId } })
      expect(readModel.documents.get(path)).toEqual(before)
    })

    test.each([[''], ['a'.repeat(129)], ['a b'], ['ключ'], ['a\u0000b']])('refuses the key %j', async (key) => {
      const { ports } = world()

      expect(await post(ports, PHOTO, { headers: { 'Idempotency-Key': key } })).toMatchObject({
        status: 400,
        body: { code: 'invalid-request', errors: [{ pointer: '#Idempotency-Key' }] },
      })
    })
  })

  test('answers alike for a conversation of others and one that is not there', async () => {
    const { ports, readModel } = world()
    const strangers = await post(ports, PHOTO, { uid: 'mallory' })
    const nowhere = await post(ports, { ...PHOTO, conversationId: 'nowhere' }, { uid: 'mallory' })

    expect(strangers).toMatchObject({ status: 403, body: { code: 'not-a-member' } })
    expect(nowhere).toEqual(strangers)
    expect(readModel.commits).toBe(0)
  })

  test('takes the largest file and not a byte more', async () => {
    const { ports } = world()

    expect(await post(ports, { ...PHOTO, bytes: 52428800 })).toMatchObject({ status: 201 })
    expect(await post(ports, { ...PHOTO, bytes: 52428801 })).toMatchObject({
      status: 413,
      body: { code: 'file-too-large', limits: { maxBytes: 52428800 }, errors: [{ pointer: '/bytes' }] },
    })
  })

  const text = JSON.stringify(PHOTO)
  const without = (name: keyof typeof PHOTO) => ({ ...PHOTO, [name]: undefined })

  const hostile: readonly (readonly [string, unknown, number, string, string?])[] = [
    ['no body', null, 400, 'malformed-json'],
    ['an empty body', '', 400, 'malformed-json'],
    ['truncated JSON', text.slice(0, -1), 400, 'malformed-json'],
    ['JSON and more', `${text}{}`, 400, 'malformed-json'],
    ['a form', 'kind=image&bytes=1', 400, 'malformed-json'],
    ['10,000 nested arrays', '['.repeat(10_000) + ']'.repeat(10_000), 400, 'invalid-request', ''],
    ['10,000 nested objects', `{"kind":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`, 400, 'invalid-request'],
    ['10,000 open arrays', '['.repeat(10_000), 400, 'malformed-json'],
    ['null', 'null', 400, 'invalid-request', ''],
    ['a list', '[]', 400, 'invalid-request', ''],
    ['__proto__', text.replace('{', '{"__proto__":{"admin":true},'), 400, 'invalid-request', '/__proto__'],
    ['constructor', { ...PHOTO, constructor: { prototype: {} } }, 400, 'invalid-request', '/constructor'],
    ['a name twice', text.replace('{', '{"bytes":1,'), 400, 'malformed-json', '/bytes'],
    ['a name twice, once escaped', text.replace('{', '{"\\u0062ytes":1,'), 400, 'malformed-json', '/bytes'],
    ['a body of 10 MB', { ...PHOTO, conversationId: 'c'.repeat(10 * 1024 * 1024) }, 413, 'body-too-large'],
    ['a body over the limit by one', text.padEnd(64 * 1024 + 1), 413, 'body-too-large'],
    ['a size of −1', { ...PHOTO, bytes: -1 }, 400, 'invalid-request', '/bytes'],
    ['a size of 0', { ...PHOTO, bytes: 0 }, 400, 'invalid-request', '/bytes'],
    ['a size of 1.5', { ...PHOTO, bytes: 1.5 }, 400, 'invalid-request', '/bytes'],
    ['a size of 1e309', text.replace(`"bytes":${FILE.byteLength}`, '"bytes":1e309'), 400, 'invalid-request', '/bytes'],
    ['a size of 1e300', text.replace(`"bytes":${FILE.byteLength}`, '"bytes":1e300'), 413, 'file-too-large', '/bytes'],
    ['a size of "5"', { ...PHOTO, bytes: '5' }, 400, 'invalid-request', '/bytes'],
    ['a file name of 4 KB', { ...PHOTO, fileName: 'a'.repeat(4096) }, 400, 'invalid-request', '/fileName'],
    ['another kind', { ...PHOTO, kind: 'binary' }, 400, 'invalid-request', '/kind'],
    ['an unknown type', { ...PHOTO, contentType: 'image/svg+xml' }, 415, 'unsupported-type', '/contentType'],
    ['a type with a header in it', { ...PHOTO, contentType: 'image/jpeg\r\nx: y' }, 415, 'unsupported-type'],
    ['a type that is too long', { ...PHOTO, contentType: 'a'.repeat(128) }, 400, 'invalid-request', '/contentType'],
    ['a conversation that climbs', { ...PHOTO, conversationId: '../c-42' }, 400, 'invalid-request', '/conversationId'],
    ['a conversation that nests', { ...PHOTO, conversationId: 'c/x/c' }, 400, 'invalid-request', '/conversationId'],
    ['a conversation with NUL', { ...PHOTO, conversationId: 'c\u0000' }, 400, 'invalid-request', '/conversationId'],
    ['a conversation of dots', { ...PHOTO, conversationId: '..' }, 400, 'invalid-request', '/conversationId'],
    ['a reserved name', { ...PHOTO, conversationId: '__c__' }, 400, 'invalid-request', '/conversationId'],
    [
      'a conversation that is a list',
      { ...PHOTO, conversationId: ['c-42'] },
      400,
      'invalid-request',
      '/conversationId',
    ],
    ['a checksum in hex', { ...PHOTO, sha256: 'ab'.repeat(32) }, 400, 'invalid-request', '/sha256'],
    ['a checksum of 31 bytes', { ...PHOTO, sha256: `${'A'.repeat(42)}==` }, 400, 'invalid-request', '/sha256'],
    ['no kind', without('kind'), 400, 'invalid-request', '/kind'],
    ['no type', without('contentType'), 400, 'invalid-request', '/contentType'],
    ['no size', without('bytes'), 400, 'invalid-request', '/bytes'],
    ['no conversation', without('conversationId'), 400, 'invalid-request', '/conversationId'],
  ]

  test.each(hostile.map(([name, body, status, code, pointer]) => [name, body, status, code, pointer] as const))(
    'refuses %s, and nothing is written',
    async (_, body, status, code, pointer) => {
      const { ports, readModel, bus } = world()
      const answer = await post(ports, body)

      expect(answer).toMatchObject({ status, body: { status, code } })
      expect(answer.headers).toMatchObject({ 'Content-Type': 'application/problem+json' })
      if (pointer !== undefined) expect(answer.body.errors).toContainEqual(expect.objectContaining({ pointer }))
      expect(JSON.stringify(answer.body).length).toBeLessThan(4096)
      expect([readModel.commits, bus.taken.length]).toEqual([0, 0])
    },
  )

  test('refuses bytes that are not UTF-8', async () => {
    const { ports } = world()
    const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64')

    expect(await post(ports, body, { isBase64Encoded: true })).toMatchObject({
      status: 400,
      body: { code: 'malformed-json', detail: 'The body is not UTF-8.' },
    })
  })

  test('tells back little of five thousand unknown names', async () => {
    const { ports } = world()
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`x${index}`, 1]))
    const { body } = await post(ports, { ...PHOTO, ...many })

    expect(body.errors.length).toBeLessThanOrEqual(20)
  })
})
