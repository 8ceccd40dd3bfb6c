import { type EventContract, type Violation, violationsOf } from '../contracts/event-contract.ts'
import type { Meta } from '../contracts/generated/events.ts'
import { writeMeta } from '../contracts/generated/validators.js'

export type { Meta }

/** An event as the bus carries it in `detail`: what every event says of itself, and what happened. */
export interface MediaEvent<D = unknown> {
  readonly meta: Meta
  readonly data: D
}

/** A replay's mark on what is published because of it. */
export type ReplayMark = NonNullable<Meta['replay']>

/** What `createEvent` can't know by itself. */
export interface Origin {
  /** `derivedId(…)` or `rootId(…)`. */
  readonly id: string
  /** When the fact happened: milliseconds since 1970. */
  readonly time: number
  /** The media that it is about. */
  readonly subject: string
  /** `<epoch>.<retry>`. */
  readonly run: string
  readonly correlationId: string
  /** The event that caused it; a first event names itself. */
  readonly causationId: string
  /** W3C Trace Context. */
  readonly traceparent: string
  /** An opaque id, never a name or an address. */
  readonly actor?: string
  readonly replay?: ReplayMark
}

/** An event breaks its contract: a fault in the program that made it. */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation'
  readonly violations: readonly Violation[]

  constructor(detailType: string, violations: readonly Violation[]) {
    super(`${detailType}: ${violations.map(({ pointer, problem }) => `${pointer || '/'} ${problem}`).join('; ')}`)
    this.violations = violations
  }
}

/**
 * Makes an event under the newest minor of `contract`.
 * @throws ContractViolation naming, as JSON Pointers into the event, where it breaks the contract.
 */
export function createEvent<D>(contract: EventContract<D>, data: NoInfer<D>, origin: Origin): MediaEvent<D> {
  const meta: Meta = {
    id: origin.id,
    type: contract.name,
    version: contract.version,
    time: timestamp(contract, origin.time),
    dataschema: contract.dataschema,
    subject: origin.subject,
    run: origin.run,
    correlationId: origin.correlationId,
    causationId: origin.causationId,
    traceparent: origin.traceparent,
    ...(origin.actor !== undefined && { actor: origin.actor }),
    ...(origin.replay !== undefined && { replay: origin.replay }),
  }
  const violations = [
    ...below('/meta', violationsOf(writeMeta, meta)),
    ...below('/data', contract.writeViolations(data)),
  ]
  if (violations.length > 0) throw new ContractViolation(contract.detailType, violations)
  return { meta, data }
}

/** The same event with this replay's mark and no other; without one where there is no replay. */
export function withReplay<D>(event: MediaEvent<D>, replay: ReplayMark | undefined): MediaEvent<D> {
  const { replay: earlier, ...meta } = event.meta
  return { meta: replay === undefined ? meta : { ...meta, replay }, data: event.data }
}

/** The detail-type that carries the event: its name and its major version. */
export function detailTypeOf({ meta }: MediaEvent): string {
  return `${meta.type}.v${meta.version.split('.', 1)[0]}`
}

/** Puts the pointers of a part under the part's own pointer. */
export function below(pointer: string, violations: readonly Violation[]): readonly Violation[] {
  return violations.map((violation) => ({ ...violation, pointer: pointer + violation.pointer }))
}

function timestamp(contract: EventContract<never>, time: number): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime()))
    throw new ContractViolation(contract.detailType, [
      { pointer: '/meta/time', problem: `must be milliseconds since 1970, not ${time}` },
    ])
  return date.toISOString()
}
