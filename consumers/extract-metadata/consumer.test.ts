import { LIMITS } from '../../contracts/limits.ts'
import { FAKE_DAMAGED } from '../../ports/images/fake-images.ts'
import { makeWorld } from '../runtime/world.ts'
import { consumer } from './consumer.ts'

it('tells what the bytes say of themselves', async () => {
  const world = await makeWorld()
  const outcome = await consumer.handle(world.uploaded, world)
  expect(outcome).toMatchObject({
    kind: 'emitted',
    drafts: [
      {
        contract: { detailType: 'MetadataExtracted.v1' },
        data: { mediaId: world.uploaded.data.mediaId, bytes: world.uploaded.data.object.bytes, format: 'jpeg' },
      },
    ],
  })
})

it('refuses what can’t be opened', async () => {
  const world = await makeWorld(Buffer.from(FAKE_DAMAGED))
  expect(await consumer.handle(world.uploaded, world)).toMatchObject({ kind: 'rejected', code: 'undecodable' })
})

it('refuses what is too large without reading it, and says how large it may be', async () => {
  const world = await makeWorld()
  const object = { ...world.uploaded.data.object, bytes: LIMITS.image.maxBytes + 1 }
  const unread = { ...world.objects, read: () => Promise.reject(new Error('it was read')) }
  const outcome = await consumer.handle(
    { ...world.uploaded, data: { ...world.uploaded.data, object } },
    { images: world.images, objects: unread },
  )
  expect(outcome).toMatchObject({ kind: 'rejected', code: 'too-large', message: expect.stringContaining('50.0 MB') })
})
