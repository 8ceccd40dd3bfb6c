import { afterTags, type Frame, secondsOfFrames } from './frames.ts'
import type { ByteSource } from './probe.ts'

/** Where the first frame may lie behind its tags: some pad them. */
const SEARCHED = 64 * 1024

/** What MPEG audio may have on average; what claims less or more isn't believed. */
const BITS_A_SECOND = { least: 6_000, most: 450_000 }

/** Seconds of an MP3: of its first frame, where that counts the others and may be believed, else of all of them. */
export async function mp3Seconds(source: ByteSource): Promise<number | undefined> {
  const from = await afterTags(source)
  const head = Buffer.from(await source.read(from, SEARCHED))
  const at = firstFrame(head)
  const first = at === undefined ? undefined : frameAt(head, at)
  if (at === undefined || first === undefined) return undefined
  const counted = countedFrames(head.subarray(at, at + first.bytes))
  const seconds = ((counted ?? 0) * first.samples) / first.sampleRate
  const bits = ((source.size - from - at) * 8) / seconds
  if (bits >= BITS_A_SECOND.least && bits <= BITS_A_SECOND.most) return seconds
  // What counts the others is silent itself.
  return secondsOfFrames(source, from + at + (counted === undefined ? 0 : first.bytes), {
    headerBytes: HEADER_BYTES,
    // Tags stand between frames, too, where files were put together, and behind them.
    frameAt: (bytes, place) => {
      const frame = frameAt(bytes, place)
      return frame?.sampleRate === first.sampleRate && frame.samples === first.samples ? frame : NO_FRAME
    },
  })
}

const HEADER_BYTES = 4
const NO_FRAME: Frame = { bytes: 1, samples: 0, sampleRate: 1 }

/** Followed by another: two bytes of a tag may look like a header. */
function firstFrame(head: Buffer): number | undefined {
  for (let at = 0; at + HEADER_BYTES <= head.length; at += 1) {
    const frame = frameAt(head, at)
    if (frame === undefined) continue
    const next = at + frame.bytes
    if (next + HEADER_BYTES > head.length || frameAt(head, next)) return at
  }
  return undefined
}

/** Frames as LAME and others count them, or undefined. */
function countedFrames(frame: Buffer): number | undefined {
  for (const name of ['Xing', 'Info']) {
    const at = frame.indexOf(name)
    if (at >= 0 && at + 12 <= frame.length && frame.readUInt32BE(at + 4) & 1) return frame.readUInt32BE(at + 8)
  }
  return undefined
}

const MPEG_1 = 3
const RESERVED = 1
const LAYER = [undefined, 3, 2, 1] as const

/** Kilobits a second (ISO/IEC 11172-3, 2.4.2.3; ISO/IEC 13818-3, 2.4.2.3), from index 1 on. */
const BITRATES = {
  first: {
    1: [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    2: [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    3: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  },
  later: {
    1: [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    2: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    3: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  },
} as const

/** By version: 2.5, none, 2, 1. */
const RATE_DIVISORS = [4, 0, 2, 1]
const RATES = [44_100, 48_000, 32_000]

function frameAt(bytes: Buffer, at: number): Frame | undefined {
  const header = bytes.readUInt32BE(at)
  if (header >>> 21 !== 0x7ff) return undefined
  const version = (header >>> 19) & 0b11
  const layer = LAYER[(header >>> 17) & 0b11]
  const rate = RATES[(header >>> 10) & 0b11]
  if (version === RESERVED || layer === undefined || rate === undefined) return undefined
  const kilobits = BITRATES[version === MPEG_1 ? 'first' : 'later'][layer][((header >>> 12) & 0b1111) - 1]
  if (kilobits === undefined) return undefined
  const sampleRate = rate / (RATE_DIVISORS[version] ?? 1)
  const samples = layer === 1 ? 384 : layer === 3 && version !== MPEG_1 ? 576 : 1_152
  const padding = (header >>> 9) & 1
  // Of layer 1, frames are counted in slots of four bytes.
  const slot = layer === 1 ? 4 : 1
  const length = (Math.floor((samples / 8 / slot) * ((kilobits * 1_000) / sampleRate)) + padding) * slot
  return { bytes: length, samples, sampleRate }
}
