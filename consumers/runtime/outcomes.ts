import type { EventContract } from '../../contracts/event-contract.ts'

/** What a handler found: a value that the runtime commits. Only the unexpected throws, and is tried again. */
export type Outcome = Emitted | Rejected | Skipped

export interface Emitted {
  readonly kind: 'emitted'
  readonly drafts: readonly Draft[]
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

export function rejected(refusal: { readonly code: string; readonly message: string }): Rejected {
  return { kind: 'rejected', code: refusal.code, message: refusal.message }
}

export function skipped(reason: string): Skipped {
  return { kind: 'skipped', reason }
}
