import { close, read } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { promisify } from 'node:util'

const CHUNK_BYTES = 256 * 1024

/**
 * Sends the bytes from `first` to `last`, both included, ends the answer and closes the file. All of them pass through
 * one buffer: a file stream makes a new one for each 64 KB, and so much garbage that V8 marks its whole heap for each photo.
 * @throws Error where the file is too short, or the client has gone.
 */
export async function sendFile(
  fd: number,
  { first, last }: { readonly first: number; readonly last: number },
  response: ServerResponse,
): Promise<void> {
  try {
    const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, last - first + 1))
    for (let at = first; at <= last; ) {
      const { bytesRead } = await readFrom(fd, buffer, 0, Math.min(buffer.length, last - at + 1), at)
      if (bytesRead === 0) throw new Error(`the file of an object ends at ${at}, before ${last}`)
      await write(response, buffer.subarray(0, bytesRead))
      at += bytesRead
    }
    response.end()
  } finally {
    await closeFile(fd)
  }
}

const readFrom = promisify(read)
const closeFile = promisify(close)

/** Resolves once the system has taken the chunk, so that its memory can be used again. */
function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the client has gone'))
    if (response.destroyed) {
      gone()
      return
    }
    response.once('close', gone)
    response.write(chunk, (error) => {
      response.off('close', gone)
      if (error) reject(error)
      else resolve()
    })
  })
}
