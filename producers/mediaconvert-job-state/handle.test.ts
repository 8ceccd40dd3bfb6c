import type { MediaDocument } from '../../contracts/generated/documents.ts'
import { fakeBus } from '../../events/fake-bus.ts'
import { fakeObjects } from '../../ports/objects/fake-objects.ts'
import { fakeQueue } from '../../ports/queue/fake-queue.ts'
import { fakeReadModel } from '../../ports/read-model/fake-read-model.ts'
import type { Data } from '../../ports/read-model/read-model.ts'
import { toUserMetadata } from '../../ports/transcoder/labels.ts'
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
  const ports = { readModel, objects, bus: fakeBus(), queue: fakeQueue(), clock, environment: 'dev' }
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

it('tells of a media that was deleted, as it may be restored, and of none that is gone', async () => {
  const deleted = prepare({ ...media, life: 1 })
  await handleStateChange(deleted.ports, complete)
  expect(deleted.said()).toHaveLength(2)
  const gone = prepare()
  await gone.readModel.commit([{ kind: 'delete', path: `media/${mediaId}` }])
  for (const body of [update(10), complete, news('ERROR')]) {
    expect(await handleStateChange(gone.ports, body)).toContain('gone')
  }
  expect(gone.said()).toEqual([])
})

it.each(['COMPLETE', 'ERROR', 'CANCELED'])(
  'deletes what a job made whose media is gone for good (%s)',
  async (status) => {
    const { ports, readModel, objects, said } = prepare()
    const options = { contentType: 'video/mp4' }
    const output = await objects.put(`videos/hls/${mediaId}/${attempt}/master.m3u8`, Buffer.from('made'), options)
    const another = await objects.put(`videos/hls/${mediaId}/${jobId}/master.m3u8`, Buffer.from('made'), options)
    await readModel.commit([{ kind: 'delete', path: `media/${mediaId}` }])
    const outputs = { outputGroupDetails: [{ playlistFilePaths: [`${folder}master.m3u8`] }] }
    expect(await handleStateChange(ports, news(status, outputs))).toContain('cleared away')
    expect(await objects.head(output)).toBeUndefined()
    expect(await objects.head(another)).toBeDefined()
    expect(said()).toEqual([])
  },
)

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
