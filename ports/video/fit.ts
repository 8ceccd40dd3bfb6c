import type { EditedTrack } from './edit-list.ts'
import type { FilmFacts } from './video.ts'

/** What every phone and browser of today plays as it is. */
export const PLAYABLE = {
  shortSide: 1_080,
  /** Of all the file: phones record 1080p at up to 20 Mbit/s, and more than this stutters on a mobile network. */
  bitsPerSecond: 25_000_000,
  framesPerSecond: 61,
  /** First byte of `avc1.XXYYZZ`: Baseline, Main, High; not those of 10 bits or 4:2:2. */
  profiles: ['42', '4d', '58', '64'],
  /** Third byte: 5.1. */
  level: 51,
  sound: ['mp4a.40.2', 'mp4a.40.5', 'mp4a.40.29'],
  channels: 6,
} as const

/** Why a source's own pictures and sound won't do for others, or undefined where they will. */
export function unfitness(facts: FilmFacts, bytes: number): string | undefined {
  const { video, audio, durationMs } = facts
  const { codec, codecParameters = '', width, height, bitDepth = 8, chroma = '4:2:0', hdr, frameRate = 30 } = video
  if (codec !== 'h264') return `its pictures are ${codec}, not H.264`
  const [, profile = '', level = ''] = /^avc[13]\.([0-9a-f]{2})[0-9a-f]{2}([0-9a-f]{2})$/i.exec(codecParameters) ?? []
  if (!includes(PLAYABLE.profiles, profile.toLowerCase())) return `its H.264 is of the profile ${codecParameters}`
  if (Number.parseInt(level, 16) > PLAYABLE.level) return `its H.264 is of the level ${codecParameters}`
  if (bitDepth !== 8 || chroma !== '4:2:0') return `its pictures are ${bitDepth} bits ${chroma}`
  if (hdr !== 'sdr') return `its light is ${hdr}`
  if (Math.min(width, height) > PLAYABLE.shortSide) return `its pictures are ${width} × ${height}`
  if (frameRate > PLAYABLE.framesPerSecond) return `it has ${Math.round(frameRate)} pictures a second`
  const bitsPerSecond = (bytes * 8_000) / Math.max(1, durationMs)
  if (bitsPerSecond > PLAYABLE.bitsPerSecond) return `it has ${Math.round(bitsPerSecond / 1e6)} Mbit a second`
  if (audio === undefined) return undefined
  if (audio.codec !== 'aac') return `its sound is ${audio.codec}, not AAC`
  if (audio.codecParameters !== undefined && !includes(PLAYABLE.sound, audio.codecParameters.toLowerCase())) {
    return `its AAC is ${audio.codecParameters}`
  }
  if (audio.channels > PLAYABLE.channels) return `its sound has ${audio.channels} channels`
  return undefined
}

/**
 * What a file may hold without showing it, in milliseconds: a picture or two before the one that a film begins with; of
 * sound, what AAC's encoders put in front (2,112 samples, of HE-AAC twice as many) and a packet that is cut at either end.
 */
export const MAY_HIDE = { pictures: 100, sound: 200 } as const

/** Why a file would hand out more than it shows: whoever trims a film on a phone hides the rest, and keeps it. */
export function overhang(tracks: readonly EditedTrack[]): string | undefined {
  const trimmed = tracks.find(({ of, hiddenMs }) => hiddenMs > MAY_HIDE[of])
  return (
    trimmed && `it still holds ${(trimmed.hiddenMs / 1_000).toFixed(1)} s of ${trimmed.of} trimmed from what it shows`
  )
}

function includes(allowed: readonly string[], value: string): boolean {
  return allowed.includes(value)
}
