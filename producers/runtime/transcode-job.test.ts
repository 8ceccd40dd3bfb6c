import type { MediaDocument } from '../../contracts/generated/documents.ts'
import { fakeTranscoder } from '../../ports/transcoder/fake-transcoder.ts'
import { ORDER } from '../../ports/transcoder/transcoder.suite.ts'
import type { JobState } from '../../ports/transcoder/transcoder.ts'
import { inquire, tenthOf, transcoded, transcodeFailed } from './transcode-job.ts'

const { mediaId, attempt } = ORDER
const NOW = Date.parse('2026-03-01T10:05:00.000Z')
const started = { outcome: 'succeeded', time: '2026-03-01T10:00:00.000Z' } as const

async function prepare(state?: JobState) {
  const transcoder = fakeTranscoder()
  const { jobId } = await transcoder.start(ORDER)
  if (state) transcoder.becomes(jobId, state)
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
    steps: { 'transcode-video': { '0.0': { ...started, job: { id: jobId, attempt } } } },
  }
  const job = { jobId, labels: { mediaId, kind: 'video', run: '0.0', attempt }, time: NOW }
  return { transcoder, media, job, ask: (of: MediaDocument = media) => inquire(of, { transcoder }, NOW) }
}

it('says what the news of a job that is done would have said, under the same id', async () => {
  const { ask, job } = await prepare({ status: 'complete', output: ORDER.output, durationMs: 5200 })
  expect(await ask()).toEqual([transcoded(job, ORDER.output, 5200)])
})

it.each<[string, JobState, string]>([
  ['failed', { status: 'failed', code: '1040', message: 'No.' }, '1040'],
  ['was cancelled', { status: 'canceled' }, 'canceled'],
])('says why a job %s', async (_, state, code) => {
  const { ask, job } = await prepare(state)
  const [event] = await ask()
  expect(event).toMatchObject({ data: { code }, meta: { id: transcodeFailed(job, { code, message: 'x' }).meta.id } })
})

it('says nothing while a job goes on, where none was started, and once its end was heard of', async () => {
  expect(await (await prepare()).ask()).toEqual([])
  expect(await (await prepare({ status: 'progressing', percent: 40 })).ask()).toEqual([])
  const { ask, media } = await prepare({ status: 'canceled' })
  expect(await ask({ ...media, steps: {} })).toEqual([])
  const finished = { ...started, outcome: 'failed' } as const
  expect(await ask({ ...media, steps: { ...media.steps, 'finish-transcode': { '0.0': finished } } })).toEqual([])
})

it('asks for the newest job, and gives up one that nobody knows', async () => {
  const { ask, media } = await prepare({ status: 'canceled' })
  const runs = { ...media.steps['transcode-video'], '0.2': { ...started, job: { id: 'unknown', attempt } } }
  expect(await ask({ ...media, steps: { 'transcode-video': runs } })).toMatchObject([
    { data: { jobId: 'unknown', code: 'gone' }, meta: { run: '0.2' } },
  ])
})

it('tells it for the retry that was asked for last, once more where an earlier one has heard of it', async () => {
  const { ask, media } = await prepare({ status: 'complete', output: ORDER.output, durationMs: 5200 })
  const finished = { ...media.steps, 'finish-transcode': { '0.0': started } }
  const [event] = await ask({ ...media, steps: finished, retry: 1 })
  expect(event).toMatchObject({ meta: { type: 'VideoTranscoded', run: '0.1' } })
  const again = { ...finished, 'finish-transcode': { '0.0': started, '0.1': started } }
  expect(await ask({ ...media, steps: again, retry: 1 })).toEqual([])
})

it('asks for the job of live work and for that of a forced replay, each for its own run', async () => {
  const complete: JobState = { status: 'complete', output: ORDER.output, durationMs: 5200 }
  const { transcoder, ask, media } = await prepare(complete)
  const replay = { id: 'ladder-2', mode: 'force', epoch: 2, lanes: ['finish-transcode'] }
  const forced = await transcoder.start({ ...ORDER, run: '2.0', token: 'forced', replay })
  transcoder.becomes(forced.jobId, complete)
  const runs = { ...media.steps['transcode-video'], '2.0': { ...started, job: { id: forced.jobId, attempt } } }
  const steps = { 'transcode-video': runs, 'finish-transcode': { '2.0': started } }
  const both = await ask({ ...media, steps: { 'transcode-video': runs }, retry: 1 })
  expect(both.map(({ meta }) => [meta.run, meta.replay])).toEqual([
    ['0.1', undefined],
    ['2.0', replay],
  ])
  expect(await ask({ ...media, steps })).toMatchObject([{ meta: { run: '0.0' } }])
})

it('counts by tenths, whatever is told', () => {
  expect([-1, 0, 9.9, 10, 55, 100, 120].map(tenthOf)).toEqual([0, 0, 0, 10, 50, 100, 100])
})
