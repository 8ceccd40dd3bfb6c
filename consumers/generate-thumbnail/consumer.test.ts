import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  ThumbnailReadyV2,
  type ThumbnailReadyV2Data,
  VideoFramesSampledV1,
  type VideoFramesSampledV1Data,
} from '../../contracts/generated/events.ts'
import { LIMITS } from '../../contracts/limits.ts'
import { FAKE_DAMAGED } from '../../ports/video/fake-video.ts'
import { timesAlong } from '../../ports/video/frames.ts'
import type { Still, Video } from '../../ports/video/video.ts'
import { MEDIA_ID, makeWorld } from '../runtime/world.ts'
import { consumer, FRAMES } from './consumer.ts'

async function uploadedVideo(content = 'a video') {
  const world = await makeWorld()
  const object = await world.objects.put(`videos/original/${MEDIA_ID}`, Buffer.from(content), {
    contentType: 'video/mp4',
  })
  return { world, event: { ...world.uploaded, data: { ...world.uploaded.data, kind: 'video', object } } }
}

it('stores three sizes and a poster of a picture that stands for the video, and frames along it', async () => {
  const { world, event } = await uploadedVideo()
  const outcome = await consumer.handle(event, world)
  if (outcome.kind !== 'emitted') throw new Error(outcome.kind)
  const [ready, sampled] = outcome.drafts
  expect([ready?.contract, sampled?.contract]).toEqual([ThumbnailReadyV2, VideoFramesSampledV1])
  expect(ThumbnailReadyV2.writeViolations(ready?.data as ThumbnailReadyV2Data)).toEqual([])
  expect(VideoFramesSampledV1.writeViolations(sampled?.data as VideoFramesSampledV1Data)).toEqual([])

  const keys = world.objects.contents().map(({ key }) => key)
  const below = (prefix: string) => keys.filter((key) => key.startsWith(`${prefix}/${MEDIA_ID}/`))
  expect(below('videos/thumbnails').map((key) => key.split('/').at(-1))).toEqual([
    'thumb.webp',
    'medium.webp',
    'large.webp',
    'poster.jpg',
  ])
  expect(below('videos/frames').length).toBeGreaterThanOrEqual(3)
  for (const key of below('videos/frames')) expect(key).toMatch(/\/[0-9a-f]{8}\/\d+\.jpg$/)
})

/** The sampled frames, each with what it shows, where the video gives these stills. */
async function sampledOf(stills: { readonly poster: Still; readonly along: readonly Still[] }) {
  const { world, event } = await uploadedVideo()
  const video: Video = { ...world.video, frames: async () => ({ ok: true, ...stills }) }
  const outcome = await consumer.handle(event, { ...world, video })
  if (outcome.kind !== 'emitted') throw new Error(outcome.kind)
  const sampled = outcome.drafts[1]?.data as VideoFramesSampledV1Data
  expect(VideoFramesSampledV1.writeViolations(sampled)).toEqual([])
  const { frames } = sampled
  const shows = (object: (typeof frames)[number]['object']) => world.objects.read(object, 100)
  return Promise.all(frames.map(async ({ atMs, object }) => [atMs, Buffer.from(await shows(object)).toString()]))
}
const still = (atMs: number, shows: string): Still => ({ atMs, width: 8, height: 8, bytes: Buffer.from(shows) })

it('samples the very picture that stands for the video, at its place', async () => {
  const along = [still(500, 'early'), still(5_000, 'late')]
  expect(await sampledOf({ poster: still(1_000, 'poster'), along })).toEqual([
    [500, 'early'],
    [1_000, 'poster'],
    [5_000, 'late'],
  ])
})

it('samples each time once, and then what stands for the video', async () => {
  const along = [still(1_000, 'beside the poster'), still(5_000, 'late')]
  expect(await sampledOf({ poster: still(1_000, 'poster'), along })).toEqual([
    [1_000, 'poster'],
    [5_000, 'late'],
  ])
})

it('samples the longest video as often as the event can tell', async () => {
  const { maxSeconds } = LIMITS.video
  const times = timesAlong(maxSeconds * 1_000, FRAMES.along)
  expect(times).toHaveLength(31)
  expect(await sampledOf({ poster: still(0, 'poster'), along: times.map((atMs) => still(atMs, 'x')) })).toHaveLength(32)
})

it('samples as often as docs/moderation.md says', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/moderation.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (\d+) s \| (.*) \| (.*) s \| \$(.*) \|$/gm)].map((row) =>
    row.slice(1).map(Number),
  )
  expect(rows.length).toBeGreaterThan(0)
  for (const [seconds = 0, ...told] of rows) {
    const along = timesAlong(seconds * 1_000, FRAMES.along).length
    expect([seconds, ...told]).toEqual([seconds, along + 1, Math.round(seconds / along), (along + 1) / 1_000])
  }
})

it('stores nothing twice when it runs twice', async () => {
  const { world, event } = await uploadedVideo()
  const first = await consumer.handle(event, world)
  const count = world.objects.contents().length
  expect(await consumer.handle(event, world)).toEqual(first)
  expect(world.objects.contents()).toHaveLength(count)
})

it('refuses a video that can’t be opened, and stores nothing of it', async () => {
  const { world, event } = await uploadedVideo(FAKE_DAMAGED)
  const count = world.objects.contents().length
  expect(await consumer.handle(event, world)).toMatchObject({ kind: 'rejected', code: 'undecodable' })
  expect(world.objects.contents()).toHaveLength(count)
})

it('has failed, and names the remedy, where no ffmpeg is', async () => {
  const { world, event } = await uploadedVideo()
  const missing = { ok: false, fault: 'ours', code: 'no-ffmpeg', message: 'No ffmpeg runs here: install it.' } as const
  const video: Video = { ...world.video, frames: async () => missing }
  expect(await consumer.handle(event, { ...world, video })).toMatchObject({
    kind: 'failed',
    code: 'no-ffmpeg',
    message: 'No ffmpeg runs here: install it.',
  })
})
