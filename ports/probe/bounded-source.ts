import type { ByteSource } from './probe.ts'

export interface ReadBounds {
  /** Bytes fetched in all; they are kept, so this bounds memory too. */
  readonly maxBytes: number
  /** Fetches in all. */
  readonly maxReads: number
}

/** More was asked for than the bounds give. */
export class ReadTooMuch extends Error {
  override readonly name = 'ReadTooMuch'
}

/** S3 answers a range in some 20 ms whatever its size up to here: parsers that read by the byte get blocks. */
const BLOCK = 64 * 1024

/** The most that is fetched ahead of what is asked for. */
const MOST_AHEAD = 2 * 1024 * 1024

/**
 * The same source, read by whole blocks that are kept: nothing is fetched twice. Who reads on is given as much again as
 * lies before it without a gap, so that going through a file takes few fetches, and jumping about in it few bytes.
 * @throws ReadTooMuch by `read`, where the bounds are reached
 */
export function boundedSource(source: ByteSource, { maxBytes, maxReads }: ReadBounds): ByteSource {
  const blocks = new Map<number, Uint8Array>()
  const count = Math.ceil(source.size / BLOCK)
  let bytes = 0
  let reads = 0

  /** The last block to fetch along with `first` to `last`. */
  function ahead(first: number, last: number): number {
    let before = 0
    while (before < MOST_AHEAD / BLOCK && blocks.has(first - before - 1)) before += 1
    const left = Math.floor((maxBytes - bytes) / BLOCK)
    const wanted = Math.min(first + Math.min(before, left), count) - 1
    let to = last
    while (to < wanted && !blocks.has(to + 1)) to += 1
    return to
  }

  async function fetchBlocks(first: number, last: number): Promise<void> {
    const offset = first * BLOCK
    const length = Math.min((last + 1) * BLOCK, source.size) - offset
    bytes += length
    reads += 1
    if (bytes > maxBytes || reads > maxReads) {
      throw new ReadTooMuch(`more than ${maxBytes} bytes or ${maxReads} reads of a file of ${source.size} bytes`)
    }
    const fetched = await source.read(offset, length)
    if (fetched.byteLength !== length) throw new Error(`${fetched.byteLength} bytes came of ${length} at ${offset}`)
    for (let block = first; block <= last; block += 1) {
      const at = (block - first) * BLOCK
      blocks.set(block, fetched.subarray(at, at + BLOCK))
    }
  }

  return {
    size: source.size,
    async read(offset, length) {
      const end = Math.min(offset + length, source.size)
      if (end <= offset) return new Uint8Array()
      const [first, last] = [Math.floor(offset / BLOCK), Math.floor((end - 1) / BLOCK)]
      for (let from = first; from <= last; from += 1) {
        if (blocks.has(from)) continue
        let to = from
        while (to < last && !blocks.has(to + 1)) to += 1
        if (to === last) to = ahead(from, to)
        await fetchBlocks(from, to)
        from = to
      }
      const together = inOnePiece(blocks.get(first), blocks.get(last), last - first)
      if (together) return new Uint8Array(together.buffer, together.byteOffset + offset - first * BLOCK, end - offset)
      const result = new Uint8Array(end - offset)
      for (let block = first; block <= last; block += 1) {
        const start = block * BLOCK
        const part = (blocks.get(block) ?? new Uint8Array()).subarray(Math.max(0, offset - start), end - start)
        result.set(part, Math.max(0, start - offset))
      }
      return result
    },
  }
}

/** The first block, where the last one lies so many blocks after it in memory too: what is between needs no copy then. */
function inOnePiece(first: Uint8Array | undefined, last: Uint8Array | undefined, apart: number) {
  return first && first.buffer === last?.buffer && last.byteOffset - first.byteOffset === apart * BLOCK
    ? first
    : undefined
}
