import { createHash } from 'node:crypto'
import { LATE, sooner } from '../deadline/by-deadline.ts'
import { emptyFile, refusalByFacts } from './refusal.ts'
import type { RenderedAudio, Voice } from './voice.ts'

const FORMS = [
  { name: 'aac', contentType: 'audio/mp4', extension: 'm4a', bitsPerSecond: 64_000 },
  { name: 'opus', contentType: 'audio/ogg', extension: 'ogg', bitsPerSecond: 32_000 },
] as const

/** Recordings without an encoder, for simulations: every form follows from the bytes' digest alone. */
export function fakeVoice(deadline?: AbortSignal): Voice {
  return {
    async render(bytes, facts) {
      if (bytes.byteLength === 0) return emptyFile()
      const refusal = refusalByFacts(facts)
      if (refusal) return refusal
      if (deadline?.aborted) return LATE
      const { durationMs = 1_000 } = facts
      return {
        ok: true,
        durationMs,
        peaks: Buffer.concat([digest(bytes, 'peaks'), digest(bytes, 'more peaks')]).toString('base64'),
        loudness: -23,
        audios: FORMS.map((form): RenderedAudio => ({ ...form, durationMs, bytes: digest(bytes, form.name) })),
      }
    },
    until: (other) => fakeVoice(sooner(deadline, other)),
    recipe: async () => digest(Buffer.from(JSON.stringify(FORMS)), 'fake').toString('hex', 0, 4),
  }
}

function digest(bytes: Uint8Array, purpose: string): Buffer {
  return createHash('sha256').update(purpose).update('\0').update(bytes).digest()
}
