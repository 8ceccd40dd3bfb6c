/** What was measured by EBU R 128. */
export interface Loudness {
  /** Integrated, LUFS; undefined where nothing rises above the gate, as in silence. */
  readonly lufs?: number
  /** The loudest sample, dB of full scale; undefined in digital silence. */
  readonly peakDb?: number
}

/** Where music and podcasts are heard; a voice in a chat is to be no quieter than what plays next. */
export const TARGET_LUFS = -16
/** Nobody hears less than this. */
const TOLERANCE = 2
/** More would bring up the noise of a room in which somebody whispers. */
const MOST_GAIN_DB = 15
/** Below the gate of R 128, ffmpeg's filter tells -70. */
const SILENCE = -69.5

/** Reads the summary that ffmpeg's filter `ebur128` writes at its end. */
export function loudnessOf(stderr: string): Loudness {
  const summary = stderr.slice(Math.max(0, stderr.lastIndexOf('Summary:')))
  const lufs = number(/\bI:\s+(-?[\d.]+|-inf|nan) LUFS/.exec(summary))
  const peakDb = number(/\bPeak:\s+(-?[\d.]+|-inf|nan) dBFS/.exec(summary))
  return {
    ...(lufs !== undefined && lufs > SILENCE && { lufs }),
    ...(peakDb !== undefined && { peakDb }),
  }
}

/** By how many decibels a recording is to be raised, or lowered; 0 where it is near enough, and where it is silent. */
export function gainDb({ lufs }: Loudness): number {
  if (lufs === undefined) return 0
  const gain = Math.min(MOST_GAIN_DB, TARGET_LUFS - lufs)
  return Math.abs(gain) <= TOLERANCE ? 0 : Math.round(gain * 10) / 10
}

function number(match: RegExpExecArray | null): number | undefined {
  const value = Number(match?.[1] ?? Number.NaN)
  return Number.isFinite(value) ? value : undefined
}
