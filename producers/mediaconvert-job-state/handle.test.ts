import type { MediaDocument } from '../../contracts/generated/documents.ts'
import { fakeBus } from '../../events/fake-bus.ts'
import { fakeObjects } from '../../ports/objects/fake-objects.ts'
import { fakeQueue } from '../../ports/queue/fake-queue.ts'
import { fakeReadModel } from '../../ports/read-model/fake-read-model.ts'
import type { Data } from '../../ports/read-model/read-model.ts'
import { fakeTranscoder } from '../../ports/transcoder/fake-transcoder.ts'
import { toUserMetadata } from '../../ports/transcoder/labels.ts'
import { ORDER } from '../../ports/transcoder/transcoder.suite.ts'
import { handleStateChange } from './handle.ts'

const mediaId = '5f0c6a52-0b57-5d3c-9a3f-2f1a5d0c7e11'
const attempt = '2b8f6d0e-6f2f-4a55-9f5e-5a3d1c9a7b20'
const jobId = '1671477617078-2886ye'
const labels = { mediaId, kind: 'video', run: '0.1', attempt }
const folder = `s3://media-dev/videos/hls/${mediaId}/${attempt}/`

const media: MediaDocument = {
  version: '1.1',
  mediaId,
  ownerId: 'owner',
  conversationId: 'c',
  kind: 'video',
  declared: { contentType: 'video/mp4', bytes: 5 },
  reservedAt: '2026-03-01T10:00:00.000Z',
  expiresAt: '2026-03-01T10:10:00.000Z',
  life: 0,
  retry: 0,
  steps: {},
}

function prepare(document: MediaDocument | undefined = media) {
  const readModel = fakeReadModel(document && { [`media/${mediaId}`]: document as unknown as Data })
  const clock = { now: () => 0, sleep: async () => {} }
  const objects = fakeObjects({ bucket: 'media-dev' })
  const transcoder = fakeTranscoder()
  const ports = { readModel, objects, bus: fakeBus(), queue: fakeQueue(), clock, transcoder, environment: 'dev' }
  return {
    ...ports,
    ports,
    progress: () => (readModel.documents.get(`media/${mediaId}`) as unknown as MediaDocument).progress,
    said: () => ports.bus.events().map(({ meta, data }) => ({ type: meta.type, data })),
  }
}

/** As MediaConvert writes it. */
const news = (status: string, facts: object = {}, userMetadata: object = toUserMetadata(labels, 'dev')) =>
  JSON.stringify({
    version: '0',
    id: '1234abcd-12ab-34cd-56ef-1234567890ab',
    'detail-type': 'MediaConvert Job State Change',
    source: 'aws.mediaconvert',
    account: '111122223333',
    time: '2026-03-01T10:05:00Z',
    region: 'us-west-2',
    resources: [`arn:aws:mediaconvert:us-west-2:111122223333:jobs/${jobId}`],
    detail: { timestamp: Date.parse('2026-03-01T10:05:00.123Z'), jobId, status, userMetadata, ...facts },
  })

const update = (jobPercentComplete: number) =>
  news('STATUS_UPDATE', { framesDecoded: 353, jobProgress: { currentPhase: 'TRANSCODING', jobPercentComplete } })

const complete = news('COMPLETE', {
  outputGroupDetails: [
    {
      type: 'CMAF_GROUP',
      playlistFilePaths: [`${folder}master.mpd`, `${folder}master.m3u8`],
      outputDetails: [{ durationInMs: 5200 }, { durationInMs: 5211.4 }],
    },
    { type: 'FILE_GROUP', outputDetails: [{ outputFilePaths: [`${folder}frames/frame.0000000.jpg`] }] },
  ],
})

it('says what a forced replay’s job did with its mark, and of another job without one', async () => {
  const { ports, bus } = prepare()
  const replay = { id: 'ladder-2', mode: 'force', epoch: 2, lanes: ['finish-transcode'] }
  await handleStateChange(ports, news('CANCELED', {}, toUserMetadata({ ...labels, run: '2.0', replay }, 'dev')))
  await handleStateChange(ports, news('CANCELED'))
  expect(bus.events().map(({ meta }) => [meta.type, meta.run, meta.replay])).toEqual([
    ['TranscodeFailed', '2.0', replay],
    ['TranscodeFailed', '0.1', undefined],
  ])
})

it('tells of each tenth once, and writes it where it only adds', async () => {
  const { ports, said, progress, bus } = prepare()
  for (const percent of [4, 47, 41, 12, 49]) await handleStateChange(ports, update(percent))
  expect(said()).toEqual(
    [0, 40, 10].map((percent) => ({
      type: 'VideoTranscodeProgressed',
      data: { mediaId, kind: 'video', jobId, attempt, percent, phase: 'transcoding' },
    })),
  )
  expect(Object.keys(progress()?.[attempt] ?? {})).toEqual(['p0', 'p40', 'p10'])
  expect(bus.events()[0]?.meta).toMatchObject({ subject: mediaId, run: '0.1', time: '2026-03-01T10:05:00.123Z' })
})

it('says where the outputs of a job that is done lie, and that it is at its end', async () => {
  const { ports, said, progress } = prepare()
  await handleStateChange(ports, complete)
  expect(said()).toEqual([
    { type: 'VideoTranscodeProgressed', data: { mediaId, kind: 'video', jobId, attempt, percent: 100 } },
    {
      type: 'VideoTranscoded',
      data: {
        mediaId,
        kind: 'video',
        jobId,
        attempt,
        bucket: 'media-dev',
        prefix: `videos/hls/${mediaId}/${attempt}/`,
        durationMs: 5211,
      },
    },
  ])
  expect(progress()?.[attempt]).toHaveProperty('p100')
})

it.each([
  [
    'failed',
    news('ERROR', { errorCode: 1040, errorMessage: 'x'.repeat(600) }),
    { code: '1040', message: 'x'.repeat(500) },
  ],
  ['was cancelled', news('CANCELED'), { code: 'canceled', message: 'The job was cancelled.' }],
])('says why a job %s', async (_, body, reason) => {
  const { ports, said } = prepare()
  await handleStateChange(ports, body)
  expect(said()).toEqual([{ type: 'TranscodeFailed', data: { mediaId, kind: 'video', jobId, attempt, ...reason } }])
})

it('says it under one id, however often it is told', async () => {
  const { ports, bus } = prepare()
  await Promise.all([1, 2, 3].map(() => handleStateChange(ports, complete)))
  const ids = bus.events().map(({ meta }) => `${meta.type} ${meta.id}`)
  expect(new Set(ids).size).toBe(2)
})

it('says it when it comes again after the bus was away', async () => {
  const { ports, bus, said, progress } = prepare()
  bus.fail({ entry: () => 'InternalFailure' })
  await expect(handleStateChange(ports, update(40))).rejects.toThrow()
  expect(progress()).toBeUndefined()
  bus.fail({})
  await handleStateChange(ports, update(40))
  expect(said()).toHaveLength(1)
})

it('tells of a media that was deleted, as it may be restored, and lets its job go on', async () => {
  const { ports, transcoder, said } = prepare({ ...media, life: 1 })
  const started = await transcoder.start(ORDER)
  await handleStateChange(
    ports,
    news('STATUS_UPDATE', { jobId: started.jobId, jobProgress: { jobPercentComplete: 10 } }),
  )
  expect((await transcoder.get(started.jobId))?.state.status).toBe('submitted')
  await handleStateChange(ports, complete)
  expect(said().map(({ type }) => type)).toEqual([
    'VideoTranscodeProgressed',
    'VideoTranscodeProgressed',
    'VideoTranscoded',
  ])
})

it('takes away what a job was given to read when it ends, and finds nothing amiss when that is gone', async () => {
  for (const body of [complete, news('ERROR'), news('CANCELED')]) {
    const { ports, objects } = prepare()
    const copyOf = (one: string) =>
      objects.put(`videos/source/${mediaId}/${one}`, Buffer.from('film'), { contentType: 'video/mp4' })
    const [copy, another] = [await copyOf(attempt), await copyOf(jobId)]
    await handleStateChange(ports, update(40))
    expect(await objects.head(copy)).toBeDefined()
    await handleStateChange(ports, body)
    await handleStateChange(ports, body)
    expect([await objects.head(copy), await objects.head(another)]).toEqual([undefined, expect.anything()])
  }
})

const purged = { ...media, life: 1, purged: true }
const outputs = { outputGroupDetails: [{ playlistFilePaths: [`${folder}master.m3u8`] }] }

it.each([
  ['COMPLETE', undefined],
  ['ERROR', undefined],
  ['CANCELED', undefined],
  ['STATUS_UPDATE', undefined],
  ['COMPLETE', purged],
  ['STATUS_UPDATE', purged],
])(
  'says nothing of a media that is gone for good, and deletes what its job read and made (%s, %j)',
  async (status, document) => {
    const { ports, readModel, objects, said } = prepare(document)
    const put = (key: string) => objects.put(key, Buffer.from('bytes'), { contentType: 'video/mp4' })
    const own = [
      await put(`videos/hls/${mediaId}/${attempt}/master.m3u8`),
      await put(`videos/source/${mediaId}/${attempt}`),
    ]
    const others = [
      await put(`videos/hls/${mediaId}/${jobId}/master.m3u8`),
      await put(`videos/source/${mediaId}/${jobId}`),
    ]
    if (!document) await readModel.commit([{ kind: 'delete', path: `media/${mediaId}` }])
    const facts = { ...outputs, jobProgress: { jobPercentComplete: 10 } }
    expect(await handleStateChange(ports, news(status, facts))).toContain('cleared away')
    for (const object of own) expect(await objects.head(object)).toBeUndefined()
    for (const object of others) expect(await objects.head(object)).toBeDefined()
    expect(said()).toEqual([])
  },
)

it('cancels a job that goes on though its media is gone for good', async () => {
  const { ports, readModel, transcoder } = prepare()
  const [own, another] = [await transcoder.start(ORDER), await transcoder.start({ ...ORDER, token: 'another' })]
  await readModel.commit([{ kind: 'delete', path: `media/${mediaId}` }])
  await handleStateChange(ports, news('STATUS_UPDATE', { jobId: own.jobId, jobProgress: { jobPercentComplete: 10 } }))
  const statuses = [own, another].map(async ({ jobId: id }) => (await transcoder.get(id))?.state.status)
  expect(await Promise.all(statuses)).toEqual(['canceled', 'submitted'])
})

it.each([
  ['another product’s job', news('COMPLETE', {}, { mediaId })],
  ['another environment’s job', news('COMPLETE', {}, toUserMetadata(labels, 'prod'))],
  ['a job that lacks a label', news('COMPLETE', {}, { ...toUserMetadata(labels, 'dev'), attempt: undefined })],
  ['a status that nobody waits for', news('INPUT_INFORMATION')],
  ['progress without a number', news('STATUS_UPDATE', { jobProgress: {} })],
  ['another service', JSON.stringify({ source: 'aws.s3', 'detail-type': 'Object Created' })],
])('leaves %s alone', async (_, body) => {
  const { ports, said, queue } = prepare()
  expect(await handleStateChange(ports, body)).toContain('ignored')
  expect([said(), queue.deadLetters]).toEqual([[], []])
})

it.each([
  ['what is no JSON', '{'],
  ['a change without a job', news('COMPLETE', { jobId: undefined })],
  ['an end without a playlist', news('COMPLETE', { outputGroupDetails: [] })],
])('puts %s into the dead-letter queue', async (_, body) => {
  const { ports, said, queue } = prepare()
  expect(await handleStateChange(ports, body)).toContain('unreadable')
  expect(queue.deadLetters).toHaveLength(1)
  expect(said()).toEqual([])
})
