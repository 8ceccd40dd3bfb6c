import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LIMITS } from '../../contracts/limits.ts'
import { byDeadline, sooner } from '../deadline/by-deadline.ts'
import { within } from '../deadline/within.ts'
import type { Ffmpeg, Missing } from '../ffmpeg/find.ts'
import { inScratch } from '../ffmpeg/scratch.ts'
import type { MediaFacts, Probe } from '../probe/probe.ts'
import { isFitToCopy } from './fitness.ts'
import { type Heard, listen } from './listen.ts'
import { gainDb } from './loudness.ts'
import { peaksOf } from './peaks.ts'
import type { Recording } from './recording.ts'
import { cutOff, damaged, emptyFile, noSound, refusalByFacts, tooLong } from './refusal.ts'
import { isAsLong, verify } from './verify.ts'
import type { RenderedAudio, Voice, VoiceFault, VoiceRefusal, VoiceRendered } from './voice.ts'
import { recipeOf, write } from './write.ts'

export interface FfmpegVoiceOptions {
  readonly ffmpeg: () => Promise<Ffmpeg | Missing>
  /** Looks at every form that was made. */
  readonly probe: Probe
}

/**
 * Voice notes by ffmpeg, in two short runs: one listens (loudness, wave, duration), one writes both forms from a single
 * decode, as loud as was found to be right. Together they take what one run takes that measures only; a run that evens
 * out what it hasn't heard yet takes twice as long, and pumps.
 */
export function ffmpegVoice({ ffmpeg: find, probe }: FfmpegVoiceOptions): Voice {
  const until = (deadline?: AbortSignal): Voice => ({
    async render(bytes, facts) {
      if (bytes.byteLength === 0) return emptyFile()
      const refusal = refusalByFacts(facts)
      if (refusal) return refusal
      return byDeadline(deadline, async () => {
        const ffmpeg = await within(deadline, find())
        return inScratch(async (scratch) => {
          const source = join(scratch, 'source')
          await writeFile(source, bytes)
          return rendered(probe, { ffmpeg, source, scratch, ...(deadline && { deadline }) }, facts)
        })
      })
    },
    until: (other) => until(sooner(deadline, other)),
    async recipe() {
      const ffmpeg = await find()
      if (!ffmpeg.found) throw new Error(ffmpeg.message)
      return recipeOf(ffmpeg)
    },
  })
  return until()
}

async function rendered(probe: Probe, recording: Recording, facts: MediaFacts): Promise<VoiceRendered> {
  const heard = await listen(recording, facts.audio?.channels ?? 1)
  if (!heard.ok) return heard
  const { samples, durationMs, loudness } = heard
  const unheard = refusalByEar(heard, facts)
  if (unheard) return unheard
  const made = await forms(probe, recording, facts, heard)
  if (!made.ok) return made
  return {
    ok: true,
    durationMs,
    peaks: peaksOf(samples, 10 ** (gainDb(loudness) / 20)),
    ...(loudness.lufs !== undefined && { loudness: loudness.lufs }),
    audios: made.audios,
  }
}

function refusalByEar({ samples, durationMs }: Heard, facts: MediaFacts): VoiceRefusal | undefined {
  if (samples.length === 0) return noSound()
  if (durationMs > LIMITS.voice.maxSeconds * 1_000) return tooLong()
  const claimedMs = facts.durationMs ?? durationMs
  // A tenth less, and more than what encoders put before and after.
  return durationMs < claimedMs * 0.9 && durationMs < claimedMs - 500 ? cutOff() : undefined
}

type Made = { readonly ok: true; readonly audios: readonly RenderedAudio[] } | VoiceRefusal | VoiceFault

/** @throws Error where ffmpeg wrote what wasn't meant: never told as the sender's fault */
async function forms(probe: Probe, recording: Recording, facts: MediaFacts, heard: Heard): Promise<Made> {
  const { loudness, oneChannel, durationMs, flawed } = heard
  // What is copied is as it came: only what needs no gain can be, and no channels of which a small speaker makes silence.
  const fit = facts.audio !== undefined && isFitToCopy(facts.audio) && gainDb(loudness) === 0 && oneChannel === 'mixed'
  let problem = ''
  // A copy keeps the oddities of its original, too; where it isn't sound, there is still the other way.
  for (const copies of fit ? [true, false] : [false]) {
    const written = await write({ ...recording, loudness, oneChannel, copies })
    if (!written.ok) return written
    const verifying = Promise.all(written.forms.map((form) => verify(probe, form, durationMs)))
    const verified = await within(recording.deadline, verifying)
    const audios = verified.flatMap((one) => (one.ok ? [one.audio] : []))
    if (audios.length === verified.length) return { ok: true, audios }
    problem = verified.flatMap((one) => (one.ok ? [] : [one.problem])).join('; ')
  }
  // Where its frames change their rate on the way, each run makes something else of it.
  if (flawed || !isAsLong(facts.durationMs ?? durationMs, durationMs)) return damaged()
  throw new Error(problem)
}
