import type { AudioFacts, ByteSource, Probed } from './probe.ts'
import { damaged } from './refusal.ts'

/** RFC 4867, 5.3: bytes of a frame by its type, the header byte included; types that are missing are not used. */
interface Kind {
  readonly magic: string
  readonly sampleRate: number
  readonly frameBytes: Readonly<Record<number, number>>
  readonly codec: string
}

const KINDS: readonly Kind[] = [
  {
    magic: '#!AMR\n',
    codec: 'amr-nb',
    sampleRate: 8_000,
    frameBytes: { 0: 13, 1: 14, 2: 16, 3: 18, 4: 20, 5: 21, 6: 27, 7: 32, 8: 6, 15: 1 },
  },
  {
    magic: '#!AMR-WB\n',
    codec: 'amr-wb',
    sampleRate: 16_000,
    frameBytes: { 0: 18, 1: 24, 2: 33, 3: 37, 4: 41, 5: 47, 6: 51, 7: 59, 8: 61, 9: 6, 14: 1, 15: 1 },
  },
]

const FRAME_MS = 20
const CHUNK = 256 * 1024

/** A recording in AMR without any container, as old phones and messengers make it; each frame is looked at. */
export async function amrFacts(source: ByteSource): Promise<Probed> {
  const head = Buffer.from(await source.read(0, Math.min(16, source.size))).toString('latin1')
  const kind = KINDS.find(({ magic }) => head.startsWith(magic))
  const frames = kind && (await countFrames(source, kind))
  if (kind === undefined || frames === undefined) return damaged()
  const durationMs = frames * FRAME_MS
  const audio: AudioFacts = {
    codec: kind.codec,
    channels: 1,
    sampleRate: kind.sampleRate,
    bitsPerSecond: Math.round((source.size * 8_000) / durationMs),
  }
  return { ok: true, facts: { format: 'amr', contentType: 'audio/amr', durationMs, tracks: 1, audio } }
}

/** undefined where there are none, or what stands there is none. */
async function countFrames(source: ByteSource, { magic, frameBytes }: Kind): Promise<number | undefined> {
  let frames = 0
  let at = magic.length
  while (at < source.size) {
    const start = at
    const chunk = await source.read(start, CHUNK)
    while (at - start < chunk.length) {
      // A bit of padding, four of the type, one of quality, two more of padding.
      const length = frameBytes[((chunk[at - start] ?? 0) >> 3) & 0b1111]
      if (length === undefined) return undefined
      at += length
      frames += 1
    }
  }
  return frames === 0 ? undefined : frames
}
