import { afterTags, type Frame, secondsOfFrames } from './frames.ts'
import type { ByteSource } from './probe.ts'

/** ISO/IEC 14496-3, table 1.18. */
const SAMPLE_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
]

/** Seconds of AAC that lies in no container, each frame with a header of its own. */
export async function adtsSeconds(source: ByteSource): Promise<number | undefined> {
  return secondsOfFrames(source, await afterTags(source), { headerBytes: 7, frameAt })
}

/** ISO/IEC 14496-3, 1.A.2. */
function frameAt(bytes: Buffer, at: number): Frame | undefined {
  if ((bytes.readUInt16BE(at) & 0xfff6) !== 0xfff0) return undefined
  const sampleRate = SAMPLE_RATES[((bytes[at + 2] ?? 0) >> 2) & 0b1111]
  const length = (bytes.readUInt32BE(at + 2) >> 5) & 0x1fff
  const blocks = ((bytes[at + 6] ?? 0) & 0b11) + 1
  return sampleRate === undefined || length < 7 ? undefined : { bytes: length, samples: blocks * 1_024, sampleRate }
}
