import { fold } from '../../../contracts/fold.ts'
import type { MediaDocument } from '../../../contracts/generated/documents.ts'
import { detailTypeOf } from '../../../events/envelope.ts'
import { fakeBus } from '../../../events/fake-bus.ts'
import { oldDebts, settleDebts } from '../../../ports/outbox/outbox.ts'
import { fakeReadModel } from '../../../ports/read-model/fake-read-model.ts'
import { type Data, Unavailable } from '../../../ports/read-model/read-model.ts'
import { fakeTranscoder } from '../../../ports/transcoder/fake-transcoder.ts'
import { ORDER } from '../../../ports/transcoder/transcoder.suite.ts'
import type { JobState } from '../../../ports/transcoder/transcoder.ts'
import { apiRequest } from '../fixtures.ts'
import { handle, type OverridePorts } from './handle.ts'

const ID = '5f0c6a52-0b57-5d3c-9a3f-2f1a5d0c7e11'
const NOW = Date.parse('2026-03-01T10:00:00Z')
const TIME = '2026-03-01T09:59:40.000Z'
const done = { '0.0': { outcome: 'succeeded', time: TIME } }
const blocked = {
  outcome: 'rejected',
  code: 'not-allowed',
  message: 'This picture may not be sent here.',
  time: TIME,
  moderation: { verdict: 'blocked', labels: [{ name: 'Explicit', confidence: 98 }], model: 'rekognition-7.0' },
}

const OBJECT = { bucket: 'messageai-media-local', key: `images/original/${ID}`, versionId: 'v1', etag: 'e1', bytes: 5 }
const UPLOADED: Data = {
  version: '1.0',
  mediaId: ID,
  ownerId: 'alice',
  conversationId: 'c-42',
  kind: 'image',
  declared: { contentType: 'image/jpeg', bytes: 5 },
  reservedAt: '2026-03-01T09:59:00.000Z',
  expiresAt: '2026-03-01T10:09:00.000Z',
  uploadedAt: '2026-03-01T09:59:30.000Z',
  object: OBJECT,
  required: ['extract-metadata', 'generate-thumbnail', 'optimize-image', 'moderate-content'],
  life: 0,
  retry: 0,
  steps: { 'extract-metadata': done, 'optimize-image': done, 'moderate-content': { '0.0': blocked } },
}
const READY: Data = {
  ...UPLOADED,
  steps: {
    'extract-metadata': done,
    'generate-thumbnail': done,
    'optimize-image': done,
    'moderate-content': {
      '0.0': { ...blocked, outcome: 'succeeded', moderation: { ...blocked.moderation, verdict: 'flagged' } },
    },
  },
}

function world(media: Data = UPLOADED) {
  const readModel = fakeReadModel({ 'conversations/c-42': { memberIds: ['alice', 'bob'] }, [`media/${ID}`]: media })
  const bus = fakeBus()
  let ids = 0
  const logged: string[] = []
  const clock = { now: () => NOW, sleep: async () => {} }
  const ports: OverridePorts = {
    readModel,
    bus,
    clock,
    ids: { uuid: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}` },
    transcoder: fakeTranscoder(),
    log: (message) => logged.push(message),
  }
  return {
    readModel,
    bus,
    ports,
    logged,
    media: () => readModel.documents.get(`media/${ID}`) as unknown as MediaDocument,
    said: () => bus.events().map(detailTypeOf),
    sweep: async () => settleDebts({ readModel, bus, clock }, await oldDebts(readModel, NOW + 1, 10)),
  }
}

interface Post {
  readonly uid?: string
  readonly moderator?: boolean
  readonly id?: string
  readonly key?: string
  readonly body?: string
}

async function post(ports: OverridePorts, verdict: string, options: Post = {}) {
  const { uid = 'mod', moderator = true, id = ID, key, body = JSON.stringify({ verdict }) } = options
  const answer = await handle(
    apiRequest({
      method: 'POST',
      path: `/media/${id}/moderation`,
      resource: '/media/{id}/moderation',
      uid,
      moderator,
      body,
      pathParameters: { id },
      ...(key !== undefined && { headers: { 'Idempotency-Key': key } }),
    }),
    ports,
  )
  return { status: answer.statusCode, body: JSON.parse(answer.body) }
}

describe('approving what was blocked', () => {
  test('is written for these bytes, and what was stopped goes on as a retry', async () => {
    const { ports, media, said, bus } = world({ ...UPLOADED, reminders: 1 })
    expect(await post(ports, 'approved')).toEqual({
      status: 200,
      body: { mediaId: ID, verdict: 'approved', status: 'processing' },
    })
    expect(media()).toMatchObject({
      overrides: { 1: { verdict: 'approved', versionId: 'v1', time: '2026-03-01T10:00:00.000Z' } },
      retry: 1,
      deadlineAt: '2026-03-01T10:15:00.000Z',
    })
    expect(media()).not.toHaveProperty('reminders')
    expect(said()).toEqual(['ModerationOverridden.v1', 'MediaUploaded.v1'])
    const [overridden, uploaded] = bus.events()
    expect(overridden).toMatchObject({
      meta: { subject: ID, run: '0.1', actor: 'mod' },
      data: { mediaId: ID, kind: 'image', number: 1, verdict: 'approved', object: OBJECT },
    })
    expect(uploaded).toMatchObject({ meta: { run: '0.1' }, data: { mediaId: ID, object: OBJECT } })
  })

  test('of which nothing else is missing makes it ready', async () => {
    const { ports, media } = world({
      ...UPLOADED,
      steps: { ...(UPLOADED['steps'] as Data), 'generate-thumbnail': done },
    })
    expect(await post(ports, 'approved')).toMatchObject({ body: { status: 'ready' } })
    expect(fold(media())).toMatchObject({ status: 'ready', cleared: true })
  })

  test('that another step refuses too wakes nobody', async () => {
    const undecodable = { '0.0': { outcome: 'rejected', code: 'undecodable', message: 'It is damaged.', time: TIME } }
    const { ports, media, said } = world({
      ...UPLOADED,
      steps: { ...(UPLOADED['steps'] as Data), 'generate-thumbnail': undecodable },
    })
    expect(await post(ports, 'approved')).toMatchObject({ status: 200, body: { status: 'rejected' } })
    expect(media()).toMatchObject({ retry: 0 })
    expect(said()).toEqual(['ModerationOverridden.v1'])
  })

  test('where nobody had come to look goes on, too', async () => {
    const failed = { '0.0': { outcome: 'failed', code: 'deadline-passed', message: 'It took too long.', time: TIME } }
    const { ports, said } = world({ ...READY, steps: { ...(READY['steps'] as Data), 'moderate-content': failed } })
    expect(await post(ports, 'approved')).toMatchObject({ body: { status: 'ready' } })
    expect(said()).toEqual(['ModerationOverridden.v1', 'MediaUploaded.v1'])
  })
})

describe('approving a video', () => {
  /** Blocked while its job, or one that nobody knows, was at work. */
  async function blockedVideo(state?: JobState) {
    const transcoder = fakeTranscoder()
    const order = { ...ORDER, mediaId: ID }
    const { jobId, attempt } = await transcoder.start(order)
    if (state) transcoder.becomes(jobId, state)
    const { ports, ...rest } = world({
      ...UPLOADED,
      kind: 'video',
      required: ['extract-metadata', 'generate-thumbnail', 'compress-video', 'moderate-content'],
      steps: {
        'extract-metadata': done,
        'generate-thumbnail': done,
        'transcode-video': { '0.0': { ...done['0.0'], job: { id: jobId, attempt } } },
        'moderate-content': { '0.0': blocked },
      },
    })
    return { ...rest, ports: { ...ports, transcoder } }
  }
  const complete: JobState = { status: 'complete', output: ORDER.output, durationMs: 5200 }

  test('whose stream was made meanwhile goes on with it at once, as the retry that it is', async () => {
    const { ports, bus, said } = await blockedVideo(complete)
    expect(await post(ports, 'approved')).toMatchObject({ status: 200 })
    expect(said()).toEqual(['ModerationOverridden.v1', 'MediaUploaded.v1', 'VideoTranscoded.v1'])
    expect(bus.events().at(-1)).toMatchObject({ meta: { run: '0.1' }, data: { mediaId: ID, ...ORDER.output } })
  })

  test('whose job goes on still waits for its end', async () => {
    const { ports, said } = await blockedVideo()
    await post(ports, 'approved')
    expect(said()).toEqual(['ModerationOverridden.v1', 'MediaUploaded.v1'])
  })

  test('stands where the transcoder can’t be asked: a deadline asks it', async () => {
    const { ports, said, logged } = await blockedVideo(complete)
    const away = { ...ports, transcoder: { get: () => Promise.reject(new Error('TooManyRequests')) } }
    expect(await post(away, 'approved')).toMatchObject({ status: 200 })
    expect(said()).toEqual(['ModerationOverridden.v1', 'MediaUploaded.v1'])
    expect(logged).toEqual(['left a transcode to the deadline'])
  })
})

describe('blocking what is shown', () => {
  test('rejects it, and awaits nothing more', async () => {
    const { ports, media, said } = world({ ...READY, deadlineAt: '2026-03-01T10:15:00.000Z' })
    expect(await post(ports, 'blocked')).toMatchObject({
      status: 200,
      body: { verdict: 'blocked', status: 'rejected' },
    })
    expect(fold(media())).toMatchObject({
      status: 'rejected',
      reason: { step: 'moderate-content', code: 'not-allowed' },
      moderation: { verdict: 'blocked', labels: [{ name: 'Explicit' }] },
    })
    expect(media()).not.toHaveProperty('deadlineAt')
    expect(said()).toEqual(['ModerationOverridden.v1'])
  })

  test('and approving it again counts on: the highest number stands', async () => {
    const { ports, media } = world(READY)
    await post(ports, 'blocked')
    await post(ports, 'approved')
    await post(ports, 'blocked')
    expect(Object.keys(media().overrides ?? {})).toEqual(['1', '2', '3'])
    expect(fold(media())).toMatchObject({ status: 'rejected', moderation: { verdict: 'blocked' } })
  })

  test('does not count a decision on other bytes, though its number is used', async () => {
    const other = { verdict: 'blocked', versionId: 'v0', time: TIME }
    const { ports, media } = world({ ...READY, overrides: { 1: other } })
    expect(fold(media()).status).toBe('ready')
    await post(ports, 'blocked')
    expect(media().overrides).toMatchObject({ 1: other, 2: { verdict: 'blocked', versionId: 'v1' } })
  })
})

describe('repeated', () => {
  test('the same decision changes nothing and says nothing, with a key or without one', async () => {
    for (const key of [undefined, 'decision-1']) {
      const { ports, said, readModel } = world()
      const first = await post(ports, 'approved', key === undefined ? {} : { key })
      const { commits } = readModel
      expect(await post(ports, 'approved', key === undefined ? {} : { key })).toEqual(first)
      expect(readModel.commits).toBe(commits)
      expect(said()).toHaveLength(2)
    }
  })

  test('a late repetition does not undo what was decided since', async () => {
    const { ports, media } = world(READY)
    await post(ports, 'blocked', { key: 'a' })
    await post(ports, 'approved', { key: 'b' })
    expect(await post(ports, 'blocked', { key: 'a' })).toMatchObject({ status: 200, body: { status: 'ready' } })
    expect(Object.keys(media().overrides ?? {})).toEqual(['1', '2'])
  })

  test('a key that was used where nothing had to change is used up', async () => {
    const { ports } = world(READY)
    await post(ports, 'blocked')
    await post(ports, 'blocked', { key: 'a' })
    await post(ports, 'approved')
    expect(await post(ports, 'blocked', { key: 'a' })).toMatchObject({ body: { status: 'ready' } })
  })

  test('another decision under the same key is refused; another moderator’s key is another one', async () => {
    const { ports } = world()
    await post(ports, 'approved', { key: 'a' })
    expect(await post(ports, 'blocked', { key: 'a' })).toMatchObject({
      status: 409,
      body: { code: 'idempotency-conflict' },
    })
    expect(await post(ports, 'blocked', { key: 'a', uid: 'other-mod' })).toMatchObject({ status: 200 })
  })

  test('two moderators at once both decide, one after the other', async () => {
    const { ports, media, said } = world()
    const answers = await Promise.all([
      post(ports, 'approved', { uid: 'mod' }),
      post(ports, 'blocked', { uid: 'other-mod' }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(Object.keys(media().overrides ?? {})).toHaveLength(2)
    expect(said().filter((type) => type === 'ModerationOverridden.v1')).toHaveLength(2)
  })
})

describe('is refused', () => {
  test.each([
    ['to a stranger, for whom there is no such media', { uid: 'mallory', moderator: false }, 404, 'not-found'],
    ['to its owner', { uid: 'alice', moderator: false }, 403, 'not-a-moderator'],
    ['to a member of the conversation', { uid: 'bob', moderator: false }, 403, 'not-a-moderator'],
    ['for a media that is not there', { id: '00000000-0000-4000-8000-000000000000' }, 404, 'not-found'],
    ['for what is no id', { id: '../conversations/c-42' }, 404, 'not-found'],
    ['without a body', { body: '' }, 400, 'malformed-json'],
    ['with half a body', { body: '{"verdict":"appr' }, 400, 'malformed-json'],
    ['with a name twice', { body: '{"verdict":"blocked","verdict":"approved"}' }, 400, 'malformed-json'],
    ['with a list', { body: '["approved"]' }, 400, 'invalid-request'],
    ['without a verdict', { body: '{}' }, 400, 'invalid-request'],
    ['with a verdict that only machines have', { body: '{"verdict":"flagged"}' }, 400, 'invalid-request'],
    ['with a verdict of another type', { body: '{"verdict":true}' }, 400, 'invalid-request'],
    ['with a field more', { body: '{"verdict":"approved","versionId":"v0"}' }, 400, 'invalid-request'],
    ['with a prototype', { body: '{"__proto__":{"verdict":"approved"}}' }, 400, 'invalid-request'],
    ['with too large a body', { body: `{"verdict":"approved","x":"${'x'.repeat(65_536)}"}` }, 413, 'body-too-large'],
    ['with an idempotency key of spaces', { key: 'a b' }, 400, 'invalid-request'],
  ])('%s', async (_, options, status, code) => {
    const { ports, said, media } = world()
    expect(await post(ports, 'approved', options)).toMatchObject({ status, body: { code } })
    expect(said()).toEqual([])
    expect(media()).toEqual(UPLOADED)
  })

  test('before the file is there', async () => {
    const { object: _, ...reserved } = UPLOADED
    expect(await post(world(reserved).ports, 'approved')).toMatchObject({ status: 409, body: { code: 'not-uploaded' } })
  })

  test('for a media that its owner deleted', async () => {
    expect(await post(world({ ...UPLOADED, life: 1 }).ports, 'approved')).toMatchObject({
      status: 410,
      body: { code: 'deleted' },
    })
  })
})

test('what the bus did not take stays owed, and the decision stands', async () => {
  const { ports, media, said, logged, sweep } = world()
  const broken = { ...ports, bus: { put: () => Promise.reject(new Error('no bus')) } }
  expect(await post(broken, 'approved')).toMatchObject({ status: 200 })
  expect(logged).toEqual(['left events in the outbox'])
  expect(said()).toEqual([])
  expect(fold(media()).status).toBe('processing')
  await sweep()
  expect(said().sort()).toEqual(['MediaUploaded.v1', 'ModerationOverridden.v1'])
})

test('a store that can’t be reached is told as that, and a media that changes all the time too', async () => {
  const { ports, readModel } = world()
  const away: OverridePorts = {
    ...ports,
    readModel: { ...readModel, get: () => Promise.reject(new Unavailable('away')) },
  }
  expect(await post(away, 'approved')).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  const busy: OverridePorts = { ...ports, readModel: { ...readModel, commit: async () => 'changed' } }
  expect(await post(busy, 'approved')).toMatchObject({ status: 503 })
})

test('the timeline tells of the decision', async () => {
  const { ports, readModel } = world()
  await post(ports, 'approved', { key: 'a' })
  const steps = [...readModel.documents].filter(([path]) => path.startsWith(`media/${ID}/steps/override-moderation~`))
  expect(steps.map(([, data]) => data)).toEqual([
    expect.objectContaining({
      consumer: 'override-moderation',
      outcome: 'succeeded',
      message: 'A moderator has decided: approved.',
    }),
  ])
})
