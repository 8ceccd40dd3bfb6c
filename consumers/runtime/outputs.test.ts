import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeObjects } from '../../ports/objects/fake-objects.ts'
import { fakeTranscoder } from '../../ports/transcoder/fake-transcoder.ts'
import { ORDER } from '../../ports/transcoder/transcoder.suite.ts'
import { trackOutputs } from './outputs.ts'

const folder = mkdtempSync(join(tmpdir(), 'outputs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('all that a try stored, from memory or from a file, is taken back, and nothing else', async () => {
  const bucket = fakeObjects({ bucket: 'media' })
  const original = await bucket.put('videos/original/1', Buffer.from('original'), { contentType: 'video/mp4' })
  const earlier = await bucket.put('videos/frames/1', Buffer.from('earlier'), { contentType: 'image/jpeg' })
  const {
    ports: { objects },
    discard,
  } = trackOutputs({ objects: bucket })
  const file = join(folder, 'clip.mp4')
  writeFileSync(file, 'a clip')

  await objects?.put('videos/frames/1', Buffer.from('a frame'), { contentType: 'image/jpeg' })
  await objects?.putFile('videos/compressed/1', file, { contentType: 'video/mp4' })
  await objects?.copy(original, 'videos/source/1')
  expect(bucket.contents()).toHaveLength(5)

  await discard()
  expect(bucket.contents()).toEqual([original, earlier])
})

test('the jobs that a try started, or found, are ended, and no other', async () => {
  const mediaConvert = fakeTranscoder()
  const another = await mediaConvert.start({ ...ORDER, token: 'another' })
  const earlier = await mediaConvert.start({ ...ORDER, token: 'earlier' })
  const {
    ports: { transcoder },
    discard,
  } = trackOutputs({ transcoder: mediaConvert })
  const started = await transcoder?.start(ORDER)
  expect(await transcoder?.start({ ...ORDER, token: 'earlier' })).toEqual(earlier)

  await discard()
  const statuses = [started, earlier, another].map(
    async (job) => (await mediaConvert.get(job?.jobId ?? ''))?.state.status,
  )
  expect(await Promise.all(statuses)).toEqual(['canceled', 'canceled', 'submitted'])
})

test('a handler gets no port that it did not ask for', () => {
  expect(trackOutputs({}).ports).toEqual({})
})
