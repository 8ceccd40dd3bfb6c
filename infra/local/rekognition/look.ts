import { imageTooLarge, invalidImageFormat, invalidParameter } from './errors.ts'
import { type Fixture, seenBy } from './fixtures.ts'
import { codeOf, MARKER_SQUARES, type Rgb } from './marker.ts'

/** A picture, and what is seen in it. */
export interface Seen extends Omit<Fixture, 'code'> {
  readonly width: number
  readonly height: number
}

const MIN_SIDE = 80
const MAX_SIDE = 10_000
/** The picture is looked at this many pixels a square. */
const PIXELS_A_SQUARE = 8

/**
 * Decodes the picture, and reads the marker off its pixels.
 * @throws AwsError where it is no JPEG or PNG, is damaged, too large or too small.
 */
export async function look(bytes: Buffer): Promise<Seen> {
  if (!isJpeg(bytes) && !isPng(bytes)) throw invalidImageFormat()
  // Loaded by the first picture: most runs of a local cloud never see one.
  const { default: sharp } = await import('sharp')
  const open = () => sharp(bytes, { autoOrient: true, failOn: 'error', limitInputPixels: MAX_SIDE * MAX_SIDE })
  const { autoOrient } = await sharp(bytes)
    .metadata()
    .catch(() => {
      throw invalidImageFormat()
    })
  const { width, height } = autoOrient
  if (width > MAX_SIDE || height > MAX_SIDE) throw imageTooLarge(`${width} × ${height} pixels; at most ${MAX_SIDE}`)
  if (width < MIN_SIDE || height < MIN_SIDE) {
    throw invalidParameter(`the image has ${width} × ${height} pixels; at least ${MIN_SIDE} are needed`)
  }

  const columns = MARKER_SQUARES * PIXELS_A_SQUARE
  const rows = Math.max(1, Math.round((columns * height) / width))
  const pixels = await open()
    .resize(columns, rows, { fit: 'fill' })
    .flatten({ background: '#808080' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch(() => {
      throw invalidImageFormat()
    })
  const middle = Math.min(rows - 1, PIXELS_A_SQUARE / 2)
  const colours = Array.from({ length: MARKER_SQUARES }, (_, square): Rgb => {
    const at = 3 * (middle * columns + square * PIXELS_A_SQUARE + PIXELS_A_SQUARE / 2)
    return [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0]
  })
  return { width, height, ...seenBy(codeOf(colours)) }
}

function isJpeg(bytes: Buffer): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff
}

function isPng(bytes: Buffer): boolean {
  return bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
}
