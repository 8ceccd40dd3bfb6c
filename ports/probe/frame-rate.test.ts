import { frameRateOf } from './frame-rate.ts'

it.each([
  ['whole milliseconds', 64 / 2.134, 30],
  ['NTSC', 30_000 / 1_001, 29.97],
  ['NTSC in whole milliseconds', 64 / 2.136, 29.97],
  ['a film', 23.976_02, 23.976],
  ['what varies', 13.324_59, 13.325],
])('tells the rate of %s', (_, average, rate) => {
  expect(frameRateOf(average)).toBe(rate)
})

it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 90_000, 0.000_01])('tells none by %p', (average) => {
  expect(frameRateOf(average)).toBeUndefined()
})
