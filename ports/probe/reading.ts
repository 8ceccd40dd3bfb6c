import type { Probed } from './probe.ts'

/** What came of reading a file; `complete` where nothing is missing that another parser might find. */
export interface Reading {
  readonly probed: Probed
  readonly complete: boolean
}

/** No other parser would find anything else. */
export function final(probed: Probed): Reading {
  return { probed, complete: true }
}
