import { type EventContract, type Violation, violationsOf } from '../contracts/event-contract.ts'
import { EVENTS } from '../contracts/generated/events.ts'
import { readMeta } from '../contracts/generated/validators.js'
import { below, detailTypeOf, type MediaEvent } from './envelope.ts'
import { MAX_ENTRY_BYTES } from './size.ts'
import { UPCASTERS, type Upcaster } from './upcast.ts'

export type ParseResult =
  | { readonly ok: true; readonly event: MediaEvent /** The newest major's. */; readonly contract: EventContract }
  | { readonly ok: false /** One sentence for operators. */; readonly problem: string }

/** What this build can read. */
export interface Vocabulary {
  readonly contracts: readonly EventContract<never>[]
  readonly upcasters: readonly Upcaster[]
}

const MAX_DEPTH = 32

/**
 * Reads `detail`, as JSON text or as parsed, and lifts older majors to the newest. What a newer minor added is kept and
 * ignored. Refuses what this build doesn't know, and anything that is no event.
 */
export function parseEvent(
  detail: unknown,
  detailType: string,
  { contracts, upcasters }: Vocabulary = { contracts: EVENTS, upcasters: UPCASTERS },
): ParseResult {
  const contract = contracts.find((known) => known.detailType === detailType)
  if (contract === undefined) return refused(`${quoted(detailType)} is not known to this build`)
  const value = parsedOf(detail)
  if (!value.ok) return refused(`${detailType}: ${value.problem}`)
  if (!isRecord(value.json)) return refused(`${detailType}: the detail is no object`)

  const { meta, data } = value.json
  if (!readMeta(meta)) return refused(detailType, below('/meta', violationsOf(readMeta, meta)))
  const violations = contract.readViolations(data)
  if (violations.length > 0) return refused(detailType, below('/data', violations))
  const event = { meta, data }
  if (detailTypeOf(event) !== detailType)
    return refused(`${detailType}: the event says that it is ${quoted(detailTypeOf(event))}`)
  if (meta.dataschema !== contract.dataschema)
    return refused(`${detailType}: /meta/dataschema is ${quoted(meta.dataschema)}, not ${contract.dataschema}`)
  return lifted(event, contract, upcasters)
}

/** Chains the upcasters to the newest major, and holds the result of each to its contract. */
function lifted(event: MediaEvent, contract: EventContract<never>, upcasters: readonly Upcaster[]): ParseResult {
  const next = upcasters.find(({ from }) => from.detailType === contract.detailType)
  if (next === undefined) return { ok: true, event, contract }
  const data = next.upcast(event.data)
  const violations = next.to.readViolations(data)
  if (violations.length > 0)
    return refused(`${contract.detailType} lifted to ${next.to.detailType}`, below('/data', violations))
  const { name: type, version, dataschema } = next.to
  return lifted({ meta: { ...event.meta, type, version, dataschema }, data }, next.to, upcasters)
}

type Parsed = { readonly ok: true; readonly json: unknown } | { readonly ok: false; readonly problem: string }

function parsedOf(detail: unknown): Parsed {
  if (typeof detail !== 'string') return bounded(detail)
  const bytes = Buffer.byteLength(detail)
  if (bytes > MAX_ENTRY_BYTES) return tooLarge(bytes)
  try {
    return checked(JSON.parse(detail))
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, problem: `the detail is no JSON: ${error.message}` }
    throw error
  }
}

function bounded(json: unknown): Parsed {
  const result = checked(json)
  if (!result.ok) return result
  const bytes = Buffer.byteLength(JSON.stringify(json) ?? '')
  return bytes > MAX_ENTRY_BYTES ? tooLarge(bytes) : result
}

/**
 * Refuses what would hurt later code rather than this: nesting that overflows a recursion, and a key that becomes a
 * prototype when somebody copies the object.
 */
function checked(json: unknown): Parsed {
  let level: unknown[] = [json]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return { ok: false, problem: `the detail is nested deeper than ${MAX_DEPTH} levels` }
    const inner: unknown[] = []
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue
      if (Object.hasOwn(value, '__proto__')) return { ok: false, problem: 'the detail has a key "__proto__"' }
      for (const child of Object.values(value)) inner.push(child)
    }
    level = inner
  }
  return { ok: true, json }
}

function tooLarge(bytes: number): Parsed {
  return { ok: false, problem: `the detail weighs ${bytes} bytes, at most ${MAX_ENTRY_BYTES} are read` }
}

function refused(what: string, violations: readonly Violation[] = []): ParseResult {
  const list = violations.map(({ pointer, problem }) => `${pointer} ${problem}`).join('; ')
  return { ok: false, problem: list ? `${what}: ${list}` : what }
}

/** Strangers' text, cut so that a log line stays a line. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 128 ? `${text.slice(0, 128)}…` : text)
}

function isRecord(value: unknown): value is Readonly<Record<'meta' | 'data', unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
