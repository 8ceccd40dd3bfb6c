import type { EventContract } from '../../contracts/event-contract.ts'

/** What a handler found: a value that the runtime commits. Only the unexpected throws, and is tried again. */
export type Outcome = Emitted | Rejected | Failed | Skipped

export interface Emitted {
  readonly kind: 'emitted'
  readonly drafts: readonly Draft[]
  /** One sentence for operators, in the step's record and the log: what is missing all the same, and why. */
  readonly note?: string
}

/** An event that is not stamped yet: the runtime gives it its id, time, run and cause. */
export interface Draft<D = unknown> {
  readonly contract: EventContract<D>
  readonly data: D
  /** Tells events of one contract by one consumer for one cause apart; part of the id. */
  readonly variant: string
}

/** The file is at fault, and the person who sent it can act. */
export interface Rejected {
  readonly kind: 'rejected'
  readonly code: string
  /** One sentence: what is wrong, and what would do. */
  readonly message: string
  /** What else is told, such as a verdict. */
  readonly also: readonly Draft[]
}

/** We are at fault, and trying again at once would not help: a retry later may. */
export interface Failed {
  readonly kind: 'failed'
  readonly code: string
  /** One sentence for people. */
  readonly message: string
  /** What else is told, so that others can help themselves. */
  readonly also: readonly Draft[]
}

/** There is nothing to do here, and that is fine. */
export interface Skipped {
  readonly kind: 'skipped'
  readonly reason: string
}

/** The work is done: `data` is what happened. */
export function emit<D>(contract: EventContract<D>, data: D, variant = ''): Emitted {
  return { kind: 'emitted', drafts: [{ contract, data, variant } as Draft] }
}

/** Everything that happened, each made by `emit`. */
export function emitAll(...emitted: readonly Emitted[]): Emitted {
  return { kind: 'emitted', drafts: emitted.flatMap(({ drafts }) => drafts) }
}

/** It is done as far as it goes: the note says what is missing. */
export function noted(emitted: Emitted, note: string): Emitted {
  return { ...emitted, note }
}

/** The file is at fault; `also` is told beside MediaRejected. */
export function rejected(
  refusal: { readonly code: string; readonly message: string },
  also: Emitted = emitAll(),
): Rejected {
  return { kind: 'rejected', code: refusal.code, message: refusal.message, also: also.drafts }
}

/** We are at fault; `also` is told beside ProcessingFailed. */
export function failed(fault: { readonly code: string; readonly message: string }, also: Emitted = emitAll()): Failed {
  return { kind: 'failed', code: fault.code, message: fault.message, also: also.drafts }
}

export function skipped(reason: string): Skipped {
  return { kind: 'skipped', reason }
}

/** A message as long as the contracts take it; what programs say of themselves may be longer. */
export function shortened(message: string): string {
  return message.length <= 500 ? message : `${message.slice(0, 499)}…`
}
