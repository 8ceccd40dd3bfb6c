import type { ByteSource } from './probe.ts'

/** One frame of sound, as its header has it. */
export interface Frame {
  readonly bytes: number
  readonly samples: number
  readonly sampleRate: number
}

const CHUNK = 1024 * 1024

/** More of a file than this isn't gone through for its length alone. */
export const MAX_WALK_BYTES = 16 * 1024 * 1024

/**
 * Seconds of the frames that follow each other from `from` on, none of them decoded.
 * @param frameAt undefined where there is none, with which they end
 * @returns undefined where there are none, or more than should be gone through
 */
export async function secondsOfFrames(
  source: ByteSource,
  from: number,
  { headerBytes, frameAt }: { readonly headerBytes: number; frameAt(bytes: Buffer, at: number): Frame | undefined },
): Promise<number | undefined> {
  if (source.size - from > MAX_WALK_BYTES) return undefined
  let seconds = 0
  let at = from
  while (at + headerBytes <= source.size) {
    const start = at
    const read = await source.read(start, CHUNK)
    const chunk = Buffer.from(read.buffer, read.byteOffset, read.byteLength)
    while (at - start + headerBytes <= chunk.length) {
      const frame = frameAt(chunk, at - start)
      if (frame === undefined || at + frame.bytes > source.size) return seconds || undefined
      at += frame.bytes
      seconds += frame.samples / frame.sampleRate
    }
  }
  return seconds || undefined
}

/** Behind the tags that stand in front, covers among them (ID3v2.4, 3.1): their length is in seven bits a byte. */
export async function afterTags(source: ByteSource): Promise<number> {
  let at = 0
  while (at + 10 <= source.size) {
    const head = Buffer.from(await source.read(at, 10))
    if (head.toString('latin1', 0, 3) !== 'ID3') return at
    const size = [6, 7, 8, 9].reduce((sum, index) => sum * 128 + ((head[index] ?? 0) & 0x7f), 0)
    const hasFooter = ((head[5] ?? 0) & 0x10) !== 0
    at += 10 + size + (hasFooter ? 10 : 0)
  }
  return at
}
