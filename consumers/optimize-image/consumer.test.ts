import { ImageOptimizedV1, type ImageOptimizedV1Data } from '../../contracts/generated/events.ts'
import { FAKE_DAMAGED } from '../../ports/images/fake-images.ts'
import type { Animation, Images } from '../../ports/images/images.ts'
import type { Video } from '../../ports/video/video.ts'
import { MEDIA_ID, makeWorld } from '../runtime/world.ts'
import { consumer, OPTIMIZED } from './consumer.ts'

it('stores WebP, and JPEG for what can’t show it', async () => {
  const world = await makeWorld()
  const folder = `images/optimized/${MEDIA_ID}/${world.images.recipe(OPTIMIZED)}`
  expect(await consumer.handle(world.uploaded, world)).toMatchObject({
    kind: 'emitted',
    drafts: [
      {
        contract: { detailType: 'ImageOptimized.v1' },
        data: {
          variants: [
            { name: 'webp', contentType: 'image/webp', object: { key: `${folder}/webp.webp` } },
            { name: 'jpeg', contentType: 'image/jpeg', object: { key: `${folder}/jpeg.jpg` } },
          ],
        },
      },
    ],
  })
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
  const data = outcome.drafts[0]?.data as ImageOptimizedV1Data
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
