import { fakeObjects } from '../../../ports/objects/fake-objects.ts'
import { fakeReadModel } from '../../../ports/read-model/fake-read-model.ts'
import { type Data, type Json, Unavailable } from '../../../ports/read-model/read-model.ts'
import { apiRequest } from '../fixtures.ts'
import { type GetMediaPorts, handle } from './handle.ts'

const ID = '5f0c6a52-0b57-5d3c-9a3f-2f1a5d0c7e11'
const NOW = Date.parse('2026-03-01T10:00:00Z')

const RESERVED: Data = {
  version: '1.0',
  mediaId: ID,
  ownerId: 'alice',
  conversationId: 'c-42',
  kind: 'image',
  declared: { contentType: 'image/jpeg', bytes: 5 },
  reservedAt: '2026-03-01T09:59:00.000Z',
  expiresAt: '2026-03-01T10:09:00.000Z',
  life: 0,
  retry: 0,
  steps: {},
}

const METADATA = {
  format: 'jpeg',
  contentType: 'image/jpeg',
  bytes: 5,
  width: 4032,
  height: 3024,
  frames: 1,
  hasAlpha: false,
}

async function world(change: Data = {}) {
  const objects = fakeObjects({ bucket: 'messageai-media-local' })
  const thumb = await objects.put(`images/thumbnails/${ID}/r1/thumb.webp`, new Uint8Array(3), {
    contentType: 'image/webp',
  })
  const webp = await objects.put(`images/optimized/${ID}/r1/webp.webp`, new Uint8Array(7), {
    contentType: 'image/webp',
  })
  const time = '2026-03-01T10:00:00.000Z'
  const picture = { contentType: 'image/webp', width: 160, height: 120 }
  const processed: Data = {
    ...RESERVED,
    object: { bucket: objects.bucket, key: `images/original/${ID}`, versionId: 'v0', etag: 'e0', bytes: 5 },
    uploadedAt: '2026-03-01T09:59:30.000Z',
    required: ['extract-metadata', 'generate-thumbnail', 'optimize-image', 'scan-malware'],
    steps: {
      'scan-malware': { '0.0': { outcome: 'succeeded', time } },
      'extract-metadata': { '0.0': { outcome: 'succeeded', time, metadata: METADATA } },
      'generate-thumbnail': {
        '0.0': {
          outcome: 'succeeded',
          time,
          thumbhash: '1QcSHQRnh493V4dIh4eXh1h4kJUI',
          thumbnails: [{ name: 'thumb', ...picture, object: { ...thumb } }],
        },
      },
      'optimize-image': {
        '0.0': { outcome: 'succeeded', time, variants: [{ name: 'webp', ...picture, object: { ...webp } }] },
      },
    },
  }
  const readModel = fakeReadModel({
    'conversations/c-42': { memberIds: ['alice', 'bob'] },
    [`media/${ID}`]: { ...processed, ...change },
  })
  return { readModel, objects, ports: { readModel, objects, clock: { now: () => NOW } } }
}

async function get(ports: GetMediaPorts, { uid = 'alice', id = ID, moderator = false } = {}) {
  const answer = await handle(
    apiRequest({
      method: 'GET',
      path: `/media/${id}`,
      resource: '/media/{id}',
      uid,
      moderator,
      pathParameters: { id },
    }),
    ports,
  )
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) }
}

describe('GET /media/{id}', () => {
  test.each([['alice, its owner'], ['bob, a member of its conversation']])('shows a ready media to %s', async (who) => {
    const { ports, objects } = await world()
    const { status, body, headers } = await get(ports, { uid: who.split(',')[0] ?? '' })

    expect(status).toBe(200)
    expect(headers).toMatchObject({ 'Cache-Control': 'private, no-cache' })
    expect(body).toEqual({
      mediaId: ID,
      kind: 'image',
      status: 'ready',
      ownerId: 'alice',
      conversationId: 'c-42',
      createdAt: '2026-03-01T09:59:00.000Z',
      uploadedAt: '2026-03-01T09:59:30.000Z',
      metadata: METADATA,
      thumbhash: '1QcSHQRnh493V4dIh4eXh1h4kJUI',
      thumbnails: [
        { name: 'thumb', contentType: 'image/webp', width: 160, height: 120, bytes: 3, url: expect.any(String) },
      ],
      variants: [
        { name: 'webp', contentType: 'image/webp', width: 160, height: 120, bytes: 7, url: expect.any(String) },
      ],
      urlsExpireAt: '2026-03-01T10:10:00.000Z',
    })
    expect(await objects.fetch(body.thumbnails[0].url)).toMatchObject({ status: 200, bytes: new Uint8Array(3) })
    expect(await objects.fetch(body.variants[0].url)).toMatchObject({ status: 200, bytes: new Uint8Array(7) })
  })

  test('shows a reservation with the time that is left', async () => {
    const { ports } = await world()
    const readModel = fakeReadModel({ [`media/${ID}`]: RESERVED })

    expect((await get({ ...ports, readModel })).body).toMatchObject({
      status: 'reserved',
      expiresAt: '2026-03-01T10:09:00.000Z',
      thumbnails: [],
      variants: [],
    })
  })

  test.each([
    ['still processing', { 'generate-thumbnail': {} }, 'processing', undefined],
    [
      'rejected',
      {
        'optimize-image': { '0.0': { outcome: 'rejected', time: '', code: 'undecodable', message: 'It is cut off.' } },
      },
      'rejected',
      { code: 'undecodable', message: 'It is cut off.' },
    ],
    [
      'failed',
      { 'optimize-image': { '0.0': { outcome: 'failed', time: '', code: 'gave-up', message: 'We failed.' } } },
      'failed',
      { code: 'gave-up', message: 'We failed.' },
    ],
  ])('gives no URL and no blur of a media that is %s and not checked', async (_, steps, status, reason) => {
    const { readModel, ports } = await world()
    await readModel.commit([
      { kind: 'update', path: `media/${ID}`, fields: [{ path: ['steps', 'scan-malware'], value: undefined }] },
    ])
    await readModel.commit([
      {
        kind: 'update',
        path: `media/${ID}`,
        fields: Object.entries(steps).map(([name, value]) => ({ path: ['steps', name], value })),
      },
    ])
    const { body } = await get(ports)

    expect(body).toMatchObject({ status, thumbnails: [], variants: [] })
    expect(body.reason).toEqual(reason)
    expect(JSON.stringify(body)).not.toMatch(/url|thumbhash/i)
  })

  test('gives nothing of a media of which nobody wrote down what it needs', async () => {
    const { readModel, ports } = await world()
    await readModel.commit([
      { kind: 'update', path: `media/${ID}`, fields: [{ path: ['required'], value: undefined }] },
    ])

    expect((await get(ports)).body).toMatchObject({ status: 'processing', thumbnails: [], variants: [] })
  })

  test('gives each form as soon as every check has passed, whatever else is still made', async () => {
    const { readModel, ports } = await world()
    const without = (step: string) =>
      readModel.commit([{ kind: 'update', path: `media/${ID}`, fields: [{ path: ['steps', step], value: undefined }] }])
    await without('optimize-image')

    expect((await get(ports)).body).toMatchObject({
      status: 'processing',
      thumbnails: [{ name: 'thumb', url: expect.any(String) }],
      variants: [],
    })
    await without('scan-malware')
    expect((await get(ports)).body).toMatchObject({ thumbnails: [], variants: [] })
  })

  describe('shows a moderator', () => {
    const MODERATOR = { uid: 'mod', moderator: true }
    const seen = { verdict: 'blocked', labels: [{ name: 'Explicit', confidence: 98 }], model: 'rekognition-7.0' }
    const blocked = { outcome: 'rejected', code: 'not-allowed', message: 'No.', time: '', moderation: seen }
    const held = async () => {
      const { readModel, ports } = await world()
      const set = (path: readonly string[], value: Json | undefined) =>
        readModel.commit([{ kind: 'update', path: `media/${ID}`, fields: [{ path, value }] }])
      await set(['steps', 'moderate-content'], { '0.0': blocked })
      return { ports, set }
    }

    test('what was blocked, and what was seen in it: deciding is looking', async () => {
      const { ports } = await held()
      expect(await get(ports, MODERATOR)).toMatchObject({
        status: 200,
        body: { status: 'rejected', moderation: seen, variants: [{ name: 'webp', url: expect.any(String) }] },
      })
      const { body } = await get(ports)
      expect(body).toMatchObject({ status: 'rejected', variants: [] })
      expect(body).not.toHaveProperty('moderation')
    })

    test('nothing that may hold malware, and nothing that nobody has judged', async () => {
      const { ports, set } = await held()
      await set(['steps', 'scan-malware'], undefined)
      expect((await get(ports, MODERATOR)).body).toMatchObject({ thumbnails: [], variants: [] })
      const infected = { outcome: 'rejected', code: 'infected', message: 'No.', time: '' }
      await set(['steps', 'scan-malware'], { '0.0': infected })
      expect((await get(ports, MODERATOR)).body).toMatchObject({ thumbnails: [], variants: [] })
    })

    test('nothing of which nobody knows what it needs, or that a check of another build holds back', async () => {
      const { ports, set } = await held()
      await set(['required'], ['scan-malware', 'check-of-tomorrow'])
      expect((await get(ports, MODERATOR)).body).toMatchObject({ thumbnails: [], variants: [] })
      await set(['required'], undefined)
      expect((await get(ports, MODERATOR)).body).toMatchObject({ thumbnails: [], variants: [] })
    })

    test('what malware was found in though nobody had asked for a scan: nothing', async () => {
      const { ports, set } = await held()
      await set(['required'], ['optimize-image'])
      await set(['steps', 'scan-malware'], {
        '0.0': { outcome: 'rejected', code: 'malware', message: 'No.', time: '' },
      })
      expect((await get(ports, MODERATOR)).body).toMatchObject({ thumbnails: [], variants: [] })
    })

    test('that a media was deleted, and nothing of it', async () => {
      const { ports } = await world({ life: 1 })
      expect(await get(ports, MODERATOR)).toMatchObject({ status: 410, body: { code: 'deleted' } })
    })
  })

  test('answers a stranger as if there were no such media', async () => {
    const { ports } = await world()
    const stranger = await get(ports, { uid: 'mallory' })
    const nowhere = await get(ports, { uid: 'mallory', id: '00000000-0000-4000-8000-000000000000' })

    expect(stranger).toMatchObject({ status: 404, body: { code: 'not-found' } })
    expect(stranger).toEqual(nowhere)
  })

  test.each([
    ['deleted', { life: 1 }],
    ['purged', { life: 1, purged: true }],
  ])('says that a media was %s to its owner alone', async (_, change) => {
    const { ports } = await world(change)

    expect(await get(ports, { uid: 'alice' })).toMatchObject({ status: 410, body: { code: 'deleted' } })
    expect(await get(ports, { uid: 'bob' })).toMatchObject({ status: 404 })
    expect(await get(ports, { uid: 'mallory' })).toMatchObject({ status: 404 })
  })

  test('shows a media again that was restored', async () => {
    const { ports } = await world({ life: 2 })

    expect(await get(ports)).toMatchObject({ status: 200, body: { status: 'ready' } })
  })

  test.each([[''], ['..'], [`${ID}/steps/x`], [ID.toUpperCase()], ['a\u0000'], ['a'.repeat(4096)]])(
    'has no media with the id %j, and asks the store for none',
    async (id) => {
      const { ports } = await world()
      const readModel = { get: () => Promise.reject(new Error('the store was asked')) }

      expect(await get({ ...ports, readModel }, { id })).toMatchObject({ status: 404, body: { code: 'not-found' } })
    },
  )

  test('answers 503 while the store is down', async () => {
    const { ports } = await world()
    const readModel = { get: () => Promise.reject(new Unavailable('deadline exceeded')) }

    expect(await get({ ...ports, readModel })).toMatchObject({ status: 503, headers: { 'Retry-After': '2' } })
  })

  test('fails loudly where the route was deployed without its authorizer', async () => {
    const { ports } = await world()

    await expect(get(ports, { uid: '' })).rejects.toThrow('the authorizer named no caller')
  })
})

describe('of a file', () => {
  const TIME = '2026-03-01T10:00:00.000Z'
  const fileWorld = async (handling: Data, steps: Data = {}) => {
    const { ports, objects } = await world()
    const object = await objects.put(`files/original/${ID}`, Buffer.from('<html>'), { contentType: 'text/html' })
    const media: Data = {
      ...RESERVED,
      kind: 'file',
      declared: { contentType: 'application/pdf', bytes: 6, fileName: 'Grüße.pdf' },
      object: { ...object },
      uploadedAt: TIME,
      required: ['process-file', 'scan-malware'],
      steps: {
        'process-file': { '0.0': { outcome: 'succeeded', time: TIME, handling } },
        'scan-malware': { '0.0': { outcome: 'succeeded', time: TIME } },
        ...steps,
      },
    }
    const readModel = fakeReadModel({ 'conversations/c-42': { memberIds: ['alice', 'bob'] }, [`media/${ID}`]: media })
    return { ...ports, readModel }
  }
  const BYTES: Data = { contentType: 'application/octet-stream', disposition: 'attachment' }

  it('the original is handed out as what it is, under its sender’s name', async () => {
    const { body } = await get(await fileWorld(BYTES))
    expect(body['file']).toEqual({
      name: 'Grüße.pdf',
      ...BYTES,
      bytes: 6,
      url: expect.stringContaining(`/files/original/${ID}?`),
    })
    const { searchParams } = new URL((body['file'] as { url: string }).url)
    expect(searchParams.get('response-content-type')).toBe('application/octet-stream')
    expect(searchParams.get('response-content-disposition')).toBe(
      `attachment; filename="Gr__e.pdf"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.pdf`,
    )
  })

  it('a document is shown in place, with its count of pages', async () => {
    const handling: Data = { contentType: 'application/pdf', disposition: 'inline', pages: 3 }
    const { body } = await get(await fileWorld(handling))
    expect(body['file']).toMatchObject({ disposition: 'inline', pages: 3 })
  })

  it('what an older app doesn’t know how to show is saved', async () => {
    const { body } = await get(await fileWorld({ ...BYTES, disposition: 'projected' }))
    expect(body['file']).toMatchObject({ disposition: 'attachment' })
  })

  it.each<[string, Data]>([
    ['it is not scanned yet', { 'scan-malware': {} }],
    ['malware was found', { 'scan-malware': { '0.0': { outcome: 'rejected', time: TIME, code: 'malware' } } }],
    ['the scan failed', { 'scan-malware': { '0.0': { outcome: 'failed', time: TIME, code: 'scan-failed' } } }],
    ['its type is not known yet', { 'process-file': {} }],
  ])('nothing is handed out where %s', async (_, steps) => {
    for (const moderator of [false, true]) {
      const { body } = await get(await fileWorld(BYTES, steps), { moderator })
      expect(body).not.toHaveProperty('file')
    }
  })
})
