import { bytesSource } from './bytes.ts'
import { mp3Seconds } from './mp3.ts'

/** MPEG 1, layer 3, 128 kbit/s, 44.1 kHz: 1,152 samples each. */
function frame(content: readonly [at: number, bytes: Uint8Array][] = []): Buffer {
  const bytes = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0xc4]), Buffer.alloc(413)])
  for (const [at, part] of content) bytes.set(part, at)
  return bytes
}

const frames = (count: number) => Array.from({ length: count }, () => frame())
const SECONDS_A_FRAME = 1_152 / 44_100
const secondsOf = (...parts: readonly Uint8Array[]) => mp3Seconds(bytesSource(Buffer.concat(parts)))

function counting(name: 'Xing' | 'Info', count: number): Buffer {
  const told = Buffer.from(`${name}\0\0\0\x01\0\0\0\0`, 'latin1')
  told.writeUInt32BE(count, 8)
  return frame([[36, told]])
}

function tag(length: number): Buffer {
  return Buffer.concat([
    Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, length >> 7, length & 0x7f]),
    Buffer.alloc(length),
  ])
}

it('counts frames, behind tags, between them and before them', async () => {
  expect(await secondsOf(...frames(100))).toBeCloseTo(100 * SECONDS_A_FRAME)
  const end = Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125, 0x20)])
  expect(await secondsOf(tag(900), ...frames(50), tag(500), ...frames(50), end)).toBeCloseTo(100 * SECONDS_A_FRAME)
})

it.each(['Xing', 'Info'] as const)('believes the first frame’s count of the others (%s)', async (name) => {
  expect(await secondsOf(counting(name, 101), ...frames(100))).toBeCloseTo(101 * SECONDS_A_FRAME)
})

it.each([0, 1, 1_000_000])('doesn’t believe a count of %i that can’t be', async (count) => {
  expect(await secondsOf(counting('Xing', count), ...frames(100))).toBeCloseTo(100 * SECONDS_A_FRAME)
})

it.each([
  ['MPEG 2, layer 3', [0xff, 0xf3, 0x80, 0xc4], 208, 576 / 22_050],
  ['MPEG 2.5, layer 3', [0xff, 0xe3, 0x88, 0xc4], 576, 576 / 8_000],
  ['MPEG 1, layer 2', [0xff, 0xfd, 0x84, 0xc4], 384, 1_152 / 48_000],
  ['MPEG 1, layer 1', [0xff, 0xff, 0x44, 0xc4], 128, 384 / 48_000],
])('knows how long a frame of %s is', async (_, header, bytes, seconds) => {
  const one = Buffer.concat([Buffer.from(header), Buffer.alloc(bytes - header.length)])
  expect(await secondsOf(...Array.from({ length: 50 }, () => one))).toBeCloseTo(50 * seconds)
})

it('doesn’t count a frame that was cut off', async () => {
  expect(await secondsOf(...frames(9), frame().subarray(0, 200))).toBeCloseTo(9 * SECONDS_A_FRAME)
})

it('goes through no more than 16 MB, and finds nothing in noise', async () => {
  const unread = {
    size: 30 * 1024 * 1024,
    read: async (_: number, length: number) => Buffer.concat(frames(200)).subarray(0, length),
  }
  expect(await mp3Seconds(unread)).toBeUndefined()
  expect(await secondsOf(Buffer.alloc(5_000, 7))).toBeUndefined()
})
