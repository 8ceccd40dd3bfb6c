import { cluster, element, webm } from '../../tests/fixtures/webm.ts'
import { bytesSource } from './bytes.ts'
import { lastCluster } from './last-cluster.ts'
import { readFacts } from './read-facts.ts'

const CLUSTER = Buffer.from('1f43b675', 'hex')
const TAGS = 0x1254c367
const MEGABYTE = 1024 * 1024

/** As the probe tells it of the whole file, for which it must be short. */
async function durationOf(file: Uint8Array): Promise<number | undefined> {
  const { probed } = await readFacts(bytesSource(file))
  if (!probed.ok) throw new Error(probed.message)
  return probed.facts.durationMs
}

it.each([
  ['no size', { sized: false }],
  ['their sizes', { sized: true }],
  ['a duration in the header that isn’t so', { sized: true, duration: 10 }],
])('is found among clusters with %s, and is all there is', async (_, more) => {
  const file = webm({ pictures: 900, everyMs: 100, perCluster: 90, ...more })
  const last = await lastCluster(bytesSource(file))
  expect(last?.size).toBeLessThan(file.length / 8)
  expect(Buffer.from((await last?.read(0, last.size)) ?? []).indexOf(CLUSTER)).toBeGreaterThan(0)
  expect(await durationOf(file)).toBe(89_900)
})

it('is followed by what a segment ends with', async () => {
  const tags = element(TAGS, Buffer.alloc(300_000))
  expect(await durationOf(webm({ pictures: 900, everyMs: 100, after: [tags] }))).toBe(89_900)
  expect(await durationOf(webm({ pictures: 900, everyMs: 100, sized: true, after: [tags] }))).toBe(89_900)
})

it.each([
  ['its id alone', CLUSTER],
  ['an id and a size', element(0x1f43b675, Buffer.alloc(200, 0x55))],
  ['a cluster without a block', element(0x1f43b675, element(0xe7, Buffer.from([9])))],
  [
    'a cluster with something in it that belongs nowhere',
    element(0x1f43b675, [
      element(0xe7, Buffer.from([9])),
      element(0xa3, Buffer.from([0x81, 0, 0, 0x80, 1])),
      element(0x4242, Buffer.alloc(3)),
    ]),
  ],
  ['a block before any time', element(0x1f43b675, element(0xa3, Buffer.from([0x81, 0, 0, 0x80, 1])))],
])('isn’t taken for one that %s in a picture looks like', async (_, inPicture) => {
  const file = webm({ pictures: 90, everyMs: 100, pictureBytes: 1_000 })
  inPicture.copy(file, file.length - 500)
  expect(await durationOf(file)).toBe(8_900)
})

it.each([
  ['in the middle of a picture', 400],
  ['in the middle of a block’s header', 1_008],
])('is read as far as it goes where the file was cut off %s', async (_, missing) => {
  const file = webm({ pictures: 90, everyMs: 100, pictureBytes: 1_000 })
  expect(await durationOf(file.subarray(0, file.length - missing))).toBe(8_800)
})

it('is looked for up to 12 MB before the end, and no further', async () => {
  const long = { perCluster: 1_000, everyMs: 30, pictureBytes: 11_000 }
  expect(await lastCluster(bytesSource(webm({ pictures: 2_000, ...long })))).toMatchObject({ size: expect.any(Number) })
  const longer = bytesSource(webm({ pictures: 2_000, ...long, pictureBytes: 14_000 }))
  expect(await lastCluster(longer)).toBeUndefined()
})

it('isn’t put behind tracks that are nowhere before the clusters', async () => {
  const file = webm({ pictures: 30 })
  file.writeUInt32BE(TAGS, file.indexOf('1654ae6b', 0, 'hex'))
  expect(await lastCluster(bytesSource(file))).toBeUndefined()
})

it('tells hours of a file that is short for them', async () => {
  const hours = webm({ pictures: 7_200, everyMs: 10_000, pictureBytes: 100, perCluster: 3 })
  expect(hours.length).toBeLessThan(MEGABYTE)
  expect(await durationOf(hours)).toBe(71_990_000)
  const behind = cluster({ first: 21_000_000, count: 1, everyMs: 1, pictureBytes: 10 })
  expect(await durationOf(webm({ pictures: 3, after: [behind] }))).toBe(21_000_000)
})
