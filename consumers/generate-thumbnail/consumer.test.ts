import { FAKE_DAMAGED } from '../../ports/images/fake-images.ts'
import { MEDIA_ID, makeWorld } from '../runtime/world.ts'
import { consumer, THUMBNAILS } from './consumer.ts'

const thumbnailsOf = async (world: Awaited<ReturnType<typeof makeWorld>>) => {
  const outcome = await consumer.handle(world.uploaded, world)
  if (outcome.kind !== 'emitted') throw new Error(`not emitted: ${outcome.kind}`)
  return outcome.drafts[0]?.data as { thumbnails: { name: string; object: { key: string } }[] }
}

it('stores three sizes under keys of the media and the recipe, and tells of each', async () => {
  const world = await makeWorld()
  const { thumbnails } = await thumbnailsOf(world)
  const folder = `images/thumbnails/${MEDIA_ID}/${world.images.recipe(THUMBNAILS)}`
  expect(thumbnails.map(({ object }) => object.key)).toEqual([
    `${folder}/thumb.webp`,
    `${folder}/medium.webp`,
    `${folder}/large.webp`,
  ])
  for (const { object } of thumbnails) expect(await world.objects.versions(object.key)).toEqual([object])
})

it('stores nothing twice when it runs twice', async () => {
  const world = await makeWorld()
  expect(await thumbnailsOf(world)).toEqual(await thumbnailsOf(world))
  expect(world.objects.contents()).toHaveLength(1 + 3)
})

it('stores nothing of what can’t be opened', async () => {
  const world = await makeWorld(Buffer.from(FAKE_DAMAGED))
  expect(await consumer.handle(world.uploaded, world)).toMatchObject({ kind: 'rejected', code: 'undecodable' })
  expect(world.objects.contents()).toHaveLength(1)
})
