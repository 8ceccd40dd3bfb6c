import type { FragmentedFile } from './fragments.ts'
import type { FrameRate, Size } from './plan.ts'

/** One rendition of a stream as its playlists tell of it. */
export interface Rendition {
  /** Names, not paths: all lie side by side. */
  readonly playlist: string
  readonly media: string
  readonly file: FragmentedFile
  readonly segments: readonly Segment[]
  /** Undefined where it is sound alone. */
  readonly video: { readonly size: Size; readonly frameRate: FrameRate } | undefined
  readonly audioGroup: string | undefined
}

export interface Segment {
  readonly offset: number
  readonly bytes: number
  readonly seconds: number
}

/** As many fragments to a segment as it takes to be `seconds` long; the last may be shorter. */
export function segmentsOf({ fragments }: Pick<FragmentedFile, 'fragments'>, seconds: number): readonly Segment[] {
  const segments: Segment[] = []
  for (const fragment of fragments) {
    const last = segments.at(-1)
    // Rates of broadcasting make a GOP of 2 s some milliseconds shorter than that.
    if (!last || last.seconds >= seconds - 0.1) segments.push(fragment)
    else {
      const joined = {
        offset: last.offset,
        bytes: last.bytes + fragment.bytes,
        seconds: last.seconds + fragment.seconds,
      }
      segments[segments.length - 1] = joined
    }
  }
  return segments
}

export function durationOf({ segments }: Pick<Rendition, 'segments'>): number {
  return segments.reduce((sum, { seconds }) => sum + seconds, 0)
}

/** Bits a second of the whole. */
export function averageBitrate(rendition: Rendition): number {
  const bytes = rendition.segments.reduce((sum, segment) => sum + segment.bytes, 0)
  return Math.ceil((bytes * 8) / durationOf(rendition))
}

/** Bits a second of the segment that has most of them. */
export function peakBitrate({ segments }: Rendition): number {
  return Math.ceil(Math.max(...segments.map(({ bytes, seconds }) => (bytes * 8) / seconds)))
}
