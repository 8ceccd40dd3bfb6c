import type { Drawn } from '../../ports/documents/documents.ts'
import type { MediaFacts, Probed } from '../../ports/probe/probe.ts'
import type { VoiceRendered } from '../../ports/voice/voice.ts'
import { flawsOf } from './uploads.ts'

const PEAKS = Buffer.alloc(64, 7).toString('base64')
const SOUND: MediaFacts = {
  format: 'm4a',
  contentType: 'audio/mp4',
  durationMs: 1_000,
  audio: { codec: 'aac', codecParameters: 'mp4a.40.2', channels: 1, sampleRate: 48_000 },
}
export const FILM = {
  format: 'mp4',
  contentType: 'video/mp4',
  durationMs: 1_000,
  video: { codec: 'h264', codecParameters: 'avc1.64001f', width: 480, height: 360, rotation: 0, hdr: 'sdr' },
} as const satisfies MediaFacts

const FORMS = [
  { name: 'aac', contentType: 'audio/mp4', extension: 'm4a', bitsPerSecond: 64_000 },
  { name: 'opus', contentType: 'audio/ogg', extension: 'ogg', bitsPerSecond: 32_000 },
] as const

const DAMAGE = { code: 'undecodable', message: 'The recording is damaged: send it again.' } as const

/** What films, recordings and documents say of themselves and are made into, by their bytes alone. */
export function probed(bytes: Uint8Array): Probed {
  if (flawsOf(bytes).includes('damaged')) return { ok: false, ...DAMAGE }
  return { ok: true, facts: Buffer.from(bytes).includes('] voice ') ? SOUND : FILM }
}

export function rendered(bytes: Uint8Array, recipe: string): VoiceRendered {
  if (flawsOf(bytes).includes('damaged')) return { ok: false, fault: 'file', ...DAMAGE }
  const audios = FORMS.map((form) => ({
    ...form,
    durationMs: 1_000,
    bytes: Buffer.from(`${form.name} ${recipe} ${Buffer.from(bytes).toString('latin1')}`),
  }))
  return { ok: true, durationMs: 1_000, peaks: PEAKS, audios }
}

export function drawn(pdf: Uint8Array): Drawn {
  const png = Buffer.from(`page 1 ${Buffer.from(pdf).toString('latin1')}`)
  return { ok: true, pages: 1, firstPage: { png, width: 400, height: 300 } }
}
