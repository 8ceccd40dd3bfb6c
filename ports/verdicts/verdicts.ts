import type { Label } from '../../contracts/generated/shapes.ts'

/**
 * What was seen in content that was looked at before: the same bytes are looked at, and paid for, once. What follows from
 * it is judged anew each time, so that a change of the policy counts at once.
 */
export interface Verdicts {
  find(content: LookedAt): Promise<SeenContent | undefined>
  /** Keeps it, unless somebody was first. */
  keep(content: LookedAt, seen: SeenContent): Promise<void>
}

/** Content, and who was asked what about it. */
export interface LookedAt {
  /** SHA-256 in hex, computed here or verified by the store. */
  readonly sha256: string
  /** Of the moderation that looked. */
  readonly recipe: string
}

export interface SeenContent {
  readonly labels: readonly Label[]
  readonly model: string
}
