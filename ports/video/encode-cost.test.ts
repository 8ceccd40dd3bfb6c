import { processorSeconds } from './encode-cost.ts'
import { LADDER } from './ladder.ts'
import type { FilmFacts } from './video.ts'

const FILMED: FilmFacts = {
  format: 'mov',
  contentType: 'video/quicktime',
  durationMs: 60_000,
  video: { codec: 'hevc', width: 1_080, height: 1_920, rotation: 90, frameRate: 30, hdr: 'sdr' },
  audio: { codec: 'aac', channels: 2, sampleRate: 48_000 },
}
const filmed = (video: Partial<FilmFacts['video']>): FilmFacts => ({ ...FILMED, video: { ...FILMED.video, ...video } })
const [, ...THREE] = LADDER
const ONE = LADDER.slice(-1)
const cost = (facts: FilmFacts, rungs = ONE) => Math.round(processorSeconds(facts, rungs))

it('is what a minute of a phone’s film takes, with room', () => {
  expect([THREE, THREE.slice(1), ONE].map((rungs) => cost(FILMED, rungs))).toEqual([83, 54, 42])
})

it('counts the pixels of the source, all of which are decoded', () => {
  expect(cost(filmed({ width: 2_160, height: 3_840 }))).toBe(137)
})

const PICTURES = 60 * 30

it('counts every picture that is decoded, and no more than thirty a second that are encoded', () => {
  const [slow, fast] = [30, 60].map((frameRate) => processorSeconds(filmed({ frameRate }), THREE))
  expect((fast ?? 0) - (slow ?? 0)).toBeCloseTo((PICTURES * 1_080 * 1_920 * 7) / 1e9)
})

it.each([
  ['three files', THREE, 720 * 1_280],
  ['the smallest alone', ONE, 360 * 640],
])('counts bringing HDR down to SDR, at the size of the largest file: %s', (_, rungs, pixels) => {
  const more = processorSeconds(filmed({ hdr: 'hlg' }), rungs) - processorSeconds(FILMED, rungs)
  expect(more).toBeCloseTo((PICTURES * pixels * 25) / 1e9)
})

it('takes a film that names no rate for one of thirty', () => {
  const { frameRate: _, ...unknown } = FILMED.video
  expect(processorSeconds({ ...FILMED, video: unknown }, ONE)).toBe(processorSeconds(FILMED, ONE))
})
