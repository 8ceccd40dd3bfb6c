import { fold } from '../../contracts/fold.ts'
import type { MediaDocument } from '../../contracts/generated/documents.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import { fakeBus } from '../../events/fake-bus.ts'
import { fakeObjects } from '../../ports/objects/fake-objects.ts'
import { fakeQueue } from '../../ports/queue/fake-queue.ts'
import { fakeReadModel } from '../../ports/read-model/fake-read-model.ts'
import type { Data } from '../../ports/read-model/read-model.ts'
import { handleNotification } from './handle.ts'

const MEDIA_ID = '5f0c6a52-0b57-5d3c-9a3f-2f1a5d0c7e11'
const KEY = `images/original/${MEDIA_ID}`

const reserved: MediaDocument = {
  version: '1.0',
  mediaId: MEDIA_ID,
  ownerId: 'owner',
  conversationId: 'c',
  kind: 'image',
  declared: { contentType: 'image/jpeg', bytes: 5 },
  reservedAt: '2026-03-01T10:00:00.000Z',
  expiresAt: '2026-03-01T10:10:00.000Z',
  life: 0,
  retry: 0,
  steps: {},
}

async function prepare(media: MediaDocument | undefined = reserved) {
  const objects = fakeObjects({ bucket: 'media' })
  const readModel = fakeReadModel(media && { [`media/${MEDIA_ID}`]: media as unknown as Data })
  let now = Date.parse('2026-03-01T10:01:00.000Z')
  const clock = { now: () => now++, sleep: async () => {} }
  const ports = { objects, readModel, bus: fakeBus(), queue: fakeQueue(), clock, checks: ['scan-malware'] }
  const upload = (text: string) => objects.put(KEY, Buffer.from(text), { contentType: 'image/jpeg' })
  const bound = () => readModel.documents.get(`media/${MEDIA_ID}`) as MediaDocument | undefined
  return { ...ports, ports, upload, bound }
}

/** As S3 writes it through EventBridge. */
const notice = ({ bucket, key, versionId, etag, bytes }: StoredObject) =>
  JSON.stringify({
    source: 'aws.s3',
    'detail-type': 'Object Created',
    detail: {
      bucket: { name: bucket },
      object: { key, size: bytes, etag, 'version-id': versionId, sequencer: '0061' },
    },
  })

it('binds what arrived, with the steps that it needs, and says MediaUploaded', async () => {
  const { ports, bus, bound, upload, readModel } = await prepare()
  const object = await upload('hello')
  expect(await handleNotification(ports, notice(object))).toBe(`bound to ${MEDIA_ID}`)
  expect(bound()).toMatchObject({ object, required: expect.arrayContaining(['extract-metadata']) })
  expect(fold(bound() ?? reserved).status).toBe('processing')
  expect(bus.events()).toMatchObject([{ meta: { type: 'MediaUploaded', run: '0.0' }, data: { object } }])
  expect([...readModel.documents.keys()].filter((path) => path.startsWith('outbox/'))).toEqual([])
})

it('says it once when S3 says it three times, and at the same time', async () => {
  const { ports, bus, upload } = await prepare()
  const body = notice(await upload('hello'))
  await Promise.all([1, 2, 3].map(() => handleNotification(ports, body)))
  await handleNotification(ports, body)
  expect(new Set(bus.events().map(({ meta }) => meta.id)).size).toBe(1)
})

it('keeps the first version that it hears of and deletes every other by its version', async () => {
  const { ports, objects, bound, upload, bus } = await prepare()
  const [first, second] = [await upload('first'), await upload('second')]
  await handleNotification(ports, notice(first))
  expect(await handleNotification(ports, notice(second))).toContain('deleted')
  expect(bound()?.object).toEqual(first)
  expect(await objects.versions(KEY)).toEqual([first])
  expect(bus.taken).toHaveLength(1)
})

it.each<[string, MediaDocument | undefined]>([
  ['that nobody reserved', undefined],
  ['that was deleted for good', { ...reserved, life: 1, purged: true }],
])('deletes the bytes of a media %s', async (_, media) => {
  const world = await prepare(media)
  if (!media) await world.readModel.commit([{ kind: 'delete', path: `media/${MEDIA_ID}` }])
  await handleNotification(world.ports, notice(await world.upload('hello')))
  expect(await world.objects.versions(KEY)).toEqual([])
  expect(world.bus.taken).toEqual([])
})

it('leaves the bytes of a media that may be restored, and binds them when it hears of them after that', async () => {
  const world = await prepare({ ...reserved, life: 1 })
  const [first, second] = [await world.upload('first'), await world.upload('second')]
  for (const version of [first, second]) {
    expect(await handleNotification(world.ports, notice(version))).toContain('left')
  }
  expect(await world.objects.versions(KEY)).toEqual([second, first])
  await world.readModel.commit([{ kind: 'update', path: `media/${MEDIA_ID}`, fields: [{ path: ['life'], value: 2 }] }])
  await handleNotification(world.ports, notice(first))
  expect(world.bound()?.object).toEqual(first)
  expect(await world.objects.versions(KEY)).toEqual([first])
})

it('leaves the bound bytes of a media that was deleted, however often it hears of them', async () => {
  const world = await prepare()
  const body = notice(await world.upload('hello'))
  await handleNotification(world.ports, body)
  await world.readModel.commit([{ kind: 'update', path: `media/${MEDIA_ID}`, fields: [{ path: ['life'], value: 1 }] }])
  await handleNotification(world.ports, body)
  expect(await world.objects.versions(KEY)).toHaveLength(1)
})

it('says what it owes when it died between the binding and the bus', async () => {
  const { ports, bus, upload } = await prepare()
  const body = notice(await upload('hello'))
  bus.fail({ entry: () => 'InternalFailure' })
  await expect(handleNotification(ports, body)).rejects.toThrow()
  bus.fail({})
  await handleNotification(ports, body)
  expect(bus.taken).toHaveLength(1)
})

it.each([
  'images/thumbnails/x/thumb.webp',
  'images/original/not-a-uuid',
  `images/original/${MEDIA_ID}/below`,
  `../images/original/${MEDIA_ID}`,
  `images/original/${MEDIA_ID}%00`,
])('leaves %s alone: it is no original', async (key) => {
  const { ports, bus, objects } = await prepare()
  const object = await objects.put(key, Buffer.from('x'), { contentType: 'image/webp' })
  expect(await handleNotification(ports, notice(object))).toContain('ignored')
  expect(await objects.versions(key)).toHaveLength(1)
  expect(bus.taken).toEqual([])
})

it('reads the escaped keys of S3’s older notifications', async () => {
  const { ports, upload, bound } = await prepare()
  const { bucket, versionId, etag, bytes } = await upload('hello')
  const object = { key: encodeURIComponent(KEY), size: bytes, eTag: etag, versionId }
  await handleNotification(ports, JSON.stringify({ Records: [{ s3: { bucket: { name: bucket }, object } }] }))
  expect(bound()?.object?.versionId).toBe(versionId)
})

it.each(['{', '{"source":"aws.s3","detail-type":"Object Created","detail":{"object":{"key":"k"}}}'])(
  'puts what nobody can read into the dead-letter queue: %s',
  async (body) => {
    const { ports, queue } = await prepare()
    await handleNotification(ports, body)
    expect(queue.deadLetters).toHaveLength(1)
  },
)

it('leaves other news alone', async () => {
  const { ports } = await prepare()
  expect(await handleNotification(ports, '{"source":"aws.s3","detail-type":"Object Deleted"}')).toContain('ignored')
  expect(await handleNotification(ports, '{"Event":"s3:TestEvent"}')).toContain('ignored')
})
