import type { Refusal } from './images.ts'
import { cutOff, damaged } from './refusal.ts'
import { sniff } from './sniff.ts'

/** The machine is at fault, and trying again may help: no memory left, or a decode that found no time on a busy machine. */
const OURS = /timeout:|out of memory|\bOOM\b|enlarge memory|unable to allocate|cannot allocate|memory allocation/i
/** libheif reports its own guards as failed allocations. */
const GUARD = /security limit/i
const CUT_OFF = /premature end of JPEG|truncated|unexpected end|not enough data/i

/** The refusal that a decoder's error over `bytes` amounts to. Throws it on when the file isn't to blame. */
export function refusalFor(bytes: Uint8Array): (error: unknown) => Refusal {
  return (error) => {
    if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) throw error
    if (OURS.test(error.message) && !GUARD.test(error.message)) throw error
    return CUT_OFF.test(error.message) || lacksItsEnd(bytes) ? cutOff() : damaged()
  }
}

/** For the formats whose decoders call every fault by one name. */
function lacksItsEnd(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const sniffed = sniff(bytes)
  if (sniffed.kind !== 'accepted') return false
  if (sniffed.format === 'png') return !file.includes('IEND', 0, 'latin1')
  return sniffed.format === 'webp' && file.readUInt32LE(4) + 8 > file.length
}
