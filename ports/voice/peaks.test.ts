import { peaksOf } from './peaks.ts'

const barsOf = (samples: readonly number[], gain?: number) => [
  ...Buffer.from(peaksOf(Int16Array.from(samples), gain), 'base64'),
]

it('shows the loudest sample of each 64th, as the root of its part of full scale', () => {
  const samples = Array.from({ length: 6_400 }, (_, at) => (at === 150 ? -8_192 : 0))
  expect(barsOf(samples)).toEqual(Array.from({ length: 64 }, (_, bucket) => (bucket === 1 ? 128 : 0)))
})

it('shows full scale as 255, and what a gain lifts above it no higher', () => {
  expect(barsOf([-32_768])).toContain(255)
  expect(Math.max(...barsOf([20_000, 100], 4))).toBe(255)
})

it('shows what is heard after a gain', () => {
  expect(barsOf([100], 4)[0]).toBe(2 * (barsOf([100])[0] ?? Number.NaN))
})

it('leaves no bar empty of a recording with fewer samples than bars', () => {
  expect(barsOf([8_192, 8_192, 8_192])).toEqual(Array.from({ length: 64 }, () => 128))
})

it('is flat for silence, and for nothing at all', () => {
  expect(new Set(barsOf([0, 0, 0]))).toEqual(new Set([0]))
  expect(peaksOf(new Int16Array())).toHaveLength(88)
})
