import { boundedSource, ReadTooMuch } from './bounded-source.ts'
import type { ByteSource } from './probe.ts'

const KILOBYTE = 1024
const MEGABYTE = 1024 * KILOBYTE
const BOUNDS = { maxBytes: 24 * MEGABYTE, maxReads: 64 }

/** A file in which each 64 KB begin with their number, and what was fetched of it. */
function file(size: number) {
  const reads: [offset: number, length: number][] = []
  const source: ByteSource = {
    size,
    async read(offset, length) {
      reads.push([offset, length])
      const bytes = Buffer.alloc(length)
      for (let at = 0; at < length; at += 64 * KILOBYTE) bytes.writeUInt32BE((offset + at) / (64 * KILOBYTE), at)
      return bytes
    },
  }
  return { source, reads }
}

const numberAt = async (source: ByteSource, block: number) =>
  Buffer.from(await source.read(block * 64 * KILOBYTE, 4)).readUInt32BE()

it('fetches ever more for who reads on, nothing twice, and gives the very bytes', async () => {
  const { source, reads } = file(20 * MEGABYTE)
  const bounded = boundedSource(source, BOUNDS)
  for (let block = 0; block < 320; block += 1) expect(await numberAt(bounded, block)).toBe(block)
  expect(reads.slice(0, 4).map(([, length]) => length / KILOBYTE)).toEqual([64, 64, 128, 256])
  expect(reads.length).toBeLessThan(16)
  expect(reads.reduce((sum, [, length]) => sum + length, 0)).toBe(source.size)
})

it('fetches one block for who jumps about, and what is asked for at once in one go', async () => {
  const { source, reads } = file(20 * MEGABYTE)
  const bounded = boundedSource(source, BOUNDS)
  for (const block of [0, 100, 50, 319]) expect(await numberAt(bounded, block)).toBe(block)
  await bounded.read(10 * MEGABYTE, 3 * MEGABYTE)
  expect(reads.map(([, length]) => length / KILOBYTE)).toEqual([64, 64, 64, 64, 3 * KILOBYTE])
})

it('never fetches ahead beyond the end, what it has, or what it may', async () => {
  const { source, reads } = file(MEGABYTE + 5)
  const bounded = boundedSource(source, { maxBytes: 640 * KILOBYTE, maxReads: 64 })
  await bounded.read(MEGABYTE, 5)
  await bounded.read(0, 512 * KILOBYTE)
  await bounded.read(512 * KILOBYTE, 1)
  expect(reads).toEqual([
    [MEGABYTE, 5],
    [0, 512 * KILOBYTE],
    [512 * KILOBYTE, 64 * KILOBYTE],
  ])
})

it('throws beyond so many bytes, and beyond so many reads', async () => {
  const much = boundedSource(file(20 * MEGABYTE).source, { maxBytes: MEGABYTE, maxReads: 64 })
  await expect(much.read(0, MEGABYTE + 1)).rejects.toThrow(ReadTooMuch)
  const often = boundedSource(file(20 * MEGABYTE).source, { maxBytes: 24 * MEGABYTE, maxReads: 2 })
  await often.read(0, 1)
  await often.read(10 * MEGABYTE, 1)
  await expect(often.read(5 * MEGABYTE, 1)).rejects.toThrow('2 reads')
})
