import sharp, { type Sharp, type SharpOptions } from 'sharp'
import { LIMITS } from '../../contracts/limits.ts'
import { colourTreatment } from './colour.ts'
import type { Header } from './header.ts'
import { decodeHeic } from './heic.ts'
import { convertIntoSrgb } from './into-srgb.ts'
import { readMatrixProfile } from './matrix-profile.ts'
import { namedProfile } from './named-colours.ts'
import { sizeBefore, type Turn, turnOf } from './orientation.ts'
import { profiledPng } from './profiled-png.ts'
import { fitWithin, type Region, type Size } from './size.ts'

/** Decoded, upright, 8-bit sRGB, row by row, alpha last and not premultiplied. */
export interface Pixels extends Size {
  readonly data: Uint8Array
  readonly channels: 3 | 4
}

/**
 * Decodes the picture once, no larger than `maxSide`; JPEG and WebP can decode at a fraction of their size. A region is
 * cut out of the upright picture first. Rejects with the decoder's error.
 */
export async function decode(bytes: Uint8Array, header: Header, maxSide: number, region?: Region): Promise<Pixels> {
  const size = fitWithin(region ?? header, maxSide)
  const turn = region || header.format === 'heic' ? undefined : turnOf(header.metadata.orientation)
  if (!turn) return decodeAs(bytes, header, { size, ...(region && { region }), autoOrient: true })
  // sharp's own turn, on the way out of a decode, costs twice as much as one of pixels that lie there already.
  return turned(await decodeAs(bytes, header, { size: sizeBefore(turn, size), autoOrient: false }), turn)
}

interface Wanted {
  readonly size: Size
  readonly region?: Region
  readonly autoOrient: boolean
}

async function decodeAs(bytes: Uint8Array, header: Header, { size, region, autoOrient }: Wanted): Promise<Pixels> {
  const { icc } = header.metadata
  const colour = colourTreatment(header.metadata)
  const source = await openStill(bytes, header, { ignoreIcc: colour !== 'convert-full', autoOrient })
  const cut = region ? source.extract(region) : source
  const resized = cut.resize(size.width, size.height, { fit: 'fill', kernel: KERNEL })
  // sharp takes 16-bit pictures to Display P3 first: the profile named here is where they end.
  if (colour === 'convert-full') return toPixels(resized.withIccProfile('srgb'))
  const pixels = await toPixels(resized)
  if (colour === 'convert-small' && icc) return intoSrgb(pixels, icc)
  const named = header.metadata.format === 'heif' && !icc ? namedProfile(bytes) : undefined
  if (named) convertIntoSrgb(pixels, named)
  return pixels
}

function turned(pixels: Pixels, { mirrored, degrees }: Turn): Promise<Pixels> {
  return inPlaceOf(pixels, fromPixels(pixels).flop(mirrored).rotate(degrees))
}

/** By the profile's own curves and primaries, where it has no more than that; else by the colour engine. */
async function intoSrgb(pixels: Pixels, icc: Uint8Array): Promise<Pixels> {
  const profile = readMatrixProfile(icc)
  if (!profile) return toPixels(sharp(profiledPng(pixels, icc)))
  convertIntoSrgb(pixels, profile)
  return pixels
}

async function openStill(
  bytes: Uint8Array,
  header: Header,
  options: Pick<SharpOptions, 'ignoreIcc' | 'autoOrient'>,
): Promise<Sharp> {
  if (header.format === 'heic') return fromPixels(await decodeHeic(bytes, header))
  return openGuarded(bytes, { ...options, page: header.page, limitInputPixels: LIMITS.image.maxPixels })
}

/** Every frame of an animation, each above the next, as sharp holds them. */
export function openAnimation(bytes: Uint8Array): Sharp {
  return openGuarded(bytes, { pages: -1, autoOrient: true, limitInputPixels: LIMITS.image.maxTotalPixels })
}

/** Catmull-Rom. sharp's own choice, Lanczos, makes a decode a tenth dearer; on photos the two differ by 44 to 49 dB. */
const KERNEL = 'cubic'

/** Smaller pixels in place of larger ones, which are gone then; the same ones where they fit already. */
export async function scale(pixels: Pixels, size: Size): Promise<Pixels> {
  if (size.width === pixels.width && size.height === pixels.height) return pixels
  return inPlaceOf(pixels, scaled(pixels, size))
}

/** Smaller pixels, still to be made. */
export function scaled(pixels: Pixels, { width, height }: Size): Sharp {
  return fromPixels(pixels).resize(width, height, { fit: 'fill', kernel: KERNEL })
}

async function inPlaceOf(pixels: Pixels, image: Sharp): Promise<Pixels> {
  const made = await toPixels(image)
  release(pixels)
  return made
}

/**
 * Gives the memory of pixels back at once; they can't be used any more. Left to the garbage collector, those of every
 * size lie there together for a while, and have it look through the heap in vain.
 */
export function release({ data }: Pixels): void {
  if (data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength) data.buffer.transfer(0)
}

export function fromPixels({ data, width, height, channels }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels } })
}

function openGuarded(bytes: Uint8Array, options: SharpOptions): Sharp {
  return sharp(bytes, {
    ...options,
    // Refuses cut-off files too. 'warning' would also refuse photos that every viewer shows, for a stray byte.
    failOn: 'error',
    sequentialRead: true,
  }).timeout({ seconds: LIMITS.image.decodeSeconds })
}

async function toPixels(image: Sharp): Promise<Pixels> {
  const { data, info } = await image.toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  if (channels !== 3 && channels !== 4) throw new TypeError(`decoded to ${channels} channels: neither RGB nor RGBA`)
  return { data, width, height, channels }
}
