import type { MatrixProfile } from './matrix-profile.ts'
import { srgbToLinear } from './srgb-profile.ts'

/** ISO/IEC 23091-2, 8.1: SMPTE EG 432-1, Display P3. */
const P3 = 12
/** 8.2: the curves of BT.709 and of sRGB, which cameras mean by either. */
const TRANSFERS = [1, 13]

/** As Display P3's own profile has it, adapted to D50. */
const DISPLAY_P3: MatrixProfile = {
  curves: [srgbToLinear, srgbToLinear, srgbToLinear],
  primaries: [
    [0.5151, 0.2412, -0.0011],
    [0.292, 0.6922, 0.0419],
    [0.1571, 0.0666, 0.7841],
  ],
}

/**
 * The colours that a HEIF file (HEIC, AVIF) names by number instead of by a profile, where they are Display P3; undefined
 * of anything else, and where the file can't be read. Read from the container: neither decoder tells.
 */
export function namedProfile(heif: Uint8Array): MatrixProfile | undefined {
  const named = namedColours(Buffer.from(heif.buffer, heif.byteOffset, heif.byteLength))
  return named?.primaries === P3 && TRANSFERS.includes(named.transfer) ? DISPLAY_P3 : undefined
}

/** The `colr` property of type `nclx` that belongs to the primary picture (ISO/IEC 23008-12). */
function namedColours(file: Buffer): { readonly primaries: number; readonly transfer: number } | undefined {
  // A full box: its version and flags come before what is in it.
  const meta = contentOf(file, 'meta')?.subarray(4)
  const primary = meta && contentOf(meta, 'pitm')
  const properties = meta && contentOf(meta, 'iprp')
  const owned = properties && contentOf(properties, 'ipco')
  const associations = properties && contentOf(properties, 'ipma')
  if (!primary || !owned || !associations) return undefined
  const all = [...boxesIn(owned)]
  for (const index of propertiesOf(associations, primaryOf(primary))) {
    const { name, content } = all[index - 1] ?? {}
    if (name !== 'colr' || !content || content.length < 10 || content.toString('latin1', 0, 4) !== 'nclx') continue
    return { primaries: content.readUInt16BE(4), transfer: content.readUInt16BE(6) }
  }
  return undefined
}

interface Box {
  readonly name: string
  readonly content: Buffer
}

/** ISO/IEC 14496-12, 4.2. Boxes of 64 bits hold pixels, and never what is looked for here. */
function* boxesIn(bytes: Buffer): Generator<Box> {
  let at = 0
  while (at + 8 <= bytes.length) {
    const size = bytes.readUInt32BE(at)
    const end = size === 0 ? bytes.length : at + size
    if (end < at + 8 || end > bytes.length) return
    yield { name: bytes.toString('latin1', at + 4, at + 8), content: bytes.subarray(at + 8, end) }
    at = end
  }
}

function contentOf(bytes: Buffer, name: string): Buffer | undefined {
  for (const box of boxesIn(bytes)) if (box.name === name) return box.content
  return undefined
}

function primaryOf(pitm: Buffer): number {
  const isLong = pitm.length > 0 && pitm.readUInt8(0) > 0
  if (pitm.length < (isLong ? 8 : 6)) return 0
  return isLong ? pitm.readUInt32BE(4) : pitm.readUInt16BE(4)
}

/** `ipma`: for each item its number and the numbers of its properties, counted from 1; the first bit says that it matters. */
function propertiesOf(ipma: Buffer, item: number): number[] {
  if (ipma.length < 8) return []
  const [idBytes, indexBytes] = [ipma.readUInt8(0) > 0 ? 4 : 2, ipma.readUInt8(3) & 1 ? 2 : 1]
  let at = 8
  while (at + idBytes + 1 <= ipma.length) {
    const id = ipma.readUIntBE(at, idBytes)
    const first = at + idBytes + 1
    const count = ipma.readUInt8(first - 1)
    at = first + count * indexBytes
    if (id !== item || at > ipma.length) continue
    const mask = indexBytes === 2 ? 0x7fff : 0x7f
    return Array.from({ length: count }, (_, index) => ipma.readUIntBE(first + index * indexBytes, indexBytes) & mask)
  }
  return []
}
