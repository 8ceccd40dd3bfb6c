import fc from 'fast-check'
import { fold } from '../../contracts/fold.ts'
import type { StepDocument } from '../../contracts/generated/documents.ts'
import {
  ContentModeratedV1,
  MediaRejectedV1,
  type MediaUploadedV1Data,
  ProcessingFailedV1,
  ThumbnailReadyV1,
  type ThumbnailReadyV2Data,
} from '../../contracts/generated/events.ts'
import type { MediaEvent } from '../../events/envelope.ts'
import { FAKE_DAMAGED } from '../../ports/images/fake-images.ts'
import { type Json, Unavailable } from '../../ports/read-model/read-model.ts'
import { fakeTranscoder } from '../../ports/transcoder/fake-transcoder.ts'
import { ORDER } from '../../ports/transcoder/transcoder.suite.ts'
import { consumer as extractMetadata } from '../extract-metadata/consumer.ts'
import { consumer as optimizeImage } from '../optimize-image/consumer.ts'
import type { Consumer } from './define-consumer.ts'
import { FAILURE_MARKS } from './failure-marks.ts'
import { emit, failed, noted, rejected, skipped } from './outcomes.ts'
import { settle } from './protocol.ts'
import { MEDIA_ID, makeWorld, messageOf, type World } from './world.ts'

const CONSUMERS = [extractMetadata, optimizeImage] as const
type AnyConsumer = (typeof CONSUMERS)[number]

const settleOne = (world: World, consumer: AnyConsumer, body = messageOf(world.uploaded), receiveCount = 1) =>
  settle(consumer, { body, receiveCount }, world, world)

const settleAll = async (world: World, body?: string) => {
  for (const consumer of CONSUMERS) await settleOne(world, consumer, body)
}

const namesOf = (world: World) => world.bus.events().map(({ meta }) => meta.type)

/** What must be the same whatever happened on the way: the fold without its times, and every id that was said. */
const endOf = (world: World) => {
  const media = world.media()
  const steps = Object.entries(media?.steps ?? {}).map(([name, runs]) => [name, Object.keys(runs).sort()])
  return { status: media && fold(media).status, steps: steps.sort(), said: [...world.said()].sort() }
}

describe('a photo that is fine', () => {
  it('is ready when the last step is done, and says so once', async () => {
    const world = await makeWorld()
    await settleAll(world)
    expect(namesOf(world)).toEqual(['MetadataExtracted', 'ThumbnailReady', 'ImageOptimized', 'MediaReady'])
    const view = fold(world.media() ?? fail())
    expect(view.status).toBe('ready')
    expect(view.thumbnails.map(({ name }) => name)).toEqual(['thumb', 'medium', 'large'])
    expect(view.variants.map(({ name }) => name)).toEqual(['webp', 'jpeg'])
    expect(world.media()).not.toHaveProperty('deadlineAt')
  })

  it('ends the same in every order and with every message three times', async () => {
    const straight = await makeWorld()
    await settleAll(straight)
    const messages = CONSUMERS.flatMap((consumer) => [consumer, consumer, consumer])
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(messages, { minLength: messages.length }), async (order) => {
        const world = await makeWorld()
        for (const consumer of order) await settleOne(world, consumer)
        expect(endOf(world)).toEqual(endOf(straight))
        expect(world.bus.taken).toHaveLength(4)
      }),
      { numRuns: 50, seed: 1 },
    )
  })

  it('ends the same when all messages are worked on at once, twice', async () => {
    const straight = await makeWorld()
    await settleAll(straight)
    const world = await makeWorld()
    await Promise.all([...CONSUMERS, ...CONSUMERS].map((consumer) => settleOne(world, consumer)))
    expect(endOf(world)).toEqual(endOf(straight))
    expect(await world.objects.versions(`images/original/${MEDIA_ID}`)).toHaveLength(1)
  })

  it.each(CONSUMERS.map((consumer) => [consumer.name, consumer] as const))(
    'survives a crash at each call that %s makes',
    async (_, consumer) => {
      const straight = await makeWorld()
      await settleAll(straight)
      for (let crashAt = 0; ; crashAt++) {
        const world = await makeWorld()
        for (const other of CONSUMERS) if (other !== consumer) await settleOne(world, other)
        const crashing = crashAfter(world, crashAt)
        const crashed = await settleOne(crashing.world, consumer).then(
          () => false,
          () => true,
        )
        await settleOne(world, consumer, undefined, 2)
        await world.sweepOutbox()
        expect(endOf(world)).toEqual(endOf(straight))
        if (!crashed) break
      }
    },
  )

  it('keeps what it stored when the commit went through and its answer was lost', async () => {
    const world = await makeWorld()
    const lossy: World = {
      ...world,
      readModel: {
        ...world.readModel,
        async commit(writes) {
          await world.readModel.commit(writes)
          throw new Unavailable('the answer was lost')
        },
      },
    }
    await expect(settleOne(lossy, optimizeImage)).rejects.toThrow('the answer was lost')
    await settleOne(world, optimizeImage, undefined, 2)
    const { thumbnails } = fold(world.media() ?? fail())
    for (const { object } of thumbnails) expect(await world.objects.head(object)).toBeDefined()
    expect(namesOf(world)).toEqual(['ThumbnailReady', 'ImageOptimized'])
  })
})

it('leaves outputs that lost to another try where they are, as a run that is under way may have found them there', async () => {
  const world = await makeWorld()
  const worldWith = (recipe: string, beforeCommit: () => Promise<unknown>): World => {
    let isFirst = true
    const readModel: World['readModel'] = {
      ...world.readModel,
      async commit(writes) {
        if (isFirst) await beforeCommit()
        isFirst = false
        return world.readModel.commit(writes)
      },
    }
    return { ...world, readModel, images: { ...world.images, recipe: () => recipe } }
  }
  const retried: MediaEvent = { ...world.uploaded, meta: { ...world.uploaded.meta, run: '0.1' } }
  const newer = worldWith('00000002', async () => {})
  const losing = worldWith('00000001', () => settleOne(newer, optimizeImage))
  const retrying = worldWith('00000001', () => settleOne(losing, optimizeImage))
  await settleOne(retrying, optimizeImage, messageOf(retried))
  const runs = Object.values(world.media()?.steps['optimize-image'] ?? {})
  expect(runs).toHaveLength(2)
  for (const { object } of runs.flatMap(({ thumbnails = [] }) => thumbnails)) {
    expect(await world.objects.head(object)).toBeDefined()
  }
})

describe('a photo that is damaged', () => {
  it('is rejected once, with the reason, whoever finds out first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...CONSUMERS], { minLength: CONSUMERS.length }), async (order) => {
        const world = await makeWorld(Buffer.from(FAKE_DAMAGED))
        for (const consumer of order) await settleOne(world, consumer)
        expect(namesOf(world)).toEqual(['MediaRejected'])
        expect(fold(world.media() ?? fail())).toMatchObject({ status: 'rejected', reason: { code: 'undecodable' } })
        expect(world.media()).not.toHaveProperty('deadlineAt')
      }),
      { numRuns: 6, seed: 1 },
    )
  })

  it('is rejected once when all find out at the same time', async () => {
    const world = await makeWorld(Buffer.from(FAKE_DAMAGED))
    await Promise.all(CONSUMERS.map((consumer) => settleOne(world, consumer)))
    expect(namesOf(world)).toEqual(['MediaRejected'])
  })
})

it('says that a photo is ready though who was to say it died, and another run has won since', async () => {
  const world = await makeWorld()
  await settleOne(world, extractMetadata)
  const dying: World = {
    ...world,
    bus: {
      ...world.bus,
      async put(entries) {
        if (entries.some(({ detailType }) => detailType.startsWith('MediaReady'))) throw new Error('the process died')
        return world.bus.put(entries)
      },
    },
  }
  await expect(settleOne(dying, optimizeImage)).rejects.toThrow()
  const replay = { id: 'again', mode: 'force' as const, epoch: 1 }
  const forced: MediaEvent = { ...world.uploaded, meta: { ...world.uploaded.meta, replay } }
  await settleOne(world, extractMetadata, messageOf(forced))
  await settleOne(world, optimizeImage, undefined, 2)
  await world.sweepOutbox()
  const ready = world.bus.events().filter(({ meta }) => meta.type === 'MediaReady')
  expect(ready.map(({ meta }) => [meta.run, meta.replay?.id])).toEqual([
    ['1.0', 'again'],
    ['0.0', undefined],
  ])
})

describe('a message that is not for it', () => {
  it('goes to the dead-letter queue at once, with the reason, when nobody can read it', async () => {
    const world = await makeWorld()
    const bodies = [
      '{',
      '[]',
      '{}',
      messageOf(world.uploaded, { 'detail-type': 'MediaUploaded.v9' }),
      messageOf(world.uploaded, { detail: {} }),
    ]
    for (const body of bodies) {
      expect(await settleOne(world, extractMetadata, body)).toMatchObject({ kind: 'unreadable' })
    }
    expect(world.queue.deadLetters.map(({ body }) => body)).toEqual(bodies)
    for (const { reason } of world.queue.deadLetters) expect(reason).not.toBe('')
    expect(world.readModel.commits).toBe(0)
  })

  it('is left alone when its kind was not asked for', async () => {
    const world = await makeWorld()
    const recording = { ...world.uploaded, data: { ...world.uploaded.data, kind: 'voice' } }
    expect(await settleOne(world, optimizeImage, messageOf(recording))).toMatchObject({ kind: 'ignored' })
  })

  it('is left alone when it names other bytes than those that were bound', async () => {
    const world = await makeWorld()
    const object = { ...world.uploaded.data.object, versionId: 'another' }
    const stale = { ...world.uploaded, data: { ...world.uploaded.data, object } }
    expect(await settleOne(world, extractMetadata, messageOf(stale))).toMatchObject({ kind: 'ignored' })
    expect(world.bus.taken).toEqual([])
  })

  it('fails, to come again, when its handler says what its declaration does not list', async () => {
    const world = await makeWorld()
    const sly = { ...extractMetadata, emits: [] }
    await expect(settle(sly, { body: messageOf(world.uploaded), receiveCount: 1 }, world, world)).rejects.toThrow(
      'emits',
    )
  })
})

describe('a media that was deleted', () => {
  it('is not worked on', async () => {
    const world = await makeWorld()
    await world.readModel.commit([
      { kind: 'update', path: `media/${MEDIA_ID}`, fields: [{ path: ['life'], value: 1 }] },
    ])
    await settleAll(world)
    expect(world.bus.taken).toEqual([])
  })

  it('has said what was written down before it went', async () => {
    const world = await makeWorld()
    world.bus.fail({ entry: () => 'InternalFailure' })
    await expect(settleOne(world, optimizeImage)).rejects.toThrow()
    world.bus.fail({})
    await world.readModel.commit([
      { kind: 'update', path: `media/${MEDIA_ID}`, fields: [{ path: ['life'], value: 1 }] },
    ])
    expect(await settleOne(world, optimizeImage, undefined, 2)).toMatchObject({ kind: 'ignored' })
    expect(namesOf(world)).toEqual(['ThumbnailReady', 'ImageOptimized'])
  })

  it('leaves no outputs behind when it goes while it is worked on', async () => {
    const world = await makeWorld()
    const purging: World = {
      ...world,
      images: {
        ...world.images,
        async render(bytes, plan) {
          await world.readModel.commit([{ kind: 'delete', path: `media/${MEDIA_ID}` }])
          return world.images.render(bytes, plan)
        },
      },
    }
    expect(await settleOne(purging, optimizeImage)).toMatchObject({ kind: 'ignored' })
    expect(world.objects.contents().map(({ key }) => key)).toEqual([`images/original/${MEDIA_ID}`])
    expect(world.bus.taken).toEqual([])
  })
})

it('ends the job that it started for a media that went meanwhile', async () => {
  const world = { ...(await makeWorld()), transcoder: fakeTranscoder() }
  const jobs: string[] = []
  const transcodes: Consumer<MediaUploadedV1Data, 'transcoder'> = {
    ...optimizeImage,
    needs: ['transcoder'],
    async handle(_, { transcoder }) {
      jobs.push((await transcoder.start(ORDER)).jobId)
      await world.readModel.commit([{ kind: 'delete', path: `media/${MEDIA_ID}` }])
      return skipped('the job goes on')
    },
  }
  await settle(transcodes, { body: messageOf(world.uploaded), receiveCount: 1 }, world, world)
  expect(await Promise.all(jobs.map((jobId) => world.transcoder.get(jobId)))).toMatchObject([
    { state: { status: 'canceled' } },
  ])
})

describe('a replay', () => {
  const replayed = (event: MediaEvent) => messageOf(event, { 'replay-name': 'yesterday' })

  it('of what is done says nothing and changes nothing', async () => {
    const world = await makeWorld()
    await settleAll(world)
    const before = structuredClone(world.media())
    const commits = world.readModel.commits
    await settleAll(world, replayed(world.uploaded))
    expect(world.bus.taken).toHaveLength(4)
    expect(world.media()).toEqual(before)
    expect(world.readModel.commits).toBe(commits)
  })

  it('marks what it makes and says', async () => {
    const world = await makeWorld()
    await settleAll(world, replayed(world.uploaded))
    expect(namesOf(world)).toHaveLength(4)
    for (const { meta } of world.bus.events()) expect(meta.replay).toMatchObject({ id: 'yesterday' })
  })

  it.each([
    ['yesterday', undefined],
    ['yesterday.moderate-content', ['moderate-content']],
  ])('that is named %s tells with what it says which lanes it goes on in: %j', async (name, lanes) => {
    const world = await makeWorld()
    await settleAll(world, messageOf(world.uploaded, { 'replay-name': name }))
    const mark = { id: name, mode: 'default', epoch: 0, ...(lanes && { lanes }) }
    for (const { meta } of world.bus.events()) expect(meta.replay).toEqual(mark)
  })

  it('of what an earlier, forced one brought is its own: what is done stays done', async () => {
    const world = await makeWorld()
    await settleAll(world)
    const earlier = { id: 'again', mode: 'force', epoch: 1, lanes: ['optimize-image'] }
    const archived: MediaEvent = { ...world.uploaded, meta: { ...world.uploaded.meta, replay: earlier } }
    await settleAll(world, replayed(archived))
    expect(world.bus.taken).toHaveLength(4)
    expect(Object.keys(world.media()?.steps['optimize-image'] ?? {})).toEqual(['0.0'])
  })

  it('of one cause does nothing where another, in a later run, has succeeded', async () => {
    const world = await makeWorld()
    const mark = { id: 'again', mode: 'force', epoch: 1, lanes: ['optimize-image'] }
    const other = { ...world.uploaded.meta, id: '0e0b5a3e-6f0c-5c3d-9a55-2f0d6d1c9b11', replay: mark }
    await settleOne(world, optimizeImage, messageOf({ ...world.uploaded, meta: other } as MediaEvent))
    const [before, said] = [structuredClone(world.media()), world.bus.taken.length]
    await settleOne(world, optimizeImage, replayed(world.uploaded))
    expect(Object.keys(world.media()?.steps['optimize-image'] ?? {})).toEqual(['1.0'])
    expect(world.media()).toEqual(before)
    expect(world.bus.taken).toHaveLength(said)
  })

  it('tells the work which run it is, and which replay it is for', async () => {
    const world = await makeWorld()
    const seen: unknown[] = []
    const watching: typeof optimizeImage = {
      ...optimizeImage,
      async handle({ meta: { run, replay } }) {
        seen.push([run, replay?.id])
        return skipped('seen')
      },
    }
    const replay = { id: 'again', mode: 'force', epoch: 4 }
    const retried: MediaEvent = { ...world.uploaded, meta: { ...world.uploaded.meta, run: '0.2', replay } }
    await settle(watching, { body: messageOf(world.uploaded), receiveCount: 1 }, world, world)
    await settle(watching, { body: messageOf(retried), receiveCount: 1 }, world, world)
    await settle(
      watching,
      { body: replayed({ ...retried, meta: { ...retried.meta, run: '0.3' } }), receiveCount: 1 },
      world,
      world,
    )
    expect(seen).toEqual([
      ['0.0', undefined],
      ['4.2', 'again'],
      ['0.3', 'yesterday'],
    ])
  })

  it('that is forced computes again, into a run of its own, marked', async () => {
    const world = await makeWorld()
    await settleAll(world)
    const mark = { id: 'again', mode: 'force', epoch: 1, lanes: ['optimize-image'] }
    const forced: MediaEvent = { ...world.uploaded, meta: { ...world.uploaded.meta, replay: mark } }
    await settleOne(world, optimizeImage, messageOf(forced))
    expect(Object.keys(world.media()?.steps['optimize-image'] ?? {}).sort()).toEqual(['0.0', '1.0'])
    const since = world.bus.events().slice(4)
    expect(since.map(({ meta }) => [meta.type, meta.run, meta.replay])).toEqual([
      ['ThumbnailReady', '1.0', mark],
      ['ImageOptimized', '1.0', mark],
      ['MediaReady', '1.0', mark],
    ])
  })
})

describe('a step that fails for good', () => {
  const failing = {
    ...optimizeImage,
    emits: [...optimizeImage.emits, ProcessingFailedV1],
    handle: async () => failed({ code: 'decoder-missing', message: 'No decoder is installed.' }),
  }

  it('is told of once, and is waited for no more', async () => {
    const world = await makeWorld()
    for (let times = 0; times < 2; times++) {
      await settle(failing, { body: messageOf(world.uploaded), receiveCount: 1 }, world, world)
    }
    expect(namesOf(world)).toEqual(['ProcessingFailed'])
    expect(fold(world.media() ?? fail())).toMatchObject({ status: 'failed', reason: { code: 'decoder-missing' } })
  })

  it('is mended by a retry, which passes through what was done and is heard by whoever comes after', async () => {
    const world = await makeWorld()
    await settleOne(world, extractMetadata)
    await settle(failing, { body: messageOf(world.uploaded), receiveCount: 1 }, world, world)
    const retried = { ...world.uploaded, meta: { ...world.uploaded.meta, run: '0.1' } }
    await world.readModel.commit([
      { kind: 'update', path: `media/${MEDIA_ID}`, fields: [{ path: ['retry'], value: 1 }] },
    ])
    for (let times = 0; times < 2; times++) await settleAll(world, messageOf(retried))
    expect(fold(world.media() ?? fail()).status).toBe('ready')
    const facts = world.bus.events().filter(({ meta }) => meta.type === 'MetadataExtracted')
    expect(new Set(facts.map(({ meta }) => meta.run))).toEqual(new Set(['0.0', '0.1']))
    expect(new Set(facts.map(({ meta }) => meta.id)).size).toBe(2)
    const runs = Object.values(world.media()?.steps['extract-metadata'] ?? {})
    expect(new Set(runs.map(({ metadata }) => JSON.stringify(metadata))).size).toBe(1)
  })
})

it('makes a check of what another has refused, for those who are to decide on it; other work is not worth doing', async () => {
  const world = await makeWorld(Buffer.from(FAKE_DAMAGED))
  await settleOne(world, extractMetadata)
  const seen = { labels: [], model: 'test', contentHash: '0'.repeat(64) }
  const looking = {
    ...optimizeImage,
    name: 'moderate-content',
    emits: [ContentModeratedV1],
    handle: async () => emit(ContentModeratedV1, { mediaId: MEDIA_ID, kind: 'image', verdict: 'approved', ...seen }),
  }
  await settle(looking, { body: messageOf(world.uploaded), receiveCount: 1 }, world, world)
  expect(await settleOne(world, optimizeImage)).toMatchObject({ kind: 'ignored' })
  expect(Object.keys(world.media()?.steps ?? {}).sort()).toEqual(['extract-metadata', 'moderate-content'])
  expect(fold(world.media() ?? fail()).status).toBe('rejected')
})

it('lets a person have decided who was faster than the machine that was still looking', async () => {
  const world = await makeWorld()
  const { versionId = '' } = world.media()?.object ?? {}
  const decision = { verdict: 'approved', versionId, time: '2026-03-01T10:00:05.000Z' }
  const looking = {
    ...optimizeImage,
    name: 'moderate-content',
    async handle() {
      await world.readModel.commit([
        { kind: 'update', path: `media/${MEDIA_ID}`, fields: [{ path: ['overrides', '1'], value: decision }] },
      ])
      return rejected({ code: 'not-allowed', message: 'This may not be sent here.' })
    },
  }
  await settle(looking, { body: messageOf(world.uploaded), receiveCount: 1 }, world, world)
  expect(fold(world.media() ?? fail()).status).toBe('processing')
  expect(world.media()).toHaveProperty('deadlineAt')
  expect(namesOf(world)).toEqual([])
})

const failing = {
  ...optimizeImage,
  emits: [...optimizeImage.emits, ProcessingFailedV1],
  handle: async () => failed({ code: 'scan-failed', message: 'It could not be looked at.' }),
}

describe('a step that failed by our fault', () => {
  const counts = (settled: unknown) => FAILURE_MARKS.some((mark) => JSON.stringify(settled).includes(mark))
  /** Its process dies once what it says is out and marked as published, before it has looked whether all is done. */
  const diesOnceSaid = (world: World): World => ({
    ...world,
    readModel: {
      ...world.readModel,
      async get(paths) {
        if (world.bus.taken.length > 0) throw new Error('the process died')
        return world.readModel.get(paths)
      },
    },
  })

  it('is counted by the alarm, and what succeeds is not', async () => {
    const world = await makeWorld()
    const message = { body: messageOf(world.uploaded), receiveCount: 1 }
    expect(counts(await settleOne(world, extractMetadata))).toBe(false)
    expect(counts(await settleOne(world, extractMetadata))).toBe(false)
    expect(counts(await settle(failing, message, world, world))).toBe(true)
  })

  it.each(['before', 'after'])('is counted where the try that wrote it down died %s it was published', async (when) => {
    const world = await makeWorld()
    const message = { body: messageOf(world.uploaded), receiveCount: 1 }
    if (when === 'before') world.bus.fail({ entry: () => 'InternalFailure' })
    const dying = when === 'before' ? world : diesOnceSaid(world)
    await expect(settle(failing, message, dying, dying)).rejects.toThrow()
    world.bus.fail({})
    const settled = await settle(failing, { ...message, receiveCount: 2 }, world, world)
    expect(settled).toMatchObject({ outcome: 'repeated', recorded: 'failed', message: 'It could not be looked at.' })
    expect(counts(settled)).toBe(true)
    expect(namesOf(world)).toEqual(['ProcessingFailed'])
  })
})

describe('two causes of one run', () => {
  const again = (world: World): MediaEvent => ({
    ...world.uploaded,
    meta: { ...world.uploaded.meta, id: '9b1f0c1e-3c1f-5a8e-8a43-2f9f6d1f7a10' },
  })

  it('have one verdict: the first that is written, however close the other comes', async () => {
    const world = await makeWorld()
    const slower = {
      ...failing,
      async handle() {
        await settleOne(world, optimizeImage)
        return failing.handle()
      },
    }
    const settled = await settle(slower, { body: messageOf(again(world)), receiveCount: 1 }, world, world)
    expect(settled).toMatchObject({ outcome: 'repeated' })
    expect(world.media()?.steps['optimize-image']).toEqual({ '0.0': expect.objectContaining({ outcome: 'succeeded' }) })
    expect(namesOf(world)).toEqual(['ThumbnailReady', 'ImageOptimized'])
  })

  it('are worked on once: where the one has succeeded, the other makes nothing and says nothing', async () => {
    const world = await makeWorld()
    await settleOne(world, optimizeImage)
    const stored = world.objects.contents()
    const idle = {
      ...optimizeImage,
      handle: async () => {
        throw new Error('there is nothing to do')
      },
    }
    expect(await settle(idle, { body: messageOf(again(world)), receiveCount: 1 }, world, world)).toMatchObject({
      outcome: 'repeated',
    })
    expect(world.objects.contents()).toEqual(stored)
    expect(namesOf(world)).toEqual(['ThumbnailReady', 'ImageOptimized'])
  })

  it('mend each other: what succeeds after a failure counts', async () => {
    const world = await makeWorld()
    await settle(failing, { body: messageOf(world.uploaded), receiveCount: 1 }, world, world)
    await settleOne(world, optimizeImage, messageOf(again(world)))
    expect(world.media()?.steps['optimize-image']).toEqual({ '0.0': expect.objectContaining({ outcome: 'succeeded' }) })
    expect(namesOf(world)).toEqual(['ProcessingFailed', 'ThumbnailReady', 'ImageOptimized'])
  })
})

it('retells what an older build wrote down as today’s build does', async () => {
  const world = await makeWorld()
  await settleOne(world, optimizeImage)
  const path = [...world.readModel.documents.keys()].find((key) => key.includes('/steps/optimize-image~')) ?? fail()
  const record = world.readModel.documents.get(path) as unknown as StepDocument
  const older = (record.events as readonly MediaEvent[]).map(({ meta, data }) => {
    if (meta.type !== ThumbnailReadyV1.name) return { meta, data }
    const { placeholder, ...rest } = data as ThumbnailReadyV2Data
    const { version, dataschema } = ThumbnailReadyV1
    return { meta: { ...meta, version, dataschema }, data: { ...rest, thumbhash: placeholder.value } }
  })
  await world.readModel.commit([
    { kind: 'update', path, fields: [{ path: ['events'], value: older as unknown as Json }] },
    { kind: 'update', path: `media/${MEDIA_ID}`, fields: [{ path: ['retry'], value: 1 }] },
  ])
  const retried = { ...world.uploaded, meta: { ...world.uploaded.meta, run: '0.1' } }
  await settleOne(world, optimizeImage, messageOf(retried))
  const [first, retold] = world.bus.events().filter(({ meta }) => meta.type === ThumbnailReadyV1.name)
  expect(retold?.meta).toMatchObject({ version: first?.meta.version, run: '0.1' })
  expect(retold?.data).toEqual(first?.data)
})

it('tells a verdict beside the refusal that follows from it', async () => {
  const world = await makeWorld()
  const verdict = {
    mediaId: MEDIA_ID,
    kind: 'image',
    verdict: 'blocked',
    labels: [],
    model: 'test',
    contentHash: '0'.repeat(64),
  }
  const judging = {
    ...optimizeImage,
    emits: [ContentModeratedV1, MediaRejectedV1],
    handle: async () => rejected({ code: 'not-allowed', message: 'Not here.' }, emit(ContentModeratedV1, verdict)),
  }
  await settle(judging, { body: messageOf(world.uploaded), receiveCount: 1 }, world, world)
  expect(namesOf(world)).toEqual(['ContentModerated', 'MediaRejected'])
  expect(fold(world.media() ?? fail())).toMatchObject({
    status: 'rejected',
    reason: { code: 'not-allowed' },
    moderation: { verdict: 'blocked' },
  })
})

it('writes down and logs what is missing of a step that is done all the same', async () => {
  const world = await makeWorld()
  const partly = {
    ...optimizeImage,
    handle: async (...args: Parameters<typeof optimizeImage.handle>) => {
      const outcome = await optimizeImage.handle(...args)
      return outcome.kind === 'emitted' ? noted(outcome, 'There is no preview: encrypted') : outcome
    },
  }
  const message = 'There is no preview: encrypted'
  expect(await settleOne(world, partly)).toMatchObject({ kind: 'done', outcome: 'succeeded', message })
  const [, record] = [...world.readModel.documents].find(([path]) => path.includes('/steps/optimize-image~')) ?? []
  expect(record).toMatchObject({ outcome: 'succeeded', message })
})

it('publishes what a refused entry kept back when the message comes again', async () => {
  const world = await makeWorld()
  world.bus.fail({ entry: () => 'InternalFailure' })
  await expect(settleOne(world, extractMetadata)).rejects.toThrow()
  expect(world.media()?.steps).toHaveProperty('extract-metadata')
  world.bus.fail({})
  await settleOne(world, extractMetadata, undefined, 2)
  expect(namesOf(world)).toEqual(['MetadataExtracted'])
})

function fail(): never {
  throw new Error('there is no media')
}

/** The same world, in which the process dies at the `n`-th call to any port: that call is not made, nor any after it. */
function crashAfter(world: World, n: number): { readonly world: World } {
  let calls = 0
  const wrap = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function' || name === 'now' || name === 'recipe') return member
        return async (...args: unknown[]) => {
          if (calls++ >= n) throw new Error('the process died')
          return Reflect.apply(member, target, args) as unknown
        }
      },
    })
  const { objects, images, readModel, bus, queue, clock } = world
  return {
    world: {
      ...world,
      objects: wrap(objects),
      images: wrap(images),
      readModel: wrap(readModel),
      bus: wrap(bus),
      queue: wrap(queue),
      clock,
    },
  }
}
