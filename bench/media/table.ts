import { median } from '../bus/measure.ts'

/** One line of the result: what was measured, against what else of the same run, and what it should be. */
export interface Row {
  readonly what: string
  readonly ours: string
  readonly other: string
  readonly result: string
  readonly wanted: string
  readonly holds: boolean
}

/** The other way's CPU seconds ÷ ours: at least so many times. */
export function faster(what: string, { ours, other }: InTurns, atLeast: number): Row {
  const ratio = medianRatio(other, ours)
  return row(what, [middle(ours), middle(other)], `${ratio.toFixed(2)} ×`, `≥ ${atLeast} ×`, ratio >= atLeast)
}

/** Our CPU seconds ÷ what nobody can do without: at most so many times. */
export function near(what: string, { ours, other }: InTurns, atMost: number): Row {
  const ratio = medianRatio(ours, other)
  return row(what, [middle(ours), middle(other)], `${ratio.toFixed(2)} ×`, `≤ ${atMost} ×`, ratio <= atMost)
}

/** Something that stays below a figure. */
export function below(what: string, ours: number, atMost: number, unit: string): Row {
  const digits = ours < 10 ? 1 : 0
  return row(what, ['', ''], `${ours.toFixed(digits)} ${unit}`, `≤ ${atMost} ${unit}`, ours <= atMost)
}

/** Something to be known, which isn't held to anything. */
export function told(what: string, ours: string, other = ''): Row {
  return row(what, [ours, other], '', '', true)
}

/** CPU seconds of two ways, turn by turn. */
export interface InTurns {
  readonly ours: readonly number[]
  readonly other: readonly number[]
}

/**
 * The middle of what one cost by the other in each turn. A shared machine's speed comes and goes by a quarter: two
 * medians may be of a slow turn and a quick one, but whatever comes over a turn comes over both ways in it.
 */
function medianRatio(above: readonly number[], below: readonly number[]): number {
  if (above.length !== below.length) throw new Error(`${above.length} turns can't be paired with ${below.length}`)
  return median(above.map((seconds, turn) => seconds / (below[turn] ?? Number.NaN)))
}

function row(what: string, [ours, other]: [string, string], result: string, wanted: string, holds: boolean): Row {
  return { what, ours, other, result, wanted, holds }
}

function middle(turns: readonly number[]): string {
  const seconds = median(turns)
  return seconds.toFixed(seconds < 10 ? 3 : 1)
}

export function print(section: string, rows: readonly Row[]): void {
  console.log(`\n${section.padEnd(WIDTH)}${'ours'.padStart(12)}${'other'.padStart(12)}${'result'.padStart(11)}  wanted`)
  for (const { what, ours, other, result, wanted, holds } of rows) {
    const verdict = holds ? wanted : `${wanted}  MISSED`
    console.log(`${what.padEnd(WIDTH)}${ours.padStart(12)}${other.padStart(12)}${result.padStart(11)}  ${verdict}`)
  }
}

const WIDTH = 64
