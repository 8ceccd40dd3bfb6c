import { createHash, type Hash } from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import { type Refusal, refuse } from './refusal.ts'
import { hmac, sameSignature, sha256Hex } from './scope.ts'
import type { ChunkedPayload } from './verify.ts'

const EMPTY_SHA256 = sha256Hex('')
const MAX_LINE_BYTES = 8 * 1024
const MAX_TRAILERS = 16

/** A body that is not what its sender signed; the stream that carried it fails with this. */
export class BodyRefused extends Error {
  override readonly name = 'BodyRefused'
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

/**
 * Takes the frames of an `aws-chunked` body off and passes its bytes on; it holds one line at most. Every chunk's
 * signature is checked at the chunk's end, so nothing that came out counts before the stream has ended well.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export class ChunkDecoder extends Transform {
  /** Trailing headers, by lower-case name; whole once the stream has ended. */
  readonly trailers = new Map<string, string>()
  readonly #payload: ChunkedPayload
  #previousSignature: string
  #state: 'size' | 'data' | 'dataEnd' | 'trailer' | 'done' = 'size'
  #line: Buffer = Buffer.alloc(0)
  #left = 0
  #chunkHash: Hash | undefined
  #chunkSignature = ''
  #trailerText = ''
  #trailerSignature = ''

  constructor(payload: ChunkedPayload) {
    super()
    this.#payload = payload
    this.#previousSignature = payload.signing?.seedSignature ?? ''
  }

  override _transform(data: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#consume(data)
      done()
    } catch (error) {
      done(error as Error)
    }
  }

  override _flush(done: TransformCallback): void {
    done(this.#state === 'done' ? null : malformed('IncompleteBody', 'The request body terminated unexpectedly'))
  }

  #consume(data: Buffer): void {
    let rest = data
    while (rest.length > 0) {
      if (this.#state === 'done') throw malformed('IncompleteBody', 'Bytes follow the last chunk of the body')
      if (this.#state === 'data') {
        const piece = rest.subarray(0, this.#left)
        this.#chunkHash?.update(piece)
        this.push(piece)
        this.#left -= piece.length
        rest = rest.subarray(piece.length)
        if (this.#left === 0) this.#endChunk('dataEnd')
        continue
      }
      const newline = rest.indexOf(10)
      const end = newline < 0 ? rest.length : newline + 1
      this.#line = Buffer.concat([this.#line, rest.subarray(0, end)])
      if (this.#line.length > MAX_LINE_BYTES) throw malformed('InvalidRequest', 'A chunk header or trailer is too long')
      rest = rest.subarray(end)
      if (newline < 0) return
      const line = this.#line.toString('latin1').replace(/\r?\n$/, '')
      this.#line = Buffer.alloc(0)
      this.#takeLine(line)
    }
  }

  #takeLine(line: string): void {
    if (this.#state === 'size') this.#beginChunk(line)
    else if (this.#state === 'trailer') this.#takeTrailer(line)
    else if (line === '') this.#state = 'size'
    else throw malformed('IncompleteBody', 'A chunk is longer than its header says')
  }

  #beginChunk(line: string): void {
    const [size = '', ...extensions] = line.split(';')
    if (!/^[0-9a-f]{1,12}$/i.test(size)) throw malformed('InvalidRequest', 'A chunk header has no valid size')
    const { signing } = this.#payload
    if (signing) {
      const extension = extensions.find((text) => text.startsWith('chunk-signature='))
      this.#chunkSignature = extension?.slice('chunk-signature='.length) ?? ''
      this.#chunkHash = createHash('sha256')
    }
    this.#left = Number.parseInt(size, 16)
    if (this.#left > 0) this.#state = 'data'
    else this.#endChunk('trailer')
  }

  #endChunk(next: 'dataEnd' | 'trailer'): void {
    if (this.#chunkHash) {
      const hash = this.#chunkHash.digest('hex')
      this.#verify('AWS4-HMAC-SHA256-PAYLOAD', [EMPTY_SHA256, hash], this.#chunkSignature)
    }
    this.#state = next
  }

  #takeTrailer(line: string): void {
    if (line === '') {
      this.#endTrailers()
      return
    }
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (colon < 1 || !this.#payload.trailer || this.trailers.size >= MAX_TRAILERS) {
      throw malformed('MalformedTrailerError', 'The request contained trailing data that was not well-formed')
    }
    if (name === 'x-amz-trailer-signature') {
      this.#trailerSignature = value
    } else {
      this.trailers.set(name, value)
      this.#trailerText += `${name}:${value}\n`
    }
  }

  #endTrailers(): void {
    if (this.#payload.signing && this.#payload.trailer) {
      this.#verify('AWS4-HMAC-SHA256-TRAILER', [sha256Hex(this.#trailerText)], this.#trailerSignature)
    }
    this.#state = 'done'
  }

  #verify(kind: string, hashes: readonly string[], signature: string): void {
    const { signing } = this.#payload
    if (!signing) return
    const text = [kind, signing.timestamp, signing.scope, this.#previousSignature, ...hashes].join('\n')
    if (!sameSignature(hmac(signing.signingKey, text), signature)) throw new BodyRefused(refuse('s3', 'mismatch'))
    this.#previousSignature = signature
  }
}

function malformed(code: string, message: string): BodyRefused {
  return new BodyRefused({ ok: false, statusCode: 400, code, message })
}
