import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fold } from '../../contracts/fold.ts'
import { type FaceDetectedV1Data, ImageOptimizedV1 } from '../../contracts/generated/events.ts'
import { createEvent } from '../../events/envelope.ts'
import { rootId } from '../../events/ids.ts'
import { traceparentOf } from '../../events/traceparent.ts'
import type { Face } from '../../ports/faces/faces.ts'
import { FAKE_FACE, fakeFaces } from '../../ports/faces/fake-faces.ts'
import { settle } from '../runtime/protocol.ts'
import { MEDIA_ID, makeWorld, messageOf } from '../runtime/world.ts'
import { consumer } from './consumer.ts'
import { FACE_LIMITS } from './limits.ts'

async function worldWhere(see: readonly Face[] | 'too-small' = [FAKE_FACE]) {
  const world = await makeWorld()
  const folder = `profiles/optimized/${MEDIA_ID}/r`
  const size = { width: 1200, height: 1600 }
  const put = (name: string, contentType: string) =>
    world.objects.put(`${folder}/${name}`, Buffer.from(name), { contentType })
  const optimized = createEvent(
    ImageOptimizedV1,
    {
      mediaId: MEDIA_ID,
      kind: 'profile',
      variants: [
        { name: 'webp', contentType: 'image/webp', ...size, object: await put('webp.webp', 'image/webp') },
        { name: 'jpeg', contentType: 'image/jpeg', ...size, object: await put('jpeg.jpg', 'image/jpeg') },
      ],
    },
    {
      id: rootId(['optimized']),
      time: world.clock.now(),
      subject: MEDIA_ID,
      run: '0.0',
      correlationId: MEDIA_ID,
      causationId: MEDIA_ID,
      traceparent: traceparentOf(MEDIA_ID),
    },
  )
  return { ...world, optimized, faces: fakeFaces({ objects: world.objects, see: () => see }) }
}

it('cuts three squares around the face, each under the recipe that made it', async () => {
  const world = await worldWhere()
  const outcome = await consumer.handle(world.optimized, world)
  expect(outcome).toMatchObject({
    kind: 'emitted',
    drafts: [
      {
        contract: { detailType: 'FaceDetected.v1' },
        data: {
          mediaId: MEDIA_ID,
          kind: 'profile',
          face: FAKE_FACE,
          avatars: [
            { name: 'avatar-96', contentType: 'image/webp' },
            { name: 'avatar-256', contentType: 'image/webp' },
            { name: 'avatar-512', contentType: 'image/webp' },
          ],
        },
      },
    ],
  })
  const keys = world.objects.contents().map(({ key }) => key)
  const below = new RegExp(`^profiles/thumbnails/${MEDIA_ID}/[0-9a-f]{8}/avatar-(96|256|512)\\.webp$`)
  expect(keys.filter((key) => below.test(key))).toHaveLength(3)
  const [draft] = outcome.kind === 'emitted' ? outcome.drafts : []
  const data = draft?.data as FaceDetectedV1Data | undefined
  for (const { width, height } of data?.avatars ?? []) expect(width).toBe(height)
})

it('stores the same avatars when it runs twice', async () => {
  const world = await worldWhere()
  const first = await consumer.handle(world.optimized, world)
  const objects = world.objects.contents()
  expect(await consumer.handle(world.optimized, world)).toEqual(first)
  expect(world.objects.contents()).toEqual(objects)
})

it.each([
  ['no-face', 'none at all', []],
  ['no-face', 'what may be a face', [{ ...FAKE_FACE, confidence: FACE_LIMITS.minConfidence - 1 }]],
  ['several-faces', 'two faces', [FAKE_FACE, { ...FAKE_FACE, height: 0.25 }]],
  ['face-too-small', 'a face of a few pixels', [{ ...FAKE_FACE, height: 79 / 1600 }]],
  ['face-too-small', 'a picture that is too small to be looked at', 'too-small'],
  ['face-blurred', 'a blurred face', [{ ...FAKE_FACE, sharpness: FACE_LIMITS.minSharpness - 1 }]],
] as const)('rejects with %s for %s, says what to do, and stores nothing', async (code, _, see) => {
  const world = await worldWhere(see)
  const before = world.objects.contents()
  expect(await consumer.handle(world.optimized, world)).toMatchObject({
    kind: 'rejected',
    code,
    message: expect.stringMatching(/\. Choose .+\.$/),
  })
  expect(world.objects.contents()).toEqual(before)
})

it.each([
  ['somebody small behind', [FAKE_FACE, { ...FAKE_FACE, width: 0.1, height: 0.15 }]],
  ['a face on a poster that may be none', [FAKE_FACE, { ...FAKE_FACE, confidence: 60 }]],
  [
    'a face that is just large and sharp enough',
    [{ ...FAKE_FACE, height: 80 / 1600, sharpness: FACE_LIMITS.minSharpness }],
  ],
])('takes a picture with %s', async (_, see) => {
  const world = await worldWhere(see)
  expect(await consumer.handle(world.optimized, world)).toMatchObject({
    kind: 'emitted',
    drafts: [{ data: { face: see[0] } }],
  })
})

it('leaves face and avatars in the media’s document', async () => {
  const world = await worldWhere()
  const message = { body: messageOf(world.optimized), receiveCount: 1 }
  expect(await settle(consumer, message, world, world)).toMatchObject({ kind: 'done', outcome: 'succeeded' })
  const media = world.media()
  if (!media) throw new Error('the media is gone')
  expect(fold(media)).toMatchObject({ face: FAKE_FACE, avatars: [{ name: 'avatar-96' }, {}, {}] })
})

it('has the limits that docs/moderation.md tells', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/moderation.md'), 'utf8')
  const rows = [...page.matchAll(/^\| `(\w+)` \| ([\d.]+) \| /gm)].map(([, name = '', value]) => [name, Number(value)])
  expect(Object.fromEntries(rows)).toEqual(FACE_LIMITS)
})
