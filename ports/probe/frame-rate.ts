const COMMON = [
  ...[24_000 / 1_001, 24, 25, 30_000 / 1_001, 30, 48, 50],
  ...[60_000 / 1_001, 60, 90, 100, 120_000 / 1_001, 120, 240],
]

/** Of a film and of television: 30 and 29.97 lie a thousandth apart. */
const NEAR = 0.000_5

/**
 * Pictures a second to three decimals; a common rate where it is next to one, as WebM counts in whole milliseconds.
 * @returns undefined where there is none: no camera takes a thousand a second, but a file without times claims to
 */
export function frameRateOf(average: number): number | undefined {
  if (!(average > 0 && average <= 1_000)) return undefined
  const common = COMMON.find((rate) => Math.abs(average - rate) <= rate * NEAR)
  const rate = Math.round((common ?? average) * 1_000) / 1_000
  return rate > 0 ? rate : undefined
}
