import { createHash } from 'node:crypto'
import { type Readable, Transform, type TransformCallback, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Algorithm, type Checksum, startChecksum } from './checksums.ts'
import { S3Error } from './errors.ts'

export interface ReceiveOptions {
  readonly algorithms?: readonly Algorithm[]
  readonly sha256?: boolean
  /** Called with the number of bytes so far; it throws where they are too many. */
  readonly judgeSize?: (size: number) => void
  /** Stands between the body and its hashes, as what takes its frames off. */
  readonly decoder?: Transform
  /** What must end well, too, before the body counts: the form around it. */
  readonly until?: Promise<void>
}

/** What is known of a body once all of it has passed. */
export interface Digests {
  readonly size: number
  /** Hex, without quotes. */
  readonly md5: string
  /** Hex; only where it was asked for. */
  readonly sha256?: string
  readonly checksums: readonly Checksum[]
}

/**
 * Streams a body to its sink and hashes it on the way. Where that fails, the body itself is left alive, for destroying
 * a request takes the connection with it on which the failure is to be answered; what is left of it is thrown away.
 */
export async function receiveInto(sink: Writable, body: Readable, options: ReceiveOptions): Promise<Digests> {
  const hashing = new HashingStream(options)
  const entry = options.decoder ?? hashing
  const hungUp = () => {
    if (!body.readableEnded)
      entry.destroy(new S3Error(400, 'IncompleteBody', 'The request body terminated unexpectedly'))
  }
  body.on('error', hungUp).on('close', hungUp)
  body.pipe(entry)
  try {
    await (options.decoder ? pipeline(options.decoder, hashing, sink) : pipeline(hashing, sink))
    await options.until
    return hashing.digests()
  } finally {
    body.unpipe(entry).off('close', hungUp).resume()
  }
}

class HashingStream extends Transform {
  readonly #md5 = createHash('md5')
  readonly #sha256
  readonly #checksums
  readonly #judgeSize
  #size = 0

  constructor({ algorithms = [], sha256 = false, judgeSize }: ReceiveOptions) {
    super()
    this.#sha256 = sha256 ? createHash('sha256') : undefined
    this.#checksums = algorithms.map((algorithm) => ({ algorithm, running: startChecksum(algorithm) }))
    this.#judgeSize = judgeSize
  }

  override _transform(data: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#size += data.length
    try {
      this.#judgeSize?.(this.#size)
    } catch (error) {
      done(error as Error)
      return
    }
    this.#md5.update(data)
    this.#sha256?.update(data)
    for (const { running } of this.#checksums) running.update(data)
    done(null, data)
  }

  digests(): Digests {
    return {
      size: this.#size,
      md5: this.#md5.digest('hex'),
      ...(this.#sha256 && { sha256: this.#sha256.digest('hex') }),
      checksums: this.#checksums.map(({ algorithm, running }) => ({ algorithm, value: running.digest() })),
    }
  }
}
