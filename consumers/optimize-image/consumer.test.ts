import {
  ImageOptimizedV1,
  type ImageOptimizedV1Data,
  ThumbnailReadyV2,
  type ThumbnailReadyV2Data,
} from '../../contracts/generated/events.ts'
import { FAKE_DAMAGED } from '../../ports/images/fake-images.ts'
import type { Animation, Images } from '../../ports/images/images.ts'
import type { Video } from '../../ports/video/video.ts'
import { MEDIA_ID, makeWorld } from '../runtime/world.ts'
import { consumer, PHOTO } from './consumer.ts'

it('stores three thumbnails, and WebP beside JPEG for what can’t show it, out of one decode', async () => {
  const world = await makeWorld()
  let decodes = 0
  const render: Images['render'] = (...asked) => {
    decodes += 1
    return world.images.render(...asked)
  }
  const outcome = await consumer.handle(world.uploaded, { ...world, images: { ...world.images, render } })
  if (outcome.kind !== 'emitted') throw new Error(outcome.kind)
  expect(decodes).toBe(1)

  const [ready, optimized] = outcome.drafts
  expect([ready?.contract, optimized?.contract]).toEqual([ThumbnailReadyV2, ImageOptimizedV1])
  for (const draft of outcome.drafts) expect(draft.contract.writeViolations(draft.data)).toEqual([])
  const told = { ...(ready?.data as ThumbnailReadyV2Data), ...(optimized?.data as ImageOptimizedV1Data) }
  const { thumbnails, placeholder, variants } = told
  const below = `${MEDIA_ID}/${world.images.recipe(PHOTO)}`
  expect([...thumbnails, ...variants].map(({ name, object }) => [name, object.key])).toEqual([
    ['thumb', `images/thumbnails/${below}/thumb.webp`],
    ['medium', `images/thumbnails/${below}/medium.webp`],
    ['large', `images/thumbnails/${below}/large.webp`],
    ['webp', `images/optimized/${below}/webp.webp`],
    ['jpeg', `images/optimized/${below}/jpeg.jpg`],
  ])
  expect(placeholder).toEqual({ kind: 'thumbhash', value: expect.stringMatching(/^[\w+/]+=*$/) })
  for (const { object } of [...thumbnails, ...variants]) {
    expect(await world.objects.versions(object.key)).toEqual([object])
  }
})

it('keeps what it makes of a profile picture beside it', async () => {
  const world = await makeWorld()
  const outcome = await consumer.handle({ ...world.uploaded, data: { ...world.uploaded.data, kind: 'profile' } }, world)
  expect(outcome).toMatchObject({
    kind: 'emitted',
    drafts: [{ data: { kind: 'profile' } }, { data: { kind: 'profile' } }],
  })
  const made = world.objects.contents().map(({ key }) => key.split(`/${MEDIA_ID}`)[0])
  expect(new Set(made)).toEqual(new Set(['images/original', 'profiles/thumbnails', 'profiles/optimized']))
})

it('stores nothing of what can’t be opened', async () => {
  const world = await makeWorld(Buffer.from(FAKE_DAMAGED))
  expect(await consumer.handle(world.uploaded, world)).toMatchObject({ kind: 'rejected', code: 'undecodable' })
  expect(world.objects.contents()).toHaveLength(1)
})

/** Renders as ever, of what is an animation with too many pixels to stay moving. */
function stilling({ images }: { readonly images: Images }, format: Animation['format']): Images {
  const stilled = { format, width: 800, height: 601, delaysMs: Array.from({ length: 120 }, () => 40) }
  const render: Images['render'] = async (bytes, plan) => {
    const rendered = await images.render(bytes, plan)
    return rendered.ok ? { ...rendered, stilled } : rendered
  }
  return { ...images, render }
}

async function optimized(world: Awaited<ReturnType<typeof makeWorld>>): Promise<ImageOptimizedV1Data> {
  const outcome = await consumer.handle(world.uploaded, world)
  if (outcome.kind !== 'emitted') throw new Error(outcome.kind)
  const data = outcome.drafts[1]?.data as ImageOptimizedV1Data
  expect(ImageOptimizedV1.writeViolations(data)).toEqual([])
  return data
}

it('makes a film of a GIF that is too large to stay moving, beside its first frame, and stills for who must see more', async () => {
  const world = await makeWorld()
  const data = await optimized({ ...world, images: stilling(world, 'gif') })
  expect(data.variants.map(({ name, contentType }) => [name, contentType])).toEqual([
    ['webp', 'image/webp'],
    ['jpeg', 'image/jpeg'],
    ['mp4', 'video/mp4'],
  ])
  expect(data.variants.at(-1)).toMatchObject({ width: 800, height: 600 })
  expect(data.stills?.length).toBeGreaterThanOrEqual(4)
  for (const { object } of [...data.variants, ...(data.stills ?? [])]) {
    expect(object.key).toMatch(new RegExp(`^images/optimized/${MEDIA_ID}/[0-9a-f]{8}/`))
    expect(await world.objects.versions(object.key)).toEqual([object])
  }
})

it('stores nothing twice when it runs twice', async () => {
  const world = await makeWorld()
  const once = await optimized({ ...world, images: stilling(world, 'gif') })
  const count = world.objects.contents().length
  expect(await optimized({ ...world, images: stilling(world, 'gif') })).toEqual(once)
  expect(world.objects.contents()).toHaveLength(count)
})

it('shows the first frame where no film can be made, such as without ffmpeg', async () => {
  const world = await makeWorld()
  const missing = { ok: false, fault: 'ours', code: 'no-ffmpeg', message: 'No ffmpeg runs here: install it.' } as const
  const video: Video = { ...world.video, film: async () => missing }
  const data = await optimized({ ...world, video, images: stilling(world, 'gif') })
  expect(data.variants.map(({ name }) => name)).toEqual(['webp', 'jpeg'])
  expect(data).not.toHaveProperty('stills')
})

it('asks for no film of what stays a picture', async () => {
  const world = await makeWorld()
  const video: Video = { ...world.video, film: () => Promise.reject(new Error('nobody should ask')) }
  const names = ({ variants }: ImageOptimizedV1Data) => variants.map(({ name }) => name)
  expect(names(await optimized({ ...world, video }))).toEqual(['webp', 'jpeg'])
  expect(names(await optimized({ ...world, video, images: stilling(world, 'webp') }))).toEqual(['webp', 'jpeg'])
})
