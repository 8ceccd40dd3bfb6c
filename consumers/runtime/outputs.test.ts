import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeObjects } from '../../ports/objects/fake-objects.ts'
import { trackOutputs } from './outputs.ts'

const folder = mkdtempSync(join(tmpdir(), 'outputs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('all that a try stored, from memory or from a file, is taken back, and nothing else', async () => {
  const bucket = fakeObjects({ bucket: 'media' })
  const original = await bucket.put('videos/original/1', Buffer.from('original'), { contentType: 'video/mp4' })
  const earlier = await bucket.put('videos/frames/1', Buffer.from('earlier'), { contentType: 'image/jpeg' })
  const { objects, discard } = trackOutputs(bucket)
  const file = join(folder, 'clip.mp4')
  writeFileSync(file, 'a clip')

  await objects.put('videos/frames/1', Buffer.from('a frame'), { contentType: 'image/jpeg' })
  await objects.putFile('videos/compressed/1', file, { contentType: 'video/mp4' })
  expect(bucket.contents()).toHaveLength(4)

  await discard()
  expect(bucket.contents()).toEqual([original, earlier])
})
