import { open } from 'node:fs/promises'
import type { ByteSource } from '../probe/probe.ts'

/** Hands `use` the bytes of a file by ranges, and closes it after. */
export async function withFile<T>(path: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    return await use({
      size,
      async read(offset, length) {
        const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)))
        let at = 0
        while (at < bytes.length) {
          const { bytesRead } = await handle.read(bytes, at, bytes.length - at, offset + at)
          if (bytesRead === 0) return bytes.subarray(0, at)
          at += bytesRead
        }
        return bytes
      },
    })
  } finally {
    await handle.close()
  }
}
