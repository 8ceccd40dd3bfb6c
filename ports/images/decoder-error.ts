import { BrokenThread } from '../thread/in-thread.ts'
import { TooCostly } from '../thread/too-costly.ts'
import type { Refusal } from './images.ts'
import { lacksItsEnd } from './lacks-its-end.ts'
import { cutOff, damaged, tooCostly } from './refusal.ts'

/**
 * What sharp says of work that took LIMITS.image.decodeSeconds. Of what is allowed, the dearest photo takes a ninth of
 * that and the dearest animation half, on one processor: what takes all of it would take it on every try.
 */
const TIMED_OUT = /^timeout: \d+% complete/m
/** The machine is at fault, and trying again may help: no memory left. */
const OURS = /out of memory|\bOOM\b|enlarge memory|unable to allocate|cannot allocate|memory allocation/i
/** libheif reports its own guards as failed allocations. */
const GUARD = /security limit/i

/** The refusal that a decoder's error over `bytes` amounts to. Throws it on when the file isn't to blame. */
export function refusalFor(bytes: Uint8Array): (error: unknown) => Refusal {
  return (error) => {
    if (error instanceof TooCostly) return tooCostly()
    if (error instanceof BrokenThread) throw error
    if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) throw error
    if (TIMED_OUT.test(error.message)) return tooCostly()
    if (OURS.test(error.message) && !GUARD.test(error.message)) throw error
    return lacksItsEnd(bytes) ? cutOff() : damaged()
  }
}
