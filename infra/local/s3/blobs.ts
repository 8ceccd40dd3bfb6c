import { createReadStream, createWriteStream, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Digests, type ReceiveOptions, receiveInto } from './receive.ts'

/** A body that lies in its file, complete, and that no row names yet. */
export interface Received extends Digests {
  /** The name of its file: made by the server, never from a key. */
  readonly file: string
}

/** The files that hold objects' bytes, below one folder: `incoming/` while they arrive, `objects/` once they are whole. */
export interface Blobs {
  /**
   * Streams a body to its file and hands it to `accept`, which is to write the row that names the file. Where anything
   * fails, `accept` included, no file is left.
   * @throws what the body's stream, `judgeSize` or `accept` throws.
   */
  receive<T>(body: Readable, options: ReceiveOptions, accept: (received: Received) => T): Promise<T>
  /** Opens a file for reading; the descriptor outlives the file's deletion. */
  open(file: string): number
  /** Where a file lies, absolute, for programs that read files; it may be deleted at any time. */
  pathOf(file: string): string
  /** The bytes of several files, one after another. */
  read(files: readonly string[]): Readable
  /** Deletes a file, later; a failure is mended by the next sweep. */
  remove(file: string): void
  /** Deletes what a death of the process left behind: half-received bodies, and files that no row names. */
  sweep(isNamed: (file: string) => boolean): void
}

export function openBlobs(folder: string, uuid: () => string, onFailure: (error: unknown) => void): Blobs {
  const incoming = join(folder, 'incoming')
  const objects = join(folder, 'objects')
  mkdirSync(incoming, { recursive: true })
  mkdirSync(objects, { recursive: true })

  return {
    async receive(body, options, accept) {
      const file = uuid()
      const arriving = join(incoming, file)
      const kept = join(objects, file)
      try {
        const digests = await receiveInto(createWriteStream(arriving, { flags: 'wx' }), body, options)
        await rename(arriving, kept)
        return accept({ file, ...digests })
      } catch (error) {
        await Promise.all([rm(arriving, { force: true }), rm(kept, { force: true })])
        throw error
      }
    },
    open(file) {
      return openSync(join(objects, file), 'r')
    },
    pathOf: (file) => join(objects, file),
    read(files) {
      return Readable.from(bytesOf(files.map((file) => join(objects, file))), { objectMode: false })
    },
    remove(file) {
      rm(join(objects, file), { force: true }).catch(onFailure)
    },
    sweep(isNamed) {
      for (const name of readdirSync(incoming)) rmSync(join(incoming, name), { recursive: true, force: true })
      for (const name of readdirSync(objects)) if (!isNamed(name)) rmSync(join(objects, name), { force: true })
    },
  }
}

async function* bytesOf(paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of paths) yield* createReadStream(path) as AsyncIterable<Buffer>
}
