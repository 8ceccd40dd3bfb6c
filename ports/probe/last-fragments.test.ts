import { fragmentedMp4 } from '../../tests/fixtures/fragments.ts'
import { box, mp4, words } from '../../tests/fixtures/mp4.ts'
import { bytesSource } from './bytes.ts'
import { lastFragments } from './last-fragments.ts'
import { readFacts } from './read-facts.ts'

async function probed(file: Uint8Array) {
  return (await readFacts(bytesSource(file))).probed
}

it('are those that tell how long a file of an hour plays, wherever it says nothing else', async () => {
  const file = fragmentedMp4({ fragments: 3_600 })
  expect(await probed(file)).toMatchObject({ ok: true, facts: { durationMs: 3_600_000, video: { frameRate: 30 } } })
  const { last } = (await lastFragments(bytesSource(file))) ?? {}
  expect(last?.size).toBeLessThan(100_000)
})

it('are looked for where one is of megabytes', async () => {
  const file = fragmentedMp4({ fragments: 2, bytes: 3_000_000 })
  expect(await probed(file)).toMatchObject({ facts: { durationMs: 2_000 } })
})

it('count from the beginning where the movie has samples of its own, too', async () => {
  const file = fragmentedMp4({ fragments: 60, track: {} })
  expect(await probed(file)).toMatchObject({ ok: true, facts: { durationMs: 60_000 } })
})

it('tell nothing where they don’t say when they begin', async () => {
  const facts = await probed(fragmentedMp4({ fragments: 60, timed: false }))
  expect(facts).toMatchObject({ ok: true, facts: { video: { codec: 'h264' } } })
  expect(facts).not.toHaveProperty('facts.durationMs')
  expect(await probed(fragmentedMp4({ fragments: 60, timed: false, track: {} }))).not.toHaveProperty('facts.durationMs')
})

it.each([
  ['in the samples of one', 400],
  ['within one', 1_050],
])('are cut off where the file ends %s', async (_, missing) => {
  const file = fragmentedMp4({ fragments: 60 })
  expect(await probed(file.subarray(0, file.length - missing))).toMatchObject({
    code: 'undecodable',
    message: expect.stringContaining('cut off'),
  })
})

it('aren’t mistaken for what looks like them in a sample, or lies behind the last', async () => {
  const file = fragmentedMp4({ fragments: 60 })
  box('moof', box('mfhd', words(0, 1))).copy(file, file.length - 800)
  expect(await probed(Buffer.concat([file, Buffer.from('<script>alert(1)</script>')]))).toMatchObject({
    facts: { durationMs: 60_000 },
  })
})

it('are none in a file that isn’t fragmented', async () => {
  expect(await lastFragments(bytesSource(mp4()))).toBeUndefined()
  expect(await lastFragments(bytesSource(Buffer.from('\0\0\0\x08ftyp')))).toBeUndefined()
})
