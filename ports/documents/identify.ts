import type { ByteSource } from '../probe/probe.ts'
import type { FileType } from './file-type.ts'
import { OLE_MAGIC, oleType } from './ole-type.ts'
import { matches, SIGNATURES } from './signatures.ts'
import { textType } from './text-type.ts'
import { zipType } from './zip-type.ts'

const HEAD_BYTES = 4096

/** Of a first entry, of an archive of none, and of one of several volumes. */
const ZIP_MAGICS = ['PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08']

/**
 * What a file is, by its first bytes, and where those leave it open by the list of its parts.
 * @throws what `source.read` throws
 */
export async function identify(source: ByteSource): Promise<FileType> {
  const length = Math.min(HEAD_BYTES, source.size)
  const head = length === 0 ? Buffer.alloc(0) : Buffer.from(await source.read(0, length))
  const latin1 = head.toString('latin1')
  if (ZIP_MAGICS.some((magic) => latin1.startsWith(magic))) return zipType(head, source)
  if (latin1.startsWith(OLE_MAGIC)) return oleType(head, source)
  if (latin1.startsWith('ftyp', 4)) return boxType(head)
  if (latin1.startsWith('\x1A\x45\xDF\xA3')) {
    return latin1.slice(0, 64).includes('webm')
      ? { format: 'video', type: 'webm', contentType: 'video/webm' }
      : { format: 'video', type: 'matroska', contentType: 'video/x-matroska' }
  }
  if (latin1.startsWith('OggS')) {
    return latin1.includes('theora')
      ? { format: 'video', type: 'ogv', contentType: 'video/ogg' }
      : { format: 'audio', type: 'ogg', contentType: 'audio/ogg' }
  }
  const signature = SIGNATURES.find((one) => matches(latin1, one))
  if (signature) {
    const { format, type, contentType } = signature
    return { format, type, contentType }
  }
  // A movie of before there were brands.
  if (/^....(?:moov|mdat|wide)/s.test(latin1)) return { format: 'video', type: 'mov', contentType: 'video/quicktime' }
  const text = head.length > 0 ? textType(head, head.length === source.size) : undefined
  return text ?? { format: 'other', type: 'other', contentType: 'application/octet-stream' }
}

/** By major brand. https://mp4ra.org/registered-types/brands */
const BRANDS: readonly (readonly [RegExp, FileType])[] = [
  [/^avi[fs]/, { format: 'image', type: 'avif', contentType: 'image/avif' }],
  [/^(?:hei[cxms]|hev[cxms]|mif1|msf1)/, { format: 'image', type: 'heic', contentType: 'image/heic' }],
  [/^crx /, { format: 'image', type: 'cr3', contentType: 'image/x-canon-cr3' }],
  [/^qt {2}/, { format: 'video', type: 'mov', contentType: 'video/quicktime' }],
  [/^M4[AB]/, { format: 'audio', type: 'm4a', contentType: 'audio/mp4' }],
  [/^3g/, { format: 'video', type: '3gp', contentType: 'video/3gpp' }],
]

function boxType(head: Buffer): FileType {
  const major = head.toString('latin1', 8, 12)
  const known = BRANDS.find(([pattern]) => pattern.test(major))?.[1]
  return known ?? { format: 'video', type: 'mp4', contentType: 'video/mp4' }
}
