import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LIMITS } from '../../contracts/limits.ts'
import { input, output } from '../ffmpeg/arguments.ts'
import type { Failure } from '../ffmpeg/failure.ts'
import type { Ffmpeg, Missing } from '../ffmpeg/find.ts'
import { type Done, type RunLimits, runFfmpeg } from '../ffmpeg/run.ts'
import { inScratch } from '../ffmpeg/scratch.ts'
import { bytesSource } from '../probe/bytes.ts'
import type { MediaFacts, Probe } from '../probe/probe.ts'
import { isFitToCopy } from './fitness.ts'
import { gainDb, type Loudness, loudnessOf } from './loudness.ts'
import { peaksOf } from './peaks.ts'
import { cutOff, damaged, emptyFile, noSound, refusalByFacts, tooLong } from './refusal.ts'
import type { RenderedAudio, Voice, VoiceFault, VoiceRefusal } from './voice.ts'

export interface FfmpegVoiceOptions {
  readonly ffmpeg: () => Promise<Ffmpeg | Missing>
  /** Looks at every form that was made. */
  readonly probe: Probe
}

/** Raise it with every change here that changes the bytes that come out. */
const SETTINGS_VERSION = 1

/** A voice has nothing above 4 kHz that a bubble 64 bars wide could show. */
const PEAKS_RATE = 8_000
const BYTES_PER_SAMPLE = 2

/** An hour of talk takes half a minute of one processor. */
const RUN_MS = 55_000

/** Timestamps may have gaps where somebody paused, or where Opus sent nothing for silence: they are heard as silence. */
const ONE_CHANNEL = 'aformat=channel_layouts=mono,aresample=48000:async=1:first_pts=0'

/** One channel is heard from two speakers, and counts as that. */
const MEASURE = 'ebur128=dualmono=true:peak=sample:framelog=verbose'

/** -1.9 dB: the two encoders and the players' resamplers overshoot a little. */
const LIMITER = 'alimiter=limit=0.8:level=0'

const FORMS = [
  { name: 'aac', contentType: 'audio/mp4', extension: 'm4a' },
  { name: 'opus', contentType: 'audio/ogg', extension: 'ogg' },
] as const

const AAC = ['-c:a', 'aac', '-aac_coder', 'fast', '-b:a', '64k']
const OPUS = ['-c:a', 'libopus', '-compression_level', '5', '-b:a', '32k']
/** Nothing of the original but its sound; no time of writing and no random serial, so that twice is the same. */
const BARE = ['-map_metadata', '-1', '-map_chapters', '-1', '-vn', '-sn', '-dn', '-fflags', '+bitexact']
const AS_M4A = [...BARE, '-f', 'ipod', '-movflags', '+faststart']
const AS_OGG = [...BARE, '-flags:a', '+bitexact', '-f', 'ogg']

/**
 * Voice notes by ffmpeg, in two short runs: one listens (loudness, wave, duration), one writes both forms from a single
 * decode, as loud as was found to be right. Together they take what a single run would that only measures; a run that
 * evens out without having listened takes twice as long, and pumps.
 */
export function ffmpegVoice({ ffmpeg: find, probe }: FfmpegVoiceOptions): Voice {
  return {
    async render(bytes, facts) {
      if (bytes.byteLength === 0) return emptyFile()
      const refusal = refusalByFacts(facts)
      if (refusal) return refusal
      const ffmpeg = await find()
      return inScratch(async (scratch) => {
        const source = join(scratch, 'source')
        await writeFile(source, bytes)
        const limits = limitsIn(scratch)

        const heard = await listen(ffmpeg, source, limits)
        if (!heard.ok) return heard.refusal
        const { samples, durationMs, loudness } = heard
        if (samples.length === 0) return noSound()
        if (durationMs > LIMITS.voice.maxSeconds * 1_000) return tooLong()
        if (facts.durationMs !== undefined && isMuchShorter(durationMs, facts.durationMs)) return cutOff()

        const gain = gainDb(loudness)
        const written = await write(ffmpeg, source, { facts, gain, loudness }, limits)
        if (written) return written
        const audios = await Promise.all(
          FORMS.map(async (form) => ({
            ...form,
            bytes: await readFile(join(scratch, `${form.name}.${form.extension}`)),
          })),
        )
        return {
          ok: true,
          durationMs,
          peaks: peaksOf(samples, 10 ** (gain / 20)),
          ...(loudness.lufs !== undefined && { loudness: loudness.lufs }),
          audios: await Promise.all(audios.map((audio) => verified(probe, audio, durationMs))),
        }
      })
    },
    async recipe() {
      const ffmpeg = await find()
      if (!ffmpeg.found) throw new Error(ffmpeg.message)
      const named = { settings: SETTINGS_VERSION, ffmpeg: ffmpeg.version, ONE_CHANNEL, MEASURE, LIMITER, AAC, OPUS }
      return createHash('sha256').update(JSON.stringify(named)).digest('hex').slice(0, 8)
    },
  }
}

function limitsIn(scratch: string): RunLimits {
  return {
    scratch,
    timeoutMs: RUN_MS,
    maxFileBytes: LIMITS.voice.maxBytes * 2,
    maxMemoryMb: 1_024,
    stdoutLimit: (LIMITS.voice.maxSeconds + 2) * PEAKS_RATE * BYTES_PER_SAMPLE,
  }
}

type Heard =
  | { readonly ok: true; readonly samples: Int16Array; readonly durationMs: number; readonly loudness: Loudness }
  | { readonly ok: false; readonly refusal: VoiceRefusal | VoiceFault }

async function listen(ffmpeg: Ffmpeg | Missing, source: string, limits: RunLimits): Promise<Heard> {
  const filters = `[0:a:0]${ONE_CHANNEL},${MEASURE},aresample=${PEAKS_RATE}[heard]`
  const words = ['-filter_complex', filters]
  const pipe = output('-', LIMITS.voice.maxSeconds + 1, ['-map', '[heard]', '-f', 's16le'])
  const ran = await runFfmpeg(ffmpeg, [input(source), ...words, pipe], limits)
  if (!ran.ok) return { ok: false, refusal: refusalOf(ran) }
  const samples = samplesOf(ran)
  const durationMs = Math.round((samples.length * 1_000) / PEAKS_RATE)
  return { ok: true, samples, durationMs, loudness: loudnessOf(ran.stderr) }
}

function samplesOf({ stdout }: Done): Int16Array {
  // A copy begins where 16 bits can be read; platforms that run this are little-endian, as the pipe is.
  return new Int16Array(Uint8Array.from(stdout).buffer, 0, Math.floor(stdout.byteLength / BYTES_PER_SAMPLE))
}

interface Wanted {
  readonly facts: MediaFacts
  readonly gain: number
  readonly loudness: Loudness
}

/** Writes both forms; a refusal is what came instead. */
async function write(
  ffmpeg: Ffmpeg | Missing,
  source: string,
  { facts, gain, loudness }: Wanted,
  limits: RunLimits,
): Promise<VoiceRefusal | VoiceFault | undefined> {
  // What is copied is as loud as it came: only what needs no gain can be copied.
  const copies = gain === 0 && facts.audio !== undefined && isFitToCopy(facts.audio)
  const loud = [ONE_CHANNEL, ...levels(gain, loudness)].join(',')
  const filters = copies ? `[0:a:0]${loud}[opus]` : `[0:a:0]${loud},asplit=2[aac][opus]`
  const seconds = LIMITS.voice.maxSeconds + 1
  const file = (index: 0 | 1) => join(limits.scratch, `${FORMS[index].name}.${FORMS[index].extension}`)
  const aac = copies ? ['-map', '0:a:0', '-c:a', 'copy'] : ['-map', '[aac]', ...AAC, '-flags:a', '+bitexact']
  const ran = await runFfmpeg(
    ffmpeg,
    [
      input(source),
      ...['-filter_complex', filters],
      output(file(0), seconds, [...aac, ...AS_M4A]),
      output(file(1), seconds, ['-map', '[opus]', ...OPUS, ...AS_OGG]),
    ],
    limits,
  )
  return ran.ok ? undefined : refusalOf(ran)
}

function levels(gain: number, { peakDb = 0 }: Loudness): string[] {
  if (gain === 0) return []
  const volume = `volume=${gain}dB`
  return peakDb + gain > -2 ? [volume, LIMITER] : [volume]
}

/** A tenth less, and more than what encoders put before and after. */
function isMuchShorter(heardMs: number, claimedMs: number): boolean {
  return heardMs < claimedMs * 0.9 && heardMs < claimedMs - 500
}

/** @throws Error where what was written isn't what was meant: a fault of ours, never told as the sender's. */
async function verified(
  probe: Probe,
  form: (typeof FORMS)[number] & { readonly bytes: Uint8Array },
  durationMs: number,
): Promise<RenderedAudio> {
  const probed = await probe.probe(bytesSource(form.bytes))
  const complain = (what: string) => new Error(`ffmpeg wrote a ${form.name} file ${what}`)
  if (!probed.ok) throw complain(`that can't be read: ${probed.message}`)
  const { audio, video, contentType, durationMs: written = 0 } = probed.facts
  if (audio?.codec !== form.name || contentType !== form.contentType || video) throw complain('of another kind')
  if (Math.abs(written - durationMs) > 250 + durationMs * 0.02) throw complain(`of ${written} ms from ${durationMs} ms`)
  const bitsPerSecond = Math.round((form.bytes.byteLength * 8_000) / written)
  return { ...form, durationMs: written, bitsPerSecond }
}

/** @throws Error where it isn't the file that is at fault: another try may help. */
function refusalOf({ fault, code, message, detail }: Failure): VoiceRefusal | VoiceFault {
  if (code === 'no-ffmpeg') return { ok: false, fault: 'ours', code, message }
  if (fault === 'ours') throw new Error(`ffmpeg, of a voice note: ${code}: ${message} ${detail}`)
  if (code === 'no-stream') return noSound()
  return damaged()
}
