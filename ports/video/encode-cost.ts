import { isTooFast, LADDER } from '../transcoder/ladder.ts'
import { sizeOn } from './ladder.ts'
import type { FilmFacts, Rung } from './video.ts'

/**
 * Of one processor for each pixel, half as much again as was measured of H.264 and HEVC of 4 to 50 Mbit a second:
 * decoding takes 1 to 5 by the rate of bits, scaling 1 of the source, tone mapping 19 and encoding 12 of what comes out.
 */
const NANOSECONDS = { decode: 7, scale: 1.5, toneMap: 25, encode: 17 } as const
/** Of one processor, for each second of sound. */
const SOUND_SECONDS = 0.05

/** What `encode` takes at most of a video like this, in seconds of one processor. */
export function processorSeconds({ durationMs, video, audio }: FilmFacts, rungs: readonly Rung[]): number {
  const { width, height, frameRate = LADDER.maxFrameRate, hdr } = video
  const shown = isTooFast({ frameRate }) ? LADDER.maxFrameRate : frameRate
  const sizes = rungs.map((rung) => sizeOn(video, rung)).map((size) => size.width * size.height)
  const source = width * height
  const nanoseconds =
    frameRate * source * NANOSECONDS.decode +
    shown * source * NANOSECONDS.scale +
    (hdr === 'sdr' ? 0 : shown * Math.max(0, ...sizes) * NANOSECONDS.toneMap) +
    shown * sizes.reduce((sum, pixels) => sum + pixels, 0) * NANOSECONDS.encode
  return (durationMs / 1_000) * (nanoseconds / 1e9 + (audio === undefined ? 0 : SOUND_SECONDS))
}
