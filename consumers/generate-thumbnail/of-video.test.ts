import {
  ThumbnailReadyV2,
  type ThumbnailReadyV2Data,
  VideoFramesSampledV1,
  type VideoFramesSampledV1Data,
} from '../../contracts/generated/events.ts'
import { FAKE_DAMAGED } from '../../ports/video/fake-video.ts'
import type { Video } from '../../ports/video/video.ts'
import { MEDIA_ID, makeWorld } from '../runtime/world.ts'
import { consumer } from './consumer.ts'

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
