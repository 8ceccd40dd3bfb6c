import type { Throttle } from './model.ts'

/** Says whether one more request may pass now. */
export type TokenBucket = () => boolean

/** A bucket of `burstLimit` tokens, filled with `rateLimit` a second. */
export function createTokenBucket({ rateLimit, burstLimit }: Throttle, now: () => number): TokenBucket {
  let tokens = burstLimit
  let filledAt = now()
  return () => {
    const time = now()
    // A clock that went back adds nothing.
    tokens = Math.min(burstLimit, tokens + (Math.max(0, time - filledAt) / 1000) * rateLimit)
    filledAt = time
    if (tokens < 1) return false
    tokens -= 1
    return true
  }
}
