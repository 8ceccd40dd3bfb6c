import {
  VideoRemuxedV1,
  type VideoRemuxedV1Data,
  VideoRemuxSkippedV1,
  type VideoRemuxSkippedV1Data,
} from '../../contracts/generated/events.ts'
import { project } from '../../contracts/project.ts'
import { FAKE_DAMAGED, FAKE_UNFIT } from '../../ports/video/fake-video.ts'
import type { Video } from '../../ports/video/video.ts'
import { MEDIA_ID, makeWorld } from '../runtime/world.ts'
import { consumer } from './consumer.ts'

async function handled(content: string, change: (video: Video) => Partial<Video> = () => ({})) {
  const world = await makeWorld()
  const contentType = 'video/mp4'
  const object = await world.objects.put(`videos/original/${MEDIA_ID}`, Buffer.from(content), { contentType })
  const downloads: string[] = []
  const objects = {
    ...world.objects,
    download: async (...[from, file, most]: Parameters<typeof world.objects.download>) => {
      downloads.push(from.key)
      await world.objects.download(from, file, most)
    },
  }
  const event = { ...world.uploaded, data: { ...world.uploaded.data, kind: 'video', object } }
  const video = { ...world.video, ...change(world.video) }
  const outcome = await consumer.handle(event, { objects, video })
  const stored = world.objects.contents().filter(({ key }) => key.startsWith('videos/compressed/'))
  return { outcome, stored, downloads, recipe: await world.video.recipe('remux') }
}

it('stores the video as it is, and tells of it', async () => {
  const { outcome, stored, recipe } = await handled('a video')
  if (outcome.kind !== 'emitted') throw new Error(outcome.kind)
  const [draft] = outcome.drafts
  expect(draft?.contract).toBe(VideoRemuxedV1)
  expect(VideoRemuxedV1.writeViolations(draft?.data as VideoRemuxedV1Data)).toEqual([])
  expect(draft?.data).toMatchObject({ video: { name: 'source', contentType: 'video/mp4', object: stored[0] } })
  expect(stored.map(({ key }) => key)).toEqual([`videos/compressed/${MEDIA_ID}/${recipe}/source.mp4`])
})

/** What is said of a video that is not handed out as it came. */
function skipOf({ outcome }: Awaited<ReturnType<typeof handled>>): VideoRemuxSkippedV1Data {
  if (outcome.kind !== 'emitted') throw new Error(outcome.kind)
  const [draft] = outcome.drafts
  expect(draft?.contract).toBe(VideoRemuxSkippedV1)
  const data = draft?.data as VideoRemuxSkippedV1Data
  expect(VideoRemuxSkippedV1.writeViolations(data)).toEqual([])
  return data
}

it('says why nothing plays early of a video that others could not play, and doesn’t even fetch it', async () => {
  const unfit = await handled(`${FAKE_UNFIT} video`)
  expect(skipOf(unfit)).toEqual({
    mediaId: MEDIA_ID,
    kind: 'video',
    code: 'unfit',
    message: 'The video has to be encoded before others can play it: its pictures are vp9, not H.264',
  })
  expect([unfit.stored, unfit.downloads]).toEqual([[], []])
})

it('says why of a video that has more in it than it shows, which is seen once it was fetched', async () => {
  const unfit = 'it still holds 2.7 s of pictures trimmed from what it shows'
  const hidden = await handled('a video', () => ({ remux: async () => ({ ok: true, unfit }) }))
  expect(skipOf(hidden)).toMatchObject({ code: 'unfit', message: expect.stringContaining(unfit) })
  expect(hidden.stored).toEqual([])
})

it('leaves it to those who decode it whether a video is damaged that can’t be copied', async () => {
  const problem = {
    ok: false,
    fault: 'file',
    code: 'undecodable',
    message: `The video is cut off${'.'.repeat(500)}`,
  } as const
  expect(skipOf(await handled('a video', () => ({ remux: async () => problem })))).toMatchObject({
    code: 'uncopyable',
    message: expect.stringContaining('The video is cut off'),
  })
})

it('leaves in the document why nothing plays early, and no form', async () => {
  const told = skipOf(await handled(`${FAKE_UNFIT} video`))
  const time = '2026-03-01T10:00:00.000Z'
  expect(project([{ detailType: VideoRemuxSkippedV1.detailType, time, data: told }])).toEqual({
    outcome: 'succeeded',
    code: 'unfit',
    message: told.message,
    time,
  })
})

it('refuses what is no video', async () => {
  expect((await handled(FAKE_DAMAGED)).outcome).toMatchObject({ kind: 'rejected', code: 'undecodable' })
})
