import type { SourceVideo } from './transcoder.ts'

/**
 * The ladder, as data: the deployed job template and every job are made of it. docs/decisions/020-the-ladder.md tells why
 * it is so. Bit rates are bits a second and caps: quality decides.
 */
export const LADDER = {
  /** Of the picture's short side; best first. */
  rungs: [
    { name: '1080p', shortSide: 1080, maxBitrate: 5_000_000 },
    { name: '720p', shortSide: 720, maxBitrate: 2_800_000 },
    { name: '480p', shortSide: 480, maxBitrate: 1_400_000 },
    { name: '360p', shortSide: 360, maxBitrate: 800_000 },
  ],
  /** MediaConvert's own measure, 1 to 10. */
  quality: 7,
  /** Keyframes of all rungs stand at the same places, this far apart. */
  gopSeconds: 2,
  segmentSeconds: 4,
  maxFrameRate: 30,
  audio: { bitrate: 128_000, sampleRate: 48_000, lufs: -16, truePeakDb: -1.5 },
  /** Pictures at intervals, for scrubbing. */
  frames: { everySeconds: 10, shortSide: 180, max: 360, quality: 80 },
} as const

/** Names below an output's prefix; the files of a rendition follow from its rung. */
export const OUTPUT_NAMES = {
  base: 'master',
  hls: 'master.m3u8',
  dash: 'master.mpd',
  frames: 'frames/frame',
} as const

/** How a picture at an interval is named: `frames/frame.0000012.jpg` is the thirteenth. */
export const FRAME_NAME = /^frames\/frame\.(\d{7})\.jpg$/

export interface Rung {
  /** `720p`: the short side. */
  readonly name: string
  readonly width: number
  readonly height: number
  readonly maxBitrate: number
}

/** The widest that MediaConvert's H.264 takes, and the least of both sides. */
const MAX_SIDE = 4096
const MIN_SIDE = 32

/**
 * The rungs for a source: those that are not larger than it, each in the source's shape; where all are, one of its own
 * size. A rate a tenth above the cap is the cap, as phones' 30 is now and then.
 */
export function ladderFor(source: Pick<SourceVideo, 'width' | 'height'>): readonly Rung[] {
  const shortSide = Math.min(source.width, source.height)
  const fitting = LADDER.rungs.filter((rung) => rung.shortSide <= shortSide)
  if (fitting.length > 0) {
    return fitting.map(({ name, maxBitrate, shortSide: side }) => ({ name, maxBitrate, ...sizeFor(source, side) }))
  }
  const { maxBitrate } = LADDER.rungs[LADDER.rungs.length - 1] ?? LADDER.rungs[0]
  const size = sizeFor(source, shortSide)
  return [{ name: `${Math.min(size.width, size.height)}p`, maxBitrate, ...size }]
}

/** The size of pictures at intervals. */
export function frameSize(source: Pick<SourceVideo, 'width' | 'height'>): { width: number; height: number } {
  return sizeFor(source, Math.min(LADDER.frames.shortSide, source.width, source.height))
}

/** Whether the source has more pictures a second than are sent. */
export function isTooFast({ frameRate = 0 }: Pick<SourceVideo, 'frameRate'>): boolean {
  return frameRate > LADDER.maxFrameRate * 1.1
}

/** The shape of the source with this short side, in even numbers. */
function sizeFor(
  { width, height }: Pick<SourceVideo, 'width' | 'height'>,
  shortSide: number,
): { width: number; height: number } {
  const scale = Math.min(shortSide / Math.min(width, height), MAX_SIDE / Math.max(width, height))
  const even = (side: number) => Math.max(MIN_SIDE, Math.round((side * scale) / 2) * 2)
  return { width: even(width), height: even(height) }
}
