import { createHash } from 'node:crypto'
import { containerOf } from './container.ts'
import type { ByteSource, MediaFacts, Probe } from './probe.ts'
import { damaged, refusalOf } from './refusal.ts'

/** Bytes that start with this are a video with sound … */
export const FAKE_VIDEO = 'video'
/** … with this a recording … */
export const FAKE_RECORDING = 'recording'
/** … and with this they are refused as undecodable, as a damaged file is. */
export const FAKE_DAMAGED = 'damaged'

/** Files without a parser, for simulations: what bytes say of themselves follows from their first word and their digest. */
export function fakeProbe(): Probe {
  return {
    async probe(source) {
      if (source.size === 0) return refusalOf({ kind: 'empty' })
      const bytes = Buffer.from(await source.read(0, Math.min(source.size, 64)))
      const word = bytes.toString('latin1')
      if (word.startsWith(FAKE_DAMAGED)) return damaged()
      if (word.startsWith(FAKE_VIDEO)) return { ok: true, facts: video(bytes, source) }
      if (word.startsWith(FAKE_RECORDING)) return { ok: true, facts: recording(bytes) }
      const container = containerOf(bytes)
      return container.kind === 'accepted' ? damaged() : refusalOf(container)
    },
  }
}

const SIDES = [360, 480, 720, 1_080] as const

function video(bytes: Buffer, { size }: ByteSource): MediaFacts {
  const [drawn = 0, turned = 0, sound = 0] = createHash('sha256').update(bytes).digest()
  const short = SIDES[drawn % SIDES.length] ?? 720
  const long = Math.round((short * 16) / 9 / 2) * 2
  const upright = turned % 2 === 0
  const durationMs = 1_000 + drawn * 100
  return {
    format: 'mp4',
    contentType: 'video/mp4',
    durationMs,
    tracks: sound % 4 === 0 ? 1 : 2,
    video: {
      codec: 'h264',
      codecParameters: 'avc1.64001f',
      ...(upright ? { width: short, height: long } : { width: long, height: short }),
      rotation: upright ? 90 : 0,
      durationMs,
      frameRate: 30,
      hdr: 'sdr',
      bitDepth: 8,
      chroma: '4:2:0',
      bitsPerSecond: Math.ceil((size * 8_000) / durationMs),
    },
    ...(sound % 4 !== 0 && { audio: { codec: 'aac', codecParameters: 'mp4a.40.2', channels: 2, sampleRate: 48_000 } }),
  }
}

function recording(bytes: Buffer): MediaFacts {
  const [drawn = 0] = createHash('sha256').update(bytes).digest()
  return {
    format: 'm4a',
    contentType: 'audio/mp4',
    durationMs: 1_000 + drawn * 100,
    tracks: 1,
    audio: { codec: 'aac', codecParameters: 'mp4a.40.2', channels: 1, sampleRate: 48_000 },
  }
}
