import type { ByteSource } from './probe.ts'

/** How far from the end is looked: first where files of phones and browsers have it, then further, and no further. */
const WINDOWS = [256 * 1024, 1024 * 1024, 4 * 1024 * 1024, 12 * 1024 * 1024]

/**
 * Asks of ever more of a file's end, until an answer comes. None of it need be kept afterwards: give it the file itself.
 * @param find what it answers holds none of the tail's memory, which is given back at once: left to the garbage
 *   collector, a megabyte has it go through the heap every few files
 */
export async function inTail<T>(whole: ByteSource, find: (tail: Buffer) => T | undefined): Promise<T | undefined> {
  let tail = Buffer.alloc(0)
  for (const window of WINDOWS) {
    const length = Math.min(window, whole.size)
    if (length === tail.length) break
    const more = await whole.read(whole.size - length, length - tail.length)
    const longer = Buffer.concat([more, tail])
    release(tail)
    tail = longer
    const found = find(tail)
    if (found === undefined) continue
    release(tail)
    return found
  }
  release(tail)
  return undefined
}

function release({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0)
}
