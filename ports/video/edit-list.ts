import { type Box, boxesIn, findBox, type Range } from '../probe/box.ts'
import type { ByteSource } from '../probe/probe.ts'

/** What the edit list of one track of an ISO base media file shows of its samples (ISO/IEC 14496-12, 8.6.6). */
export interface EditedTrack {
  readonly of: 'pictures' | 'sound'
  /** Of all samples, less what is shown of them, once or more; where those lie in fragments, what comes before the first that is shown. */
  readonly hiddenMs: number
}

/** No camera writes a longer edit list. What is behind this counts as not shown. */
const MAX_LIST_BYTES = 64 * 1024

/** Tracks with an edit list, by a few reads; none where the file is of another kind. */
export async function editedTracks(source: ByteSource): Promise<readonly EditedTrack[]> {
  const movie = await findBox(source, 'moov', { content: 0, end: source.size })
  const header = movie && (await findBox(source, 'mvhd', movie))
  if (movie === undefined || header === undefined) return []
  const clock = timesOf(await contentOf(source, header))
  const tracks: EditedTrack[] = []
  for await (const box of boxesIn(source, movie)) {
    const track = box.name === 'trak' ? await editedTrack(source, box, clock.perSecond) : undefined
    if (track !== undefined) tracks.push(track)
  }
  return tracks
}

const HANDLERS: ReadonlyMap<string, EditedTrack['of']> = new Map([
  ['vide', 'pictures'],
  ['soun', 'sound'],
])

async function editedTrack(source: ByteSource, track: Range, perSecond: number): Promise<EditedTrack | undefined> {
  const inTrack = async (...path: readonly string[]): Promise<Buffer | undefined> => {
    const box = await descend(source, path, track)
    return box && contentOf(source, box)
  }
  const list = await inTrack('edts', 'elst')
  const header = await inTrack('mdia', 'mdhd')
  const handler = await inTrack('mdia', 'hdlr')
  const of = HANDLERS.get(handler?.toString('latin1', 8, 12) ?? '')
  if (list === undefined || header === undefined || of === undefined) return undefined
  const media = timesOf(header)
  if (media.perSecond === 0 || perSecond === 0) return undefined
  const seconds = media.ticks / media.perSecond
  const shown = piecesOf(list).map(({ from, ticks }): Stretch => {
    const start = from / media.perSecond
    // Without a length it goes on to the end.
    return { from: start, to: ticks === 0 ? seconds : start + ticks / perSecond }
  })
  const [first] = shown
  if (first === undefined) return undefined
  return { of, hiddenMs: 1_000 * (media.ticks === 0 ? first.from : seconds - secondsIn(shown)) }
}

/** Seconds of samples. */
interface Stretch {
  readonly from: number
  readonly to: number
}

/** Of all stretches together, what several have in common counted once. */
function secondsIn(stretches: readonly Stretch[]): number {
  let [seconds, end] = [0, 0]
  for (const { from, to } of [...stretches].sort((a, b) => a.from - b.from)) {
    seconds += Math.max(0, to - Math.max(from, end))
    end = Math.max(end, to)
  }
  return seconds
}

async function descend(source: ByteSource, path: readonly string[], from: Range): Promise<Box | undefined> {
  const [name, ...deeper] = path
  const box = name === undefined ? undefined : await findBox(source, name, from)
  return box && deeper.length > 0 ? descend(source, deeper, box) : box
}

async function contentOf(source: ByteSource, { content, end }: Range): Promise<Buffer> {
  return Buffer.from(await source.read(content, Math.min(end - content, MAX_LIST_BYTES)))
}

/** Lengths of all ones aren't known, and then it is as with fragments, where they are 0. */
const UNKNOWN: readonly number[] = [0xffff_ffff, Number(0xffff_ffff_ffff_ffffn)]

/** Of `mvhd` and `mdhd`: its times are of eight bytes where the box is of version 1. A length that isn't known is 0. */
function timesOf(box: Buffer): { readonly perSecond: number; readonly ticks: number } {
  const isLong = box[0] === 1
  if (box.length < (isLong ? 32 : 20)) return { perSecond: 0, ticks: 0 }
  const ticks = isLong ? Number(box.readBigUInt64BE(24)) : box.readUInt32BE(16)
  return { perSecond: box.readUInt32BE(isLong ? 20 : 12), ticks: UNKNOWN.includes(ticks) ? 0 : ticks }
}

interface Piece {
  /** How long it is shown, by the movie's clock. */
  readonly ticks: number
  /** Its first sample, by the track's clock. */
  readonly from: number
}

/** Without those from -1 on: there nothing is shown, but samples are neither. */
function piecesOf(box: Buffer): readonly Piece[] {
  const isLong = box[0] === 1
  const bytes = isLong ? 20 : 12
  const pieces: Piece[] = []
  const count = box.length < 8 ? 0 : box.readUInt32BE(4)
  for (let entry = 0, at = 8; entry < count && at + bytes <= box.length; entry += 1, at += bytes) {
    const piece = isLong
      ? { ticks: Number(box.readBigUInt64BE(at)), from: Number(box.readBigInt64BE(at + 8)) }
      : { ticks: box.readUInt32BE(at), from: box.readInt32BE(at + 4) }
    if (piece.from >= 0) pieces.push(piece)
  }
  return pieces
}
