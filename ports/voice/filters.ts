import { gainDb, type Loudness } from './loudness.ts'

/** Timestamps may have gaps where somebody paused, or where Opus sent nothing for silence: they are heard as silence. */
const EVEN = 'aresample=48000:async=1:first_pts=0'

/** How a recording becomes one channel: of all of its channels, or of its first where they cancel each other. */
export const ONE_CHANNEL = {
  mixed: `aformat=channel_layouts=mono,${EVEN}`,
  first: `pan=mono|c0=c0,${EVEN}`,
} as const

export type OneChannel = keyof typeof ONE_CHANNEL

/** -1.9 dB: encoders and the resamplers of players overshoot a little. */
const LIMITER = 'alimiter=limit=0.8:level=0'
const CEILING_DB = -1.9

/**
 * What decoders leave of silence, about the last bit of 16, and nobody hears. ffmpeg's AAC encoder goes over a frame up to
 * six times where there is too little in it for its bits, which made silence twice as dear as talk.
 */
const SILENT_DB = -84
const MUTE = 'volume=0'

/**
 * What makes a recording as loud as the rest: nothing, a gain, or a gain under a ceiling that its loud moments need. Of
 * silence it makes digital silence.
 */
export function levelling(loudness: Loudness): string[] {
  if (loudness.peakDb !== undefined && loudness.peakDb < SILENT_DB) return [MUTE]
  const gain = gainDb(loudness)
  if (gain === 0) return []
  const { peakDb = 0 } = loudness
  return [`volume=${gain}dB`, ...(peakDb + gain > CEILING_DB ? [LIMITER] : [])]
}
