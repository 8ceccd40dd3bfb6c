import { input, output } from '../ffmpeg/arguments.ts'
import { explain } from '../ffmpeg/failure.ts'
import { runFfmpeg } from '../ffmpeg/run.ts'
import { answerOf } from './answer.ts'
import { ONE_CHANNEL, type OneChannel } from './filters.ts'
import { type Loudness, loudnessOf } from './loudness.ts'
import type { Recording } from './recording.ts'
import { boundsOf, LISTEN_SECONDS, MAX_SECONDS } from './run-limits.ts'
import type { VoiceFault, VoiceRefusal } from './voice.ts'

/** A voice has nothing above 4 kHz that a bubble 64 bars wide could show. */
const RATE = 8_000
const BYTES_PER_SAMPLE = 2

/** One channel is heard from two speakers, and counts as that. */
const MEASURE = 'ebur128=dualmono=true:peak=sample:framelog=verbose'

export interface Heard {
  readonly ok: true
  /** At 8 kHz, one channel. */
  readonly samples: Int16Array
  readonly durationMs: number
  readonly loudness: Loudness
  readonly oneChannel: OneChannel
  /** The decoder went on, but complained of the file. */
  readonly flawed: boolean
}

/** Quieter than any moment of what somebody says into a microphone. */
const QUIET_DB = -30
/** A channel alone is louder than the mix by 6 dB at most, but where the channels cancel each other. */
const CANCELLED_DB = 12

/**
 * Decodes a recording from end to end: how long it is, how loud, and what its wave looks like. Where the mix of its
 * channels is all but silent, its first is heard alone: one may be the other upside down, as of a cable wired wrongly.
 */
export async function listen(recording: Recording, channels: number): Promise<Heard | VoiceRefusal | VoiceFault> {
  const mixed = await listenTo(recording, 'mixed')
  if (!mixed.ok || channels < 2 || peakOf(mixed) > QUIET_DB) return mixed
  const first = await listenTo(recording, 'first')
  return first.ok && peakOf(first) <= peakOf(mixed) + CANCELLED_DB ? mixed : first
}

const peakOf = ({ loudness: { peakDb = Number.NEGATIVE_INFINITY } }: Heard) => peakDb

async function listenTo(recording: Recording, oneChannel: OneChannel): Promise<Heard | VoiceRefusal | VoiceFault> {
  const filters = `[0:a:0]${ONE_CHANNEL[oneChannel]},${MEASURE},aresample=${RATE}[heard]`
  const pipe = output('-', MAX_SECONDS, ['-map', '[heard]', '-f', 's16le'])
  const ran = await runFfmpeg(recording.ffmpeg, [input(recording.source), '-filter_complex', filters, pipe], {
    ...boundsOf(recording),
    timeoutMs: LISTEN_SECONDS * 1_000,
    stdoutLimit: (MAX_SECONDS + 1) * RATE * BYTES_PER_SAMPLE,
  })
  if (!ran.ok) return answerOf(ran)
  const samples = samplesOf(ran.stdout)
  return {
    ok: true,
    samples,
    durationMs: Math.round((samples.length * 1_000) / RATE),
    loudness: loudnessOf(ran.stderr),
    oneChannel,
    flawed: explain(ran.stderr).fault === 'file',
  }
}

/** Every platform that runs this is little-endian, as the pipe is. */
function samplesOf(bytes: Uint8Array): Int16Array {
  const length = Math.floor(bytes.byteLength / BYTES_PER_SAMPLE)
  const aligned = bytes.byteOffset % BYTES_PER_SAMPLE === 0 ? bytes : Uint8Array.from(bytes)
  return new Int16Array(aligned.buffer, aligned.byteOffset, length)
}
