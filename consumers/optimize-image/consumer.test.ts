import { FAKE_DAMAGED } from '../../ports/images/fake-images.ts'
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
