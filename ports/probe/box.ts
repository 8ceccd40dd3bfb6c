import type { ByteSource } from './probe.ts'

/** One box of an ISO base media file (ISO/IEC 14496-12), by where it lies. */
export interface Box extends Range {
  readonly name: string
}

/** Where the content of a box, or of a whole file, begins and ends. */
export interface Range {
  readonly content: number
  readonly end: number
}

/** Of the boxes that lie beside each other, so many at most are looked at. */
const MAX_BOXES = 128

/** ISO/IEC 14496-12, 4.2: a size of 1 stands for one of 64 bits after the name, 0 for all that is left. */
export function boxAt(bytes: Buffer, at: number): Box | undefined {
  if (at + 8 > bytes.length) return undefined
  const name = bytes.toString('latin1', at + 4, at + 8)
  const size = bytes.readUInt32BE(at)
  if (size === 0) return { name, content: at + 8, end: Number.POSITIVE_INFINITY }
  if (size !== 1) return size < 8 ? undefined : { name, content: at + 8, end: at + size }
  if (at + 16 > bytes.length) return undefined
  const long = Number(bytes.readBigUInt64BE(at + 8))
  return long < 16 ? undefined : { name, content: at + 16, end: at + long }
}

/** Those that lie in `range` one after the other, until one of them is none; none ends after it. */
export async function* boxesIn(source: ByteSource, range: Range): AsyncGenerator<Box> {
  let at = range.content
  for (let count = 0; count < MAX_BOXES && at + 8 <= Math.min(range.end, source.size); count += 1) {
    const box = boxAt(Buffer.from(await source.read(at, 16)), 0)
    if (box === undefined) return
    const end = Math.min(at + box.end, range.end)
    yield { name: box.name, content: at + box.content, end }
    at = end
  }
}

/** The first box of a name that lies in `range` itself. */
export async function findBox(source: ByteSource, name: string, range: Range): Promise<Box | undefined> {
  for await (const box of boxesIn(source, range)) if (box.name === name) return box
  return undefined
}
