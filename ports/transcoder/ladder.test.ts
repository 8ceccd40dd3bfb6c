import fc from 'fast-check'
import { frameSize, isTooFast, LADDER, ladderFor } from './ladder.ts'

const names = (width: number, height: number) => ladderFor({ width, height }).map(({ name }) => name)
const sizes = (width: number, height: number) => ladderFor({ width, height }).map((rung) => [rung.width, rung.height])

it.each([
  ['a film of 4K', 3840, 2160, ['1080p', '720p', '480p', '360p']],
  ['a film of 1080', 1920, 1080, ['1080p', '720p', '480p', '360p']],
  ['one that stands upright', 1080, 1920, ['1080p', '720p', '480p', '360p']],
  ['one between two rungs', 1600, 900, ['720p', '480p', '360p']],
  ['a square', 480, 480, ['480p', '360p']],
  ['one that is smaller than all rungs', 320, 180, ['180p']],
])('gives %s the rungs that it fills, and no more', (_, width, height, expected) => {
  expect(names(width, height)).toEqual(expected)
})

it('keeps the shape of the source, lying or upright', () => {
  expect(sizes(1920, 1080)).toEqual([
    [1920, 1080],
    [1280, 720],
    [854, 480],
    [640, 360],
  ])
  expect(sizes(1080, 1920)[1]).toEqual([720, 1280])
  expect(sizes(2560, 1080)[0]).toEqual([2560, 1080])
  expect(sizes(8000, 1080)[0]?.[0]).toBe(4096)
})

it('gives every source even sizes that MediaConvert takes, largest first, never larger than it', () => {
  const side = fc.integer({ min: 16, max: 8192 })
  fc.assert(
    fc.property(side, side, (width, height) => {
      const rungs = ladderFor({ width, height })
      expect(rungs.length).toBeGreaterThan(0)
      for (const size of [...rungs, frameSize({ width, height })]) {
        expect(size.width % 2).toBe(0)
        expect(size.height % 2).toBe(0)
        expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(32)
        expect(Math.max(size.width, size.height)).toBeLessThanOrEqual(4096)
        // An odd side is rounded to the even one above it.
        expect(size.width).toBeLessThanOrEqual(Math.max(32, width + 1))
        expect(size.height).toBeLessThanOrEqual(Math.max(32, height + 1))
      }
      const areas = rungs.map((rung) => rung.width * rung.height)
      expect(areas).toEqual(areas.toSorted((a, b) => b - a))
    }),
  )
})

it('slows down what is meant to be fast, and leaves a phone’s 30 as it is', () => {
  expect([24, 29.97, 30, 30.02, 50, 60, 120].filter((frameRate) => isTooFast({ frameRate }))).toEqual([50, 60, 120])
  expect(isTooFast({ frameRate: undefined })).toBe(false)
  expect(LADDER.rungs.map(({ maxBitrate }) => maxBitrate / 1000)).toEqual([5000, 2800, 1400, 800])
})
