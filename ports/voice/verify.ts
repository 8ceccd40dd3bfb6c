import { bytesSource } from '../probe/bytes.ts'
import type { Probe } from '../probe/probe.ts'
import type { RenderedAudio } from './voice.ts'
import type { Written } from './write.ts'

export type Verified =
  | { readonly ok: true; readonly audio: RenderedAudio }
  | { readonly ok: false; readonly problem: string }

/** Looks at what was written: its kind, its sound alone, and as long as what was heard. */
export async function verify(probe: Probe, form: Written, heardMs: number): Promise<Verified> {
  const problem = (what: string): Verified => ({ ok: false, problem: `ffmpeg wrote a file of ${form.name} ${what}` })
  const probed = await probe.probe(bytesSource(form.bytes))
  if (!probed.ok) return problem(`that can't be read: ${probed.message}`)
  const { audio, contentType, tracks, durationMs = 0 } = probed.facts
  if (audio?.codec !== form.name || contentType !== form.contentType) return problem(`that is ${contentType}`)
  if (tracks !== 1) return problem(`with ${tracks} tracks`)
  if (!isAsLong(durationMs, heardMs)) return problem(`of ${durationMs} ms from ${heardMs} ms`)
  const bitsPerSecond = Math.round((form.bytes.byteLength * 8_000) / durationMs)
  return { ok: true, audio: { ...form, durationMs, bitsPerSecond } }
}

/** Milliseconds, but for what encoders put before and after, and for what a container rounds. */
export function isAsLong(durationMs: number, heardMs: number): boolean {
  return Math.abs(durationMs - heardMs) <= 250 + heardMs * 0.02
}
