import type { EventContract } from '../../contracts/event-contract.ts'
import { fold } from '../../contracts/fold.ts'
import { ImageOptimizedV1, VideoFramesSampledV1 } from '../../contracts/generated/events.ts'
import type { Label } from '../../contracts/generated/shapes.ts'
import { project } from '../../contracts/project.ts'
import { createEvent, type MediaEvent } from '../../events/envelope.ts'
import { rootId } from '../../events/ids.ts'
import { traceparentOf } from '../../events/traceparent.ts'
import { fakeModeration, type Seen } from '../../ports/moderation/fake-moderation.ts'
import { readModelVerdicts } from '../../ports/verdicts/read-model-verdicts.ts'
import { settle } from '../runtime/protocol.ts'
import { MEDIA_ID, makeWorld, messageOf } from '../runtime/world.ts'
import { consumer } from './consumer.ts'

const NUDITY: readonly Label[] = [
  { name: 'Explicit Nudity', parent: 'Explicit', confidence: 98.7 },
  { name: 'Explicit', confidence: 98.7 },
]
const BEACH: readonly Label[] = [{ name: 'Swimwear or Underwear', confidence: 95 }]
const WEAPON: readonly Label[] = [
  { name: 'Violence', confidence: 91 },
  { name: 'Weapons', parent: 'Violence', confidence: 91 },
]

/** A world in which a picture shows what its bytes are named after. */
async function worldWhere(shows: Readonly<Record<string, Seen>>) {
  const world = await makeWorld()
  const shown = new Map<string, Seen>()
  const moderation = fakeModeration({ objects: world.objects, see: ({ etag }) => shown.get(etag) ?? [] })
  const put = async (key: string, bytes: string) => {
    const object = await world.objects.put(key, Buffer.from(bytes), { contentType: 'image/jpeg' })
    shown.set(object.etag, shows[bytes] ?? [])
    return object
  }
  const event = <D>(contract: EventContract<D>, data: D): MediaEvent<D> =>
    createEvent(contract, data, {
      id: rootId([JSON.stringify(data)]),
      time: world.clock.now(),
      subject: MEDIA_ID,
      run: '0.0',
      correlationId: MEDIA_ID,
      causationId: MEDIA_ID,
      traceparent: traceparentOf(MEDIA_ID),
    })
  return {
    ...world,
    moderation,
    verdicts: readModelVerdicts(world),
    async optimized(bytes: string, kind = 'image', stills: readonly string[] = []) {
      const form = { width: 20, height: 10 }
      const folder = `${kind}s/optimized/${MEDIA_ID}/r`
      return event(ImageOptimizedV1, {
        mediaId: MEDIA_ID,
        kind,
        ...(stills.length > 0 && {
          stills: await Promise.all(
            stills.map(async (still, at) => {
              const name = `still-${at + 1}`
              return { name, contentType: 'image/jpeg', ...form, object: await put(`${folder}/${name}.jpg`, still) }
            }),
          ),
        }),
        variants: [
          {
            name: 'webp',
            contentType: 'image/webp',
            ...form,
            object: await put(`${folder}/webp.webp`, `${bytes} webp`),
          },
          { name: 'jpeg', contentType: 'image/jpeg', ...form, object: await put(`${folder}/jpeg.jpg`, bytes) },
        ],
      })
    },
    async sampled(...frames: readonly string[]) {
      return event(VideoFramesSampledV1, {
        mediaId: MEDIA_ID,
        kind: 'video',
        frames: await Promise.all(
          frames.map(async (bytes, at) => ({
            atMs: at * 1000,
            width: 20,
            height: 10,
            object: await put(`videos/frames/${MEDIA_ID}/r/${at}.jpg`, bytes),
          })),
        ),
      })
    },
  }
}

type Ports = Awaited<ReturnType<typeof worldWhere>>
const handle = (event: Parameters<typeof consumer.handle>[0], ports: Ports) => consumer.handle(event, ports)
const toldOf = async (shows: Seen) => {
  const world = await worldWhere({ photo: shows })
  return handle(await world.optimized('photo'), world)
}

describe('of a photo', () => {
  it('looks at the JPEG, and approves what nothing is to be said against', async () => {
    const world = await worldWhere({})
    expect(await handle(await world.optimized('photo'), world)).toMatchObject({
      kind: 'emitted',
      drafts: [
        {
          contract: { detailType: 'ContentModerated.v1' },
          data: { mediaId: MEDIA_ID, kind: 'image', verdict: 'approved', labels: [], model: 'fake-1' },
        },
      ],
    })
    expect(world.moderation.looked.map(({ key }) => key)).toEqual([`images/optimized/${MEDIA_ID}/r/jpeg.jpg`])
  })

  it('names the content by the SHA-256 of the JPEG', async () => {
    const world = await worldWhere({})
    expect(await handle(await world.optimized('photo'), world)).toMatchObject({
      drafts: [{ data: { contentHash: expect.stringMatching(/^[0-9a-f]{64}$/) } }],
    })
  })

  it('flags what people should look at, and lets it pass', async () => {
    expect(await toldOf(WEAPON)).toMatchObject({ kind: 'emitted', drafts: [{ data: { verdict: 'flagged' } }] })
  })

  it('approves what is seen and allowed, and says what was seen', async () => {
    expect(await toldOf(BEACH)).toMatchObject({
      kind: 'emitted',
      drafts: [{ data: { verdict: 'approved', labels: BEACH } }],
    })
  })

  it('blocks with a sentence for the sender, and tells of the verdict beside it', async () => {
    expect(await toldOf(NUDITY)).toMatchObject({
      kind: 'rejected',
      code: 'not-allowed',
      message: expect.stringMatching(/^This picture may not be sent here \(Explicit\)\. Choose another one/),
      also: [{ contract: { detailType: 'ContentModerated.v1' }, data: { verdict: 'blocked', labels: NUDITY } }],
    })
  })

  it('judges by everything that was seen, though the event has no room for all of it', async () => {
    const crowd = Array.from({ length: 70 }, (_, at) => ({ name: `Label ${at}`, parent: 'Alcohol', confidence: 99 }))
    const outcome = await toldOf([...crowd, { name: 'Explicit', confidence: 91 }])
    const labels = crowd.slice(0, 64)
    expect(outcome).toMatchObject({ kind: 'rejected', also: [{ data: { verdict: 'blocked', labels } }] })
  })

  it('flags what nobody can look at, and asks again the next time', async () => {
    const world = await worldWhere({ dot: 'too-small' })
    const event = await world.optimized('dot')
    for (const times of [1, 2]) {
      expect(await handle(event, world)).toMatchObject({
        kind: 'emitted',
        drafts: [{ data: { verdict: 'flagged', labels: [{ name: 'Not looked at', confidence: 100 }] } }],
      })
      expect(world.moderation.looked).toHaveLength(times)
    }
  })

  it('throws where the JPEG is gone: trying again shows whether its media is', async () => {
    const world = await worldWhere({})
    const event = await world.optimized('photo')
    for (const object of world.objects.contents()) await world.objects.deleteVersion(object)
    await expect(handle(event, world)).rejects.toMatchObject({ name: 'ObjectGone' })
  })
})

it('looks at the later frames of a picture that moves, too', async () => {
  const world = await worldWhere({ nude: NUDITY })
  const outcome = await handle(await world.optimized('harmless', 'image', ['harmless too', 'nude']), world)
  expect(outcome).toMatchObject({ kind: 'rejected', message: expect.stringContaining('This picture may not') })
  expect(world.moderation.looked).toHaveLength(3)
})

describe('of a video', () => {
  it('looks at every frame, and the worst counts', async () => {
    const world = await worldWhere({ beach: BEACH, weapon: WEAPON, nude: NUDITY })
    const outcome = await handle(await world.sampled('beach', 'nude', 'weapon'), world)
    expect(outcome).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('This video may not be sent here'),
      also: [{ data: { kind: 'video', verdict: 'blocked' } }],
    })
    expect(world.moderation.looked).toHaveLength(3)
  })

  it('tells of each label once, as sure as it was in any frame, surest first', async () => {
    const less = WEAPON.map((label) => ({ ...label, confidence: 55 }))
    const world = await worldWhere({ less, more: WEAPON, beach: BEACH })
    expect(await handle(await world.sampled('less', 'more', 'beach'), world)).toMatchObject({
      drafts: [{ data: { labels: [...BEACH, ...WEAPON] } }],
    })
  })

  it('looks once at frames that are the same', async () => {
    const world = await worldWhere({})
    await handle(await world.sampled('still', 'still', 'still'), world)
    expect(world.moderation.looked).toHaveLength(1)
  })
})

describe('content that was looked at before', () => {
  it('is not looked at again, whichever media it came with', async () => {
    const world = await worldWhere({ photo: NUDITY })
    const first = await handle(await world.optimized('photo'), world)
    const again = await handle(await world.optimized('photo', 'profile'), world)
    expect(world.moderation.looked).toHaveLength(1)
    expect(again).toMatchObject({ kind: 'rejected', code: 'not-allowed' })
    expect(first).toMatchObject({ also: [{ data: { labels: NUDITY } }] })
  })

  it('is looked at again where somebody else is asked', async () => {
    const world = await worldWhere({})
    const event = await world.optimized('photo')
    await handle(event, world)
    await handle(event, { ...world, moderation: { ...world.moderation, recipe: 'other-2' } })
    expect(world.moderation.looked).toHaveLength(2)
  })
})

it('leaves a blocked media rejected, with what was seen in its document', async () => {
  const world = await worldWhere({ photo: NUDITY })
  const message = { body: messageOf(await world.optimized('photo')), receiveCount: 1 }
  expect(await settle(consumer, message, world, world)).toMatchObject({ kind: 'done', outcome: 'rejected' })
  const media = world.media()
  if (!media) throw new Error('the media is gone')
  expect(fold(media)).toMatchObject({
    status: 'rejected',
    reason: { step: 'moderate-content', code: 'not-allowed' },
    moderation: { verdict: 'blocked', labels: NUDITY },
  })
  const told = world.bus.events().map(({ meta, data }) => ({ detailType: `${meta.type}.v1`, time: meta.time, data }))
  expect(told.map(({ detailType }) => detailType)).toEqual(['ContentModerated.v1', 'MediaRejected.v1'])
  expect(project(told)).toEqual(media.steps['moderate-content']?.['0.0'])
})

it('leaves a moderator’s decision alone, and says that the media is ready where that was all that was missing', async () => {
  const world = await worldWhere({ photo: NUDITY })
  const message = { body: messageOf(await world.optimized('photo')), receiveCount: 1 }
  const versionId = world.media()?.object?.versionId ?? ''
  const deadlineAt = '2026-03-01T10:20:00.000Z'
  await world.readModel.commit([
    {
      kind: 'update',
      path: `media/${MEDIA_ID}`,
      fields: [
        { path: ['required'], value: ['moderate-content'] },
        { path: ['overrides', '1'], value: { verdict: 'approved', versionId, time: deadlineAt } },
        { path: ['deadlineAt'], value: deadlineAt },
      ],
    },
  ])
  expect(await settle(consumer, message, world, world)).toMatchObject({
    kind: 'ignored',
    reason: 'a person has decided',
  })
  expect(world.moderation.looked).toEqual([])
  expect([...world.said()]).toEqual([expect.stringMatching(/^MediaReady\.v1 /)])
  const media = world.media()
  expect(media && fold(media).status).toBe('ready')
})
