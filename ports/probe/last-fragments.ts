import { boxAt, findBox } from './box.ts'
import { bytesSource } from './bytes.ts'
import type { ByteSource } from './probe.ts'
import { inTail } from './tail.ts'

/** What a fragmented file has at its end. */
export interface Fragments {
  /** The last of them with the tracks of the file; missing where none is found near its end, or one doesn't tell its time. */
  readonly last?: ByteSource
  /** The file ends before they do. */
  readonly isCutOff: boolean
}

/** A movie without samples needs some kilobytes. */
const MAX_HEAD_BYTES = 2 * 1024 * 1024

/**
 * An MP4 with the movie of this one and its last fragments alone, without their samples: how long the whole plays stands
 * there, as each fragment tells when it begins. Going through all of them takes a read for each.
 * @param source keeps what was read of it; @param whole the same, and doesn't
 * @returns undefined where the file isn't fragmented (ISO/IEC 14496-12, 8.8)
 */
export async function lastFragments(source: ByteSource, whole = source): Promise<Fragments | undefined> {
  const movie = await findBox(source, 'moov', { content: 0, end: source.size })
  if (movie === undefined || (await findBox(source, 'mvex', movie)) === undefined) {
    return undefined
  }
  if (movie.end > Math.min(MAX_HEAD_BYTES, source.size)) return { isCutOff: false }
  const head = withoutSamples(await source.read(0, movie.end))
  const found = await inTail(whole, (tail) => {
    const end = fragmentsIn(tail)
    return end && { last: bytesSource(Buffer.concat([head, ...end.fragments])), isCutOff: end.isCutOff }
  })
  return found ?? { isCutOff: false }
}

/** A camera that was interrupted leaves samples in the movie, too, which come before the fragments: the parser would see no others. */
function withoutSamples(movie: Uint8Array): Buffer {
  const copy = Buffer.from(movie)
  for (const table of ['stts', 'stsz', 'stz2']) {
    for (let at = copy.indexOf(table); at >= 0; at = copy.indexOf(table, at)) copy.write('free', at, 'latin1')
  }
  return copy
}

/** What a fragment begins with, after its size and name. */
const FRAGMENT_HEADER = Buffer.from('\0\0\0\x10mfhd', 'latin1')

/** What may stand between fragments, and behind the last. */
const BESIDE_FRAGMENTS = [
  'mdat',
  'mfra',
  'sidx',
  'styp',
  'ssix',
  'prft',
  'emsg',
  'free',
  'skip',
  'uuid',
  'udta',
  'meta',
]

interface Found {
  readonly fragments: readonly Buffer[]
  readonly isCutOff: boolean
}

/** All fragments from the first on whose beginning is there. */
function fragmentsIn(tail: Buffer): Found | undefined {
  for (let at = tail.indexOf(FRAGMENT_HEADER, 8); at >= 0; at = tail.indexOf(FRAGMENT_HEADER, at + 1)) {
    const found = fragmentsFrom(tail, at - 8)
    if (found !== undefined) return found
  }
  return undefined
}

/** undefined where no fragment begins here, or one doesn't tell its time: then only all that came before does. */
function fragmentsFrom(tail: Buffer, start: number): Found | undefined {
  const fragments: Buffer[] = []
  let at = start
  while (at < tail.length) {
    const box = boxAt(tail, at)
    if (box === undefined || !(box.name === 'moof' || BESIDE_FRAGMENTS.includes(box.name))) break
    if (box.end > tail.length && box.end !== Number.POSITIVE_INFINITY) return { fragments, isCutOff: true }
    if (box.name === 'moof') {
      const fragment = tail.subarray(at, box.end)
      if (!fragment.includes('tfdt')) return undefined
      fragments.push(fragment)
    }
    at = box.end
  }
  return fragments.length > 0 ? { fragments, isCutOff: false } : undefined
}
