import { open } from 'node:fs/promises'
import { within } from '../deadline/within.ts'
import type { ByteSource } from './probe.ts'

/** Headers stand at the beginning, indexes there or at the end. */
const EDGE = 8 * 1024 * 1024
const CHUNK = 4 * 1024 * 1024

/**
 * Writes a file of the source's size that has its first and last 8 MiB, and a hole in between that takes no room.
 * @throws where the deadline passes before it is written
 */
export async function writeEdges(source: ByteSource, file: string, deadline: AbortSignal): Promise<void> {
  const target = await open(file, 'wx')
  try {
    await target.truncate(source.size)
    const tail = Math.max(EDGE, source.size - EDGE)
    for (const [from, to] of [
      [0, Math.min(EDGE, source.size)],
      [tail, source.size],
    ] as const) {
      for (let at = from; at < to; at += CHUNK) {
        const bytes = await within(deadline, source.read(at, Math.min(CHUNK, to - at)))
        await target.write(bytes, 0, bytes.length, at)
      }
    }
  } finally {
    await target.close()
  }
}
