import type { ByteSource } from '../probe/probe.ts'

/** One box of an MP4 file. */
export interface Box {
  /** Its type below those of the boxes that hold it: `moov/trak/mdia`. */
  readonly path: string
  /** With its header. */
  readonly bytes: number
}

/** Boxes that hold others, and the bytes that come before those. */
const CONTAINERS: ReadonlyMap<string, number> = new Map([
  ...['moov', 'trak', 'mdia', 'minf', 'moof', 'traf', 'mvex', 'udta'].map((type) => [type, 0] as const),
  ['meta', 4],
])

/** All boxes of an MP4 that we made, in the order of the file. */
export async function boxesOf(source: ByteSource): Promise<readonly Box[]> {
  return walk(source, 0, source.size, '')
}

async function walk(source: ByteSource, from: number, to: number, parent: string): Promise<Box[]> {
  const boxes: Box[] = []
  for (let at = from; at + 8 <= to; ) {
    const head = Buffer.from(await source.read(at, Math.min(16, to - at)))
    const named = head.readUInt32BE(0)
    const isLarge = named === 1 && head.length === 16
    const bytes = isLarge ? Number(head.readBigUInt64BE(8)) : named === 0 ? to - at : named
    if (bytes < 8 || at + bytes > to) throw new Error(`a box at ${at} claims ${bytes} bytes`)
    const type = head.toString('latin1', 4, 8)
    const path = `${parent}${type}`
    boxes.push({ path, bytes })
    const skipped = CONTAINERS.get(type)
    if (skipped !== undefined) {
      boxes.push(...(await walk(source, at + (isLarge ? 16 : 8) + skipped, at + bytes, `${path}/`)))
    }
    at += bytes
  }
  return boxes
}

/** What is wrong with a file that is to be handed out: personal data, or an index that comes after the media. */
export function flawOf(boxes: readonly Box[]): string | undefined {
  const personal = boxes.find(isPersonal)
  if (personal) return `it has a box ${personal.path}`
  const [index = -1, media = -1] = ['moov', 'mdat'].map((type) => boxes.findIndex(({ path }) => path === type))
  if (index < 0) return 'it has no index'
  return media >= 0 && media < index ? 'its index comes after the media' : undefined
}

/** Titles, places, makers and dates lie in `udta`, `meta` and `uuid`; ffmpeg writes the first two, with an empty list. */
function isPersonal({ path, bytes }: Box): boolean {
  if (path === 'moov/udta' || path === 'moov/udta/meta' || path === 'moov/udta/meta/hdlr') return false
  if (path === 'moov/udta/meta/ilst') return bytes > 8
  return /(^|\/)(udta|meta|uuid)(\/|$)/.test(path)
}
