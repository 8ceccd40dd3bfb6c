import { fold } from '../../contracts/fold.ts'
import type { MediaDocument } from '../../contracts/generated/documents.ts'
import { LIMITS } from '../../contracts/limits.ts'
import { fakeBus } from '../../events/fake-bus.ts'
import { uploadedEvent } from '../../events/fixtures.ts'
import { rootId } from '../../events/ids.ts'
import { fakeObjects } from '../../ports/objects/fake-objects.ts'
import { oldDebts, owe } from '../../ports/outbox/outbox.ts'
import { fakeReadModel } from '../../ports/read-model/fake-read-model.ts'
import type { Data } from '../../ports/read-model/read-model.ts'
import { bindUpload } from '../runtime/bind-upload.ts'
import { originalKey } from '../runtime/original-key.ts'
import { type Inquiry, SweepIncomplete, sweep } from './handle.ts'
import { scanInquiry } from './inquiries.ts'

const MEDIA_ID = '5f0c6a52-0b57-5d3c-9a3f-2f1a5d0c7e11'
const START = Date.parse('2026-03-01T10:00:00.000Z')
const MINUTE = 60_000

async function prepare() {
  let now = START
  const media: MediaDocument = {
    version: '1.0',
    mediaId: MEDIA_ID,
    ownerId: 'owner',
    conversationId: 'c',
    kind: 'image',
    declared: { contentType: 'image/jpeg', bytes: 5 },
    reservedAt: new Date(START).toISOString(),
    expiresAt: new Date(START + 10 * MINUTE).toISOString(),
    deadlineAt: new Date(START + 15 * MINUTE).toISOString(),
    life: 0,
    retry: 0,
    steps: {},
  }
  const readModel = fakeReadModel({ [`media/${MEDIA_ID}`]: media as unknown as Data })
  const objects = fakeObjects({ bucket: 'media' })
  const bus = fakeBus()
  const errors: string[] = []
  const givenUp: string[][] = []
  const ports = {
    readModel,
    objects,
    bus,
    clock: { now: () => now, sleep: async () => {} },
    checks: ['scan-malware'],
    inquiries: [scanInquiry(objects)],
    onError: (what: string, error: unknown) => {
      errors.push(`${what}: ${String(error)}`)
    },
    onGivenUp: (mediaId: string, steps: readonly string[]) => {
      givenUp.push([mediaId, ...steps])
    },
    timeLeft: () => 50_000,
  }
  return {
    ports,
    bus,
    errors,
    givenUp,
    pass: (milliseconds: number) => {
      now += milliseconds
    },
    media: () => readModel.documents.get(`media/${MEDIA_ID}`) as unknown as MediaDocument,
    status: () => fold(readModel.documents.get(`media/${MEDIA_ID}`) as unknown as MediaDocument).status,
    upload: () =>
      objects.put(originalKey({ mediaId: MEDIA_ID, kind: 'image' }), Buffer.from('hello'), {
        contentType: 'image/jpeg',
      }),
    names: () => bus.events().map(({ meta }) => meta.type),
  }
}

it('leaves alone what is not due', async () => {
  const { ports, pass, status } = await prepare()
  pass(14 * MINUTE)
  const nothing = { published: 0, expired: 0, recovered: 0, reminded: 0, failed: 0, released: 0, postponed: 0 }
  expect(await sweep(ports)).toEqual(nothing)
  expect(status()).toBe('reserved')
})

it('ends a reservation that nobody used, once', async () => {
  const { ports, pass, status } = await prepare()
  pass(16 * MINUTE)
  expect(await sweep(ports)).toMatchObject({ expired: 1 })
  expect(status()).toBe('expired')
  expect(await sweep(ports)).toMatchObject({ expired: 0 })
})

it('binds what arrived though nobody was told of it', async () => {
  const { ports, pass, status, upload, names } = await prepare()
  await upload()
  pass(16 * MINUTE)
  expect(await sweep(ports)).toMatchObject({ recovered: 1 })
  expect(status()).toBe('processing')
  expect(names()).toEqual(['MediaUploaded'])
})

it('publishes what a crash left unsaid, after a grace, once', async () => {
  const { ports, pass, upload, names, bus } = await prepare()
  bus.fail({ entry: () => 'InternalFailure' })
  await expect(bindUpload(ports, MEDIA_ID, await upload())).rejects.toThrow()
  bus.fail({})
  expect(await sweep(ports)).toMatchObject({ published: 0 })
  pass(2 * MINUTE)
  expect(await sweep(ports)).toMatchObject({ published: 1 })
  expect(await sweep(ports)).toMatchObject({ published: 0 })
  expect(names()).toEqual(['MediaUploaded'])
})

it('sends the same cause again at the first deadline, and gives the missing steps up at the second', async () => {
  const { ports, pass, status, upload, bus, media, givenUp } = await prepare()
  await bindUpload(ports, MEDIA_ID, await upload())
  const overdue = LIMITS.processing.deadlineSeconds.image * 1000 + MINUTE
  await ports.readModel.commit([
    {
      kind: 'update',
      path: `media/${MEDIA_ID}`,
      fields: [
        {
          path: ['steps', 'extract-metadata', '0.0'],
          value: { outcome: 'succeeded', time: '2026-03-01T10:00:05.000Z' },
        },
      ],
    },
  ])
  pass(overdue)
  expect(await sweep(ports)).toMatchObject({ reminded: 1 })
  expect(await sweep(ports)).toMatchObject({ reminded: 0 })
  const [first, again] = bus.events()
  expect(again?.meta.id).toBe(first?.meta.id)
  expect(status()).toBe('processing')

  pass(overdue)
  expect(await sweep(ports)).toMatchObject({ failed: 1 })
  expect(status()).toBe('failed')
  expect(
    bus
      .events()
      .slice(2)
      .map(({ data }) => (data as { step: string }).step),
  ).toEqual(['optimize-image', 'scan-malware'])
  expect(givenUp).toEqual([[MEDIA_ID, 'optimize-image', 'scan-malware']])
  expect(media()).not.toHaveProperty('deadlineAt')
  expect(await sweep(ports)).toMatchObject({ failed: 0 })
})

it('sends again what steps have said, too, as others may wait for it; never what is not out yet', async () => {
  const { ports, pass, upload, bus } = await prepare()
  await bindUpload(ports, MEDIA_ID, await upload())
  const [uploadedEvent] = bus.events()
  const record = (id: string, published: boolean) => ({
    kind: 'create' as const,
    path: `media/${MEDIA_ID}/steps/optimize-image~${id}~0.0`,
    data: {
      time: '2026-03-01T10:00:05.000Z',
      published,
      events: [{ meta: { ...uploadedEvent?.meta, id, type: 'ImageOptimized' }, data: {} }],
    } as unknown as Data,
  })
  const [said, unsaid] = ['4c1b8a39-19c3-5d6e-9f0a-2b7f6d5e4c3b', '0d9a5a6e-52b6-5f0f-8c41-7c1d8be3a0f4'] as const
  await ports.readModel.commit([record(said, true), record(unsaid, false)])
  pass(LIMITS.processing.deadlineSeconds.image * 1000 + MINUTE)
  expect(await sweep(ports)).toMatchObject({ reminded: 1 })
  const again = bus.events().slice(1)
  expect(again.map(({ meta }) => meta.id)).toEqual([uploadedEvent?.meta.id, said])
})

it('reminds again where it died before all was sent', async () => {
  const { ports, pass, upload, bus } = await prepare()
  await bindUpload(ports, MEDIA_ID, await upload())
  pass(LIMITS.processing.deadlineSeconds.image * 1000 + MINUTE)
  bus.fail({ entry: () => 'InternalFailure' })
  await expect(sweep(ports)).rejects.toThrow()
  bus.fail({})
  pass(MINUTE)
  expect(await sweep(ports)).toMatchObject({ reminded: 1, failed: 0 })
  expect(bus.events()).toHaveLength(2)
})

describe('a media that can’t be looked after', () => {
  const OTHER_ID = '0c3e1d7a-7b0f-5c55-8a51-6c9d2e4f8b20'
  /** Its deadline passes before that of the other, which is fine. */
  async function prepareTwo() {
    const world = await prepare()
    const { ports, media, upload, pass } = world
    const object = await upload()
    await bindUpload(ports, MEDIA_ID, object)
    const { deadlineAt = '' } = media()
    const other = { ...media(), mediaId: OTHER_ID, deadlineAt: new Date(Date.parse(deadlineAt) + 1000).toISOString() }
    await ports.readModel.commit([{ kind: 'create', path: `media/${OTHER_ID}`, data: other as unknown as Data }])
    pass(LIMITS.processing.deadlineSeconds.image * 1000 + MINUTE)
    const poisoned: Inquiry = async ({ mediaId }) => {
      if (mediaId === MEDIA_ID) throw new Error('the answer makes no sense')
      return []
    }
    const reminded = async () => {
      const [first, second] = await ports.readModel.get([`media/${MEDIA_ID}`, `media/${OTHER_ID}`])
      return [first?.data['reminders'], second?.data['reminders']]
    }
    return { ...world, poisoned: { ...ports, inquiries: [poisoned] }, reminded }
  }

  it('holds nobody up who comes after it, and is named at the end', async () => {
    const { poisoned, reminded, errors } = await prepareTwo()
    const failure: unknown = await sweep(poisoned).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(SweepIncomplete)
    expect(failure).toMatchObject({
      message: `1 of what was due failed: media/${MEDIA_ID}`,
      done: { reminded: 1, failed: 0 },
    })
    expect(errors).toEqual([`media/${MEDIA_ID}: Error: the answer makes no sense`])
    expect(await reminded()).toEqual([undefined, 1])
  })

  it('is tried again each minute, and reminded once it can be', async () => {
    const { ports, poisoned, pass, reminded } = await prepareTwo()
    await expect(sweep(poisoned)).rejects.toThrow(MEDIA_ID)
    expect(await sweep(poisoned)).toMatchObject({ reminded: 0 })
    pass(MINUTE)
    await expect(sweep(poisoned)).rejects.toThrow(MEDIA_ID)
    pass(MINUTE)
    expect(await sweep(ports)).toMatchObject({ reminded: 1, failed: 0 })
    expect(await reminded()).toEqual([1, 1])
  })

  it('comes after those that wait, though the sweep died at it', async () => {
    const { ports, pass, reminded } = await prepareTwo()
    let isAsked = () => {}
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve
    })
    const endless: Inquiry = () => {
      isAsked()
      return new Promise(() => {})
    }
    void sweep({ ...ports, inquiries: [endless] })
    await asked
    expect(await sweep(ports)).toMatchObject({ reminded: 1 })
    expect(await reminded()).toEqual([undefined, 1])
    pass(MINUTE)
    expect(await sweep(ports)).toMatchObject({ reminded: 1 })
    expect(await reminded()).toEqual([1, 1])
  })

  it('leaves a sweep its time for the others: what no time is left for is due in the next', async () => {
    const { poisoned, reminded } = await prepareTwo()
    const hurried = { ...poisoned, timeLeft: () => 1 }
    await expect(sweep(hurried)).rejects.toMatchObject({ done: { reminded: 0, postponed: 1 } })
    expect(await sweep(hurried)).toMatchObject({ reminded: 1, postponed: 0 })
    expect(await reminded()).toEqual([undefined, 1])
  })
})

describe('what comes after more that fails than one sweep takes on', () => {
  const MANY = 250
  const idOf = (n: number) => rootId(['one of many', String(n)])

  it('has its turn, of media', async () => {
    const { ports, upload, pass, media, status } = await prepare()
    await bindUpload(ports, MEDIA_ID, await upload())
    const older = new Date(Date.parse(media().deadlineAt ?? '') - 1000).toISOString()
    for (let n = 0; n < MANY; n++) {
      const data = { ...media(), mediaId: idOf(n), deadlineAt: older } as unknown as Data
      await ports.readModel.commit([{ kind: 'create', path: `media/${idOf(n)}`, data }])
    }
    const poisoned: Inquiry = async ({ mediaId }) => {
      if (mediaId !== MEDIA_ID) throw new Error('the answer makes no sense')
      return []
    }
    pass(LIMITS.processing.deadlineSeconds.image * 1000 + MINUTE)
    for (let minute = 0; minute < 40; minute++) {
      await expect(sweep({ ...ports, inquiries: [poisoned] })).rejects.toThrow(SweepIncomplete)
      pass(MINUTE)
    }
    expect(status()).toBe('failed')
  })

  it('has its turn, of what is owed', async () => {
    const { ports, pass, bus } = await prepare()
    const last = uploadedEvent(MANY)
    for (let n = 0; n < MANY; n++) await ports.readModel.commit([owe({ event: uploadedEvent(n) }, START)])
    await ports.readModel.commit([owe({ event: last }, START + 1000)])
    bus.fail({ entry: ({ detail }) => (detail.includes(last.meta.id) ? undefined : 'MalformedDetail') })
    for (let minute = 0; minute < 4; minute++) {
      pass(MINUTE)
      await sweep(ports).catch((error: unknown) => expect(error).toBeInstanceOf(SweepIncomplete))
    }
    expect(bus.events()).toEqual([last])
  })
})

it('looks after the media though the bus holds it up with what is owed', async () => {
  const { ports, pass, status } = await prepare()
  await ports.readModel.commit([owe({ event: uploadedEvent(1) }, START)])
  pass(16 * MINUTE)
  void sweep({ ...ports, bus: { put: () => new Promise(() => {}) } })
  while (status() === 'reserved') await new Promise(setImmediate)
  expect(status()).toBe('expired')
})

it('publishes what is owed but for what the bus refuses, which stays owed, and looks after the media all the same', async () => {
  const { ports, pass, bus, errors, status } = await prepare()
  const [refused, taken] = [uploadedEvent(1), uploadedEvent(2)]
  await ports.readModel.commit([owe({ event: refused }, START), owe({ event: taken }, START)])
  bus.fail({ entry: ({ detail }) => (detail.includes(refused.meta.id) ? 'MalformedDetail' : undefined) })
  pass(16 * MINUTE)
  await expect(sweep(ports)).rejects.toThrow(`1 of what was due failed: outbox/${refused.meta.id}`)
  expect(errors).toEqual([expect.stringContaining(refused.meta.id)])
  expect(status()).toBe('expired')
  expect(bus.events()).toEqual([taken])
  const owed = await oldDebts(ports.readModel, ports.clock.now(), 10)
  expect(owed).toEqual([{ time: expect.anything(), event: refused }])
})

it('asks for the verdict on bytes that were scanned though nobody was told of it', async () => {
  const { ports, pass, upload, bus } = await prepare()
  const object = await upload()
  await bindUpload(ports, MEDIA_ID, object)
  await ports.objects.tag(object, { GuardDutyMalwareScanStatus: 'NO_THREATS_FOUND' })
  pass(LIMITS.processing.deadlineSeconds.image * 1000 + MINUTE)
  expect(await sweep(ports)).toMatchObject({ reminded: 1 })
  expect(bus.events().map(({ meta }) => meta.type)).toEqual(['MediaUploaded', 'MediaUploaded', 'MalwareScanCompleted'])
})

it('asks again after a scan that failed, as it may have been done again', async () => {
  const { ports, pass, upload, bus } = await prepare()
  const object = await upload()
  await bindUpload(ports, MEDIA_ID, object)
  const failed = { outcome: 'failed', time: '2026-03-01T10:00:05.000Z', code: 'scan-failed', message: 'It failed.' }
  await ports.readModel.commit([
    { kind: 'update', path: `media/${MEDIA_ID}`, fields: [{ path: ['steps', 'scan-malware', '0.0'], value: failed }] },
  ])
  await ports.objects.tag(object, { GuardDutyMalwareScanStatus: 'NO_THREATS_FOUND' })
  pass(LIMITS.processing.deadlineSeconds.image * 1000 + MINUTE)
  await sweep(ports)
  expect(bus.events().at(-1)).toMatchObject({ meta: { type: 'MalwareScanCompleted' }, data: { verdict: 'clean' } })
})

it('changes nothing where somebody else wrote meanwhile', async () => {
  const { ports, pass, status } = await prepare()
  pass(16 * MINUTE)
  const late = {
    ...ports,
    objects: {
      ...ports.objects,
      async versions() {
        await ports.readModel.commit([
          { kind: 'update', path: `media/${MEDIA_ID}`, fields: [{ path: ['retry'], value: 1 }] },
        ])
        return []
      },
    },
  }
  await sweep(late)
  expect(status()).toBe('reserved')
})

it('binds the first of what arrived though nobody was told of it, and deletes the rest', async () => {
  const { ports, pass, upload, media } = await prepare()
  const first = await upload()
  await ports.objects.put(originalKey({ mediaId: MEDIA_ID, kind: 'image' }), Buffer.from('other'), {
    contentType: 'image/jpeg',
  })
  pass(16 * MINUTE)
  await sweep(ports)
  expect(media().object).toEqual(first)
  expect(await ports.objects.versions(originalKey({ mediaId: MEDIA_ID, kind: 'image' }))).toEqual([first])
})

it('waits no longer for a media that was deleted', async () => {
  const { ports, pass, upload, media } = await prepare()
  await bindUpload(ports, MEDIA_ID, await upload())
  await ports.readModel.commit([{ kind: 'update', path: `media/${MEDIA_ID}`, fields: [{ path: ['life'], value: 1 }] }])
  pass(LIMITS.processing.deadlineSeconds.image * 1000 + MINUTE)
  expect(await sweep(ports)).toMatchObject({ released: 1, reminded: 0 })
  expect(media()).not.toHaveProperty('deadlineAt')
})

it('waits again for what was given up when a retry is asked for, and gives it up again', async () => {
  const { ports, pass, upload, media, status } = await prepare()
  await bindUpload(ports, MEDIA_ID, await upload())
  const overdue = LIMITS.processing.deadlineSeconds.image * 1000 + MINUTE
  const twice = async () => {
    for (let count = 0; count < 2; count++) {
      pass(overdue)
      await sweep(ports)
    }
  }
  await twice()
  expect(status()).toBe('failed')
  await ports.readModel.commit([
    {
      kind: 'update',
      path: `media/${MEDIA_ID}`,
      fields: [
        { path: ['retry'], value: 1 },
        { path: ['reminders'], value: undefined },
        { path: ['deadlineAt'], value: media().uploadedAt ?? '' },
      ],
    },
  ])
  expect(status()).toBe('processing')
  await twice()
  expect(status()).toBe('failed')
  expect(Object.keys(media().steps['optimize-image'] ?? {})).toEqual(['0.0', '0.1'])
  expect(media()).not.toHaveProperty('deadlineAt')
})
