import { type BusEntry, type BusPort, BusRefused, type BusResult, MAX_ENTRIES } from './bus.ts'
import type { MediaEvent } from './envelope.ts'

/** What goes wrong; the number of the call counts from 0. */
export interface BusFaults {
  /** The error code that this entry is refused with this time, if it is. */
  entry?(entry: BusEntry, call: number): string | undefined
  /** What this whole call fails with, before any entry is looked at, if it does. */
  call?(call: number): Error | undefined
}

export interface FakeBus extends BusPort {
  /** Everything that was taken, in order, as often as it was taken. */
  readonly taken: readonly BusEntry[]
  /** The same as events. */
  events(): readonly MediaEvent[]
  /** Replaces what goes wrong from now on. */
  fail(faults: BusFaults): void
}

/** A bus in memory that refuses what EventBridge refuses. */
export function fakeBus(initial: BusFaults = {}): FakeBus {
  const taken: BusEntry[] = []
  let faults = initial
  let calls = 0
  const take = (entry: BusEntry, call: number): BusResult => {
    const code = faults.entry?.(entry, call) ?? (isJsonObject(entry.detail) ? undefined : 'MalformedDetail')
    if (code !== undefined) return { ok: false, code, message: `${code}: the entry was refused` }
    taken.push(entry)
    return { ok: true, id: `bus-${taken.length}` }
  }
  return {
    taken,
    events: () => taken.map(({ detail }) => JSON.parse(detail) as MediaEvent),
    fail: (next) => {
      faults = next
    },
    async put(entries) {
      const call = calls++
      const fault = faults.call?.(call)
      if (fault) throw fault
      if (entries.length < 1 || entries.length > MAX_ENTRIES)
        throw new BusRefused(`ValidationException: 1 to ${MAX_ENTRIES} entries a call, not ${entries.length}`)
      return entries.map((entry) => take(entry, call))
    },
  }
}

/** Refuses each entry with that probability, as throttling does; the same seed refuses the same entries. */
export function seededThrottle(seed: number, probability: number): BusFaults {
  const random = mulberry32(seed)
  return { entry: () => (random() < probability ? 'ThrottlingException' : undefined) }
}

/** Numbers in [0, 1), by Tommy Ettinger's mulberry32. */
function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}
