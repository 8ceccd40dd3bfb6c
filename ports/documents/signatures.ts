import type { FileType } from './file-type.ts'

/** A file whose first bytes say what it is. */
export interface Signature extends FileType {
  /** One character a byte; `?` is any. */
  readonly magic: string
  readonly offset: number
}

const at =
  (format: FileType['format']) =>
  (type: string, contentType: string, magic: string, offset = 0): Signature => ({
    format,
    type,
    contentType,
    magic,
    offset,
  })
const image = at('image')
const video = at('video')
const audio = at('audio')
const archive = at('zip')
const executable = at('executable')
const other = at('other')

/**
 * Longer and surer ones before shorter ones. Containers that hold several kinds of files (zip, OLE, `ftyp`, EBML,
 * RIFF, Ogg) are told apart elsewhere.
 */
export const SIGNATURES: readonly Signature[] = [
  at('pdf')('pdf', 'application/pdf', '%PDF-'),

  image('jpeg', 'image/jpeg', '\xFF\xD8\xFF'),
  image('png', 'image/png', '\x89PNG\r\n\x1A\n'),
  image('gif', 'image/gif', 'GIF87a'),
  image('gif', 'image/gif', 'GIF89a'),
  image('webp', 'image/webp', 'RIFF????WEBP'),
  image('tiff', 'image/tiff', 'II*\0'),
  image('tiff', 'image/tiff', 'MM\0*'),
  image('psd', 'image/vnd.adobe.photoshop', '8BPS'),
  image('jxl', 'image/jxl', '\0\0\0\x0CJXL \r\n\x87\n'),
  image('jxl', 'image/jxl', '\xFF\x0A'),
  image('jp2', 'image/jp2', '\0\0\0\x0CjP  '),
  image('ico', 'image/x-icon', '\0\0\x01\0'),
  image('bmp', 'image/bmp', 'BM????\0\0\0\0'),

  video('avi', 'video/x-msvideo', 'RIFF????AVI '),
  video('flv', 'video/x-flv', 'FLV\x01'),
  video('wmv', 'video/x-ms-asf', '\x30\x26\xB2\x75\x8E\x66\xCF\x11'),
  video('mpeg', 'video/mpeg', '\0\0\x01\xBA'),
  video('mpeg', 'video/mpeg', '\0\0\x01\xB3'),

  audio('wav', 'audio/wav', 'RIFF????WAVE'),
  audio('flac', 'audio/flac', 'fLaC'),
  audio('amr', 'audio/amr', '#!AMR'),
  audio('midi', 'audio/midi', 'MThd'),
  audio('aiff', 'audio/aiff', 'FORM????AIF'),
  audio('mp3', 'audio/mpeg', 'ID3\x02'),
  audio('mp3', 'audio/mpeg', 'ID3\x03'),
  audio('mp3', 'audio/mpeg', 'ID3\x04'),
  audio('mp3', 'audio/mpeg', '\xFF\xFB'),
  audio('mp3', 'audio/mpeg', '\xFF\xF3'),
  audio('mp3', 'audio/mpeg', '\xFF\xF2'),
  audio('aac', 'audio/aac', '\xFF\xF1'),
  audio('aac', 'audio/aac', '\xFF\xF9'),

  archive('7z', 'application/x-7z-compressed', '7z\xBC\xAF\x27\x1C'),
  archive('rar', 'application/vnd.rar', 'Rar!\x1A\x07'),
  archive('xz', 'application/x-xz', '\xFD7zXZ\0'),
  archive('gzip', 'application/gzip', '\x1F\x8B\x08'),
  archive('bzip2', 'application/x-bzip2', 'BZh?1AY&SY'),
  archive('zstd', 'application/zstd', '\x28\xB5\x2F\xFD'),
  archive('tar', 'application/x-tar', 'ustar', 257),
  archive('cab', 'application/vnd.ms-cab-compressed', 'MSCF\0\0\0\0'),

  executable('elf', 'application/x-elf', '\x7FELF'),
  // The bytes of its last page are 511 at most.
  executable('exe', 'application/vnd.microsoft.portable-executable', 'MZ?\0'),
  executable('exe', 'application/vnd.microsoft.portable-executable', 'MZ?\x01'),
  executable('mach-o', 'application/x-mach-binary', '\xFE\xED\xFA\xCE'),
  executable('mach-o', 'application/x-mach-binary', '\xFE\xED\xFA\xCF'),
  executable('mach-o', 'application/x-mach-binary', '\xCE\xFA\xED\xFE'),
  executable('mach-o', 'application/x-mach-binary', '\xCF\xFA\xED\xFE'),
  // A Mach-O for several processors, or a Java class.
  executable('mach-o', 'application/x-mach-binary', '\xCA\xFE\xBA\xBE'),
  executable('dex', 'application/x-dex', 'dex\n'),
  executable('wasm', 'application/wasm', '\0asm'),
  executable('lnk', 'application/x-ms-shortcut', 'L\0\0\0\x01\x14\x02\0'),
  executable('chm', 'application/vnd.ms-htmlhelp', 'ITSF'),
  executable('script', 'text/x-shellscript', '#!'),

  at('office')('rtf', 'application/rtf', '{\\rtf'),
  other('postscript', 'application/postscript', '%!PS'),
  other('sqlite', 'application/vnd.sqlite3', 'SQLite format 3\0'),
  other('woff', 'font/woff', 'wOFF'),
  other('woff2', 'font/woff2', 'wOF2'),
  other('otf', 'font/otf', 'OTTO\0'),
  other('ttf', 'font/ttf', '\0\x01\0\0\0'),
]

/** Whether `head`, a character a byte, has the signature. */
export function matches(head: string, { magic, offset }: Signature): boolean {
  if (head.length < offset + magic.length) return false
  for (let index = 0; index < magic.length; index++) {
    if (magic[index] !== '?' && magic[index] !== head[offset + index]) return false
  }
  return true
}
