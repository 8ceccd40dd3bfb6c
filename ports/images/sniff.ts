import type { ImageFacts } from './images.ts'

export type AcceptedFormat = ImageFacts['format']

/** What the first bytes say a file is. Names and declared types are never asked. */
export type Sniffed =
  | { readonly kind: 'empty' }
  | { readonly kind: 'accepted'; readonly format: AcceptedFormat }
  | { readonly kind: 'refused'; readonly name: string }
  | { readonly kind: 'unknown' }

/** Content types of what is taken, by format. */
export const CONTENT_TYPES: Readonly<Record<AcceptedFormat, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  avif: 'image/avif',
  heic: 'image/heic',
}

/** Enough for every magic number below, and for markup that hides behind white space and comments. */
const HEAD_BYTES = 1024

/** Reads the magic number of `bytes`; at most the first kilobyte is looked at. */
export function sniff(bytes: Uint8Array): Sniffed {
  if (bytes.length === 0) return { kind: 'empty' }
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES)).toString('latin1')
  if (head.startsWith('\xFF\xD8\xFF')) return accepted('jpeg')
  if (head.startsWith('\x89PNG\r\n\x1A\n')) return accepted('png')
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return accepted('gif')
  if (head.startsWith('RIFF') && head.startsWith('WEBP', 8)) return accepted('webp')
  if (head.startsWith('ftyp', 4)) return sniffBrands(head)
  return sniffRefused(head)
}

const accepted = (format: AcceptedFormat): Sniffed => ({ kind: 'accepted', format })
const refused = (name: string): Sniffed => ({ kind: 'refused', name })

const HEVC_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']

/** ISO/IEC 14496-12: the `ftyp` box holds a major brand, a minor version and the compatible brands, 4 bytes each. */
function sniffBrands(head: string): Sniffed {
  const size = Math.min(boxSize(head), head.length)
  const brands: string[] = [head.slice(8, 12)]
  for (let at = 16; at + 4 <= size; at += 4) brands.push(head.slice(at, at + 4))

  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return accepted('avif')
  if (brands.some((brand) => HEVC_BRANDS.includes(brand))) return accepted('heic')
  const major = brands[0] ?? ''
  // `mif1` alone names the container and no codec: the decoder finds out which one it is.
  if (major === 'mif1' || major === 'msf1') return accepted('heic')
  if (major === 'crx ') return refused('a Canon raw photo')
  if (major === 'qt  ') return refused('a QuickTime video')
  if (major.startsWith('M4A')) return refused('a sound recording')
  return refused('a video')
}

function boxSize(head: string): number {
  return Buffer.from(head.slice(0, 4), 'latin1').readUInt32BE(0)
}

const MAGIC: readonly (readonly [magic: string, offset: number, name: string])[] = [
  ['%PDF-', 0, 'a PDF document'],
  ['8BPS', 0, 'a Photoshop file'],
  ['II*\0', 0, 'a TIFF or raw camera file'],
  ['MM\0*', 0, 'a TIFF or raw camera file'],
  ['II+\0', 0, 'a TIFF file'],
  ['MM\0+', 0, 'a TIFF file'],
  ['BM', 0, 'a BMP bitmap'],
  ['\0\0\x01\0', 0, 'an icon file'],
  ['\xFF\x0A', 0, 'a JPEG XL picture'],
  ['\0\0\0\x0CJXL ', 0, 'a JPEG XL picture'],
  ['\0\0\0\x0CjP  ', 0, 'a JPEG 2000 picture'],
  ['\xFF\x4F\xFF\x51', 0, 'a JPEG 2000 picture'],
  ['\x1A\x45\xDF\xA3', 0, 'a video'],
  ['RIFF', 0, 'a video or sound file'],
  ['OggS', 0, 'a sound recording'],
  ['ID3', 0, 'a sound recording'],
  ['fLaC', 0, 'a sound recording'],
  ['%!PS', 0, 'a PostScript file'],
  ['PK\x03\x04', 0, 'a zip archive or office document'],
  ['\x1F\x8B', 0, 'a compressed archive'],
  ['id=ImageMagick', 0, 'an ImageMagick script'],
  ['push graphic-context', 0, 'an ImageMagick script'],
]

function sniffRefused(head: string): Sniffed {
  for (const [magic, offset, name] of MAGIC) if (head.startsWith(magic, offset)) return refused(name)
  // UTF-16 markup would hide behind its NULs.
  const text = head
    .replaceAll('\0', '')
    .replace(/^(?:\xEF\xBB\xBF|\xFF\xFE|\xFE\xFF)/, '')
    .trimStart()
  if (/^<(?:\?xml|!--|!doctype svg|svg)/i.test(text) && /<svg[\s>:]|<!doctype svg/i.test(text)) {
    return refused('an SVG drawing')
  }
  if (/^push\s+graphic-context/i.test(text)) return refused('an ImageMagick script')
  if (/^<(?:!doctype\s+html|html|head|body|script)/i.test(text)) return refused('a web page')
  if (/^<\?xml/i.test(text)) return refused('an XML document')
  return isText(text) ? refused('a text file') : { kind: 'unknown' }
}

function isText(head: string): boolean {
  return /^[\t\n\r\x20-\x7E]+$/.test(head)
}
