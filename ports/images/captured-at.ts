/**
 * When the camera took the picture, from an EXIF block (with or without its `Exif\0\0` prefix), as `2026-02-28T16:20:11`.
 * Reads the one tag DateTimeOriginal and nothing else: the GPS directory is never followed. Anything malformed, out of
 * bounds or not a date that exists gives undefined.
 */
export function capturedAt(exif: Uint8Array): string | undefined {
  const tiff = tiffOf(exif)
  const directory = tiff && firstDirectory(tiff)
  if (!tiff || directory === undefined) return undefined
  const exifDirectory = entry(tiff, directory, EXIF_DIRECTORY)
  if (!exifDirectory || exifDirectory.type !== LONG) return undefined
  const date = entry(tiff, exifDirectory.value, DATE_TIME_ORIGINAL)
  if (!date || date.type !== ASCII || date.count < DATE_LENGTH) return undefined
  return wallTime(tiff.latin1(date.value, DATE_LENGTH))
}

/** TIFF 6.0, section 2: a directory is a count of entries and 12 bytes an entry: tag, type, count, value or offset. */
const EXIF_DIRECTORY = 0x8769
const DATE_TIME_ORIGINAL = 0x9003
const ASCII = 2
const LONG = 4
const DATE_LENGTH = 19

interface Tiff {
  u16(at: number): number | undefined
  u32(at: number): number | undefined
  latin1(at: number, length: number): string
}

function tiffOf(exif: Uint8Array): Tiff | undefined {
  const all = Buffer.from(exif.buffer, exif.byteOffset, exif.byteLength)
  const bytes = all.toString('latin1', 0, 6) === 'Exif\0\0' ? all.subarray(6) : all
  const order = bytes.toString('latin1', 0, 4)
  if (order !== 'II*\0' && order !== 'MM\0*') return undefined
  const little = order === 'II*\0'
  return {
    u16: (at) => (at + 2 > bytes.length ? undefined : little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at)),
    u32: (at) => (at + 4 > bytes.length ? undefined : little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)),
    latin1: (at, length) => bytes.toString('latin1', at, at + length),
  }
}

function firstDirectory(tiff: Tiff): number | undefined {
  return tiff.u32(4)
}

/** The entry with `tag` of the directory at `at`. Directories are not chained, so a hostile file cannot make a loop. */
function entry(tiff: Tiff, at: number, tag: number): { type: number; count: number; value: number } | undefined {
  const entries = tiff.u16(at) ?? 0
  for (let index = 0; index < entries; index++) {
    const start = at + 2 + index * 12
    const found = tiff.u16(start)
    if (found === undefined) return undefined
    if (found !== tag) continue
    const type = tiff.u16(start + 2)
    const count = tiff.u32(start + 4)
    const value = tiff.u32(start + 8)
    return type === undefined || count === undefined || value === undefined ? undefined : { type, count, value }
  }
  return undefined
}

function wallTime(text: string): string | undefined {
  const match = /^(\d{4}):(\d{2}):(\d{2}) (\d{2}):(\d{2}):(\d{2})$/.exec(text)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  // Cameras without a set clock write zeros.
  if (year < 1826 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const [, y, mo, d, h, mi, s] = match
  return `${y}-${mo}-${d}T${h}:${mi}:${s}`
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}
