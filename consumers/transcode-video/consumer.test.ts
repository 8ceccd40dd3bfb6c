import { createHash } from 'node:crypto'
import { MediaUploadedV1 } from '../../contracts/generated/events.ts'
import { LIMITS } from '../../contracts/limits.ts'
import { createEvent, type ReplayMark, withReplay } from '../../events/envelope.ts'
import { rootId } from '../../events/ids.ts'
import { traceparentOf } from '../../events/traceparent.ts'
import { sequentialIds } from '../../ports/ids/ids.ts'
import { fakeObjects } from '../../ports/objects/fake-objects.ts'
import type { MediaFacts, Probe } from '../../ports/probe/probe.ts'
import { fakeTranscoder } from '../../ports/transcoder/fake-transcoder.ts'
import { consumer } from './consumer.ts'

const mediaId = '5f0c6a52-0b57-5d3c-9a3f-2f1a5d0c7e11'
const FILM: MediaFacts = {
  format: 'mov',
  contentType: 'video/quicktime',
  durationMs: 5200,
  tracks: 2,
  video: { codec: 'hevc', width: 1080, height: 1920, rotation: 90, frameRate: 59.94, hdr: 'hlg' },
  audio: { codec: 'aac', channels: 2, sampleRate: 48_000 },
}

async function prepare(facts: MediaFacts | undefined = FILM) {
  const objects = fakeObjects({ bucket: 'media' })
  const object = await objects.put(`videos/original/${mediaId}`, Buffer.from('a film'), { contentType: 'video/mp4' })
  const id = rootId([object.key, object.versionId])
  const uploaded = createEvent(
    MediaUploadedV1,
    { mediaId, kind: 'video', contentType: 'video/mp4', object },
    {
      id,
      time: 0,
      subject: mediaId,
      run: '0.1',
      correlationId: mediaId,
      causationId: id,
      traceparent: traceparentOf(id),
    },
  )
  const probe: Probe = {
    probe: async () => (facts ? { ok: true, facts } : { ok: false, code: 'undecodable', message: 'No.' }),
  }
  const ports = { objects, probe, transcoder: fakeTranscoder(), ids: sequentialIds() }
  const run = (replay?: ReplayMark) => consumer.handle(withReplay(uploaded, replay), ports)
  return { ...ports, object, run }
}

it('starts a job over a copy of the bound version, for what its ladder depends on', async () => {
  const { run, transcoder, objects, object } = await prepare()
  await objects.put(object.key, Buffer.from('other bytes'), { contentType: 'video/mp4' })
  const outcome = await run()
  const [order] = transcoder.orders
  const attempt = '00000000-0000-4000-8000-000000000001'
  expect(order).toMatchObject({
    mediaId,
    kind: 'video',
    run: '0.1',
    attempt,
    source: { bucket: 'media', key: `videos/source/${mediaId}/${attempt}` },
    output: { bucket: 'media', prefix: `videos/hls/${mediaId}/${attempt}/` },
    video: { width: 1080, height: 1920, frameRate: 59.94, hdr: true, hasSound: true },
  })
  const [copy] = await objects.versions(order?.source.key ?? '')
  expect(copy?.etag).toBe(createHash('md5').update('a film').digest('hex'))
  expect(outcome).toMatchObject({
    kind: 'emitted',
    drafts: [{ data: { mediaId, kind: 'video', jobId: 'job-1', attempt } }],
  })
})

it('hands a forced replay on to the job, whose end somebody always takes', async () => {
  const { run, transcoder } = await prepare()
  const replay = { id: 'ladder-2', mode: 'force', epoch: 2, lanes: ['transcode-video', 'compress-video'] }
  await run(replay)
  expect(transcoder.orders[0]?.replay).toEqual({ ...replay, lanes: [...replay.lanes, 'finish-transcode'] })
})

it('starts what a replay finds undone as if it were live: people wait for it', async () => {
  const { run, transcoder } = await prepare()
  await run({ id: 'march', mode: 'default', epoch: 0 })
  expect(transcoder.orders[0]).not.toHaveProperty('replay')
})

it('finds the job of a try that died a moment ago, and takes its own copy back', async () => {
  const { run, transcoder, objects } = await prepare()
  const first = await run()
  expect(await run()).toEqual(first)
  expect(transcoder.orders).toHaveLength(1)
  expect(await objects.list('videos/source/')).toHaveLength(1)
})

it('starts another job, with a place of its own, where the first is forgotten', async () => {
  const { run, transcoder } = await prepare()
  await run()
  transcoder.forgetTokens()
  await run()
  const [first, second] = transcoder.orders
  expect(second?.output.prefix).not.toBe(first?.output.prefix)
  expect(second?.token).toBe(first?.token)
})

it('fails at once where the transcoder refuses the job for good, and leaves no copy', async () => {
  const { run, transcoder, objects } = await prepare()
  transcoder.refuse()
  expect(await run()).toMatchObject({
    kind: 'failed',
    code: 'transcode-failed',
    message: expect.stringContaining('NotFoundException: there is no such queue'),
  })
  expect(await objects.list('videos/source/')).toEqual([])
})

it('is tried again where the transcoder fails for now', async () => {
  const { objects, probe, transcoder, ids, object } = await prepare()
  const start = () => Promise.reject(new Error('TooManyRequestsException'))
  const event = { meta: { id: 'x', run: '0.0' }, data: { mediaId, kind: 'video', object } }
  const handled = consumer.handle(event as never, { objects, probe, ids, transcoder: { ...transcoder, start } })
  await expect(handled).rejects.toThrow('TooManyRequests')
})

const { video: _, ...sound } = FILM
const { durationMs: __, ...endless } = FILM
it.each<[string, MediaFacts | undefined]>([
  ['can’t be read', undefined],
  ['shows nothing', sound],
  ['doesn’t say how long it plays', endless],
  ['is too long', { ...FILM, durationMs: LIMITS.video.maxSeconds * 1000 + 1 }],
  ['is too large', { ...FILM, video: { codec: 'h264', width: 7680, height: 4320, rotation: 0, hdr: 'sdr' } }],
])('starts nothing for what %s', async (_, facts) => {
  const world = await prepare(FILM)
  const { objects, transcoder } = world
  const probe: Probe = {
    probe: async () => (facts ? { ok: true, facts } : { ok: false, code: 'undecodable', message: 'No.' }),
  }
  const event = { meta: { id: 'x', run: '0.0' }, data: { mediaId, kind: 'video', object: world.object } }
  const outcome = await consumer.handle(event as never, { objects, transcoder, probe, ids: sequentialIds() })
  expect(outcome.kind).toBe('skipped')
  expect(transcoder.orders).toEqual([])
  expect(await objects.list('videos/source/')).toEqual([])
})
