import { BrokenThread } from '../thread/in-thread.ts'
import { TooCostly } from '../thread/too-costly.ts'
import type { Refusal } from './images.ts'
import { lacksItsEnd } from './lacks-its-end.ts'
import { cutOff, damaged, tooCostly } from './refusal.ts'

/** The machine is at fault, and trying again may help: no memory left, or a decode that found no time on a busy machine. */
const OURS = /timeout:|out of memory|\bOOM\b|enlarge memory|unable to allocate|cannot allocate|memory allocation/i
/** libheif reports its own guards as failed allocations. */
const GUARD = /security limit/i

/** The refusal that a decoder's error over `bytes` amounts to. Throws it on when the file isn't to blame. */
export function refusalFor(bytes: Uint8Array): (error: unknown) => Refusal {
  return (error) => {
    if (error instanceof TooCostly) return tooCostly()
    if (error instanceof BrokenThread) throw error
    if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) throw error
    if (OURS.test(error.message) && !GUARD.test(error.message)) throw error
    return lacksItsEnd(bytes) ? cutOff() : damaged()
  }
}
