import { consumer as generateThumbnail } from '../consumers/generate-thumbnail/consumer.ts'
import { consumer as moderateContent } from '../consumers/moderate-content/consumer.ts'
import { MEDIA_ID, makeWorld } from '../consumers/runtime/world.ts'
import { VideoFramesSampledV1, type VideoFramesSampledV1Data } from '../contracts/generated/events.ts'
import { createEvent } from '../events/envelope.ts'
import { fakeModeration } from '../ports/moderation/fake-moderation.ts'
import { readModelVerdicts } from '../ports/verdicts/read-model-verdicts.ts'
import type { Still, Video } from '../ports/video/video.ts'

const still = (atMs: number, shows: string): Still => ({ atMs, width: 100, height: 100, bytes: Buffer.from(shows) })

it('blocks a video of which only the picture that stands for it may not be shown', async () => {
  const world = await makeWorld()
  const frames: Video['frames'] = async () => ({
    ok: true,
    poster: still(1_000, 'nude'),
    along: [still(500, 'a beach'), still(5_000, 'a cat')],
  })
  const object = await world.objects.put(`videos/original/${MEDIA_ID}`, Buffer.from('film'), {
    contentType: 'video/mp4',
  })
  const uploaded = { ...world.uploaded, data: { ...world.uploaded.data, kind: 'video', object } }
  const outcome = await generateThumbnail.handle(uploaded, { ...world, video: { ...world.video, frames } })
  if (outcome.kind !== 'emitted') throw new Error(outcome.kind)
  const sampled = outcome.drafts.find(({ contract }) => contract === VideoFramesSampledV1)

  const nude = (await world.objects.put('nude', Buffer.from('nude'), { contentType: 'image/jpeg' })).etag
  const see = ({ etag }: { readonly etag: string }) => (etag === nude ? [{ name: 'Explicit', confidence: 98 }] : [])
  const { id, time, ...meta } = world.uploaded.meta
  const event = createEvent(VideoFramesSampledV1, sampled?.data as VideoFramesSampledV1Data, {
    ...meta,
    id,
    time: Date.parse(time),
    causationId: id,
  })
  const moderation = fakeModeration({ objects: world.objects, see })
  expect(
    await moderateContent.handle(event, { ...world, moderation, verdicts: readModelVerdicts(world) }),
  ).toMatchObject({
    kind: 'rejected',
    code: 'not-allowed',
    also: [{ data: { verdict: 'blocked' } }],
  })
})
