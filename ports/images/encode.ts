import type { Sharp } from 'sharp'
import type { Form } from './images.ts'
import { fromPixels, openAnimation, type Pixels } from './pixels.ts'
import type { Size } from './size.ts'

interface Encoder {
  readonly contentType: string
  readonly extension: string
  encode(image: Sharp, quality: number, background: string): Sharp
}

/** sharp writes no metadata and no profile unless told to; nothing here tells it. */
export const ENCODERS: Readonly<Record<Form['encoding'], Encoder>> = {
  webp: {
    contentType: 'image/webp',
    extension: 'webp',
    // Effort 4, the default, costs 2.7 times as much for 2 to 3 per cent fewer bytes.
    encode: (image, quality) => image.webp({ quality, effort: 2 }),
  },
  jpeg: {
    contentType: 'image/jpeg',
    extension: 'jpg',
    // mozjpeg would cost 8 to 10 times as much, and Huffman tables made to measure, the default, twice as much for 1 to
    // 2 per cent fewer bytes of a photo.
    encode: (image, quality, background) => image.flatten({ background }).jpeg({ quality, optimizeCoding: false }),
  },
}

/** What others see where a picture is see-through, and its form isn't. */
export const WHITE = '#ffffff'

/** A still picture. Its pixels were made here, so a failure is never the file's fault. */
export async function encode(
  pixels: Pixels,
  { encoding, quality }: Form,
  background: string = WHITE,
): Promise<Uint8Array> {
  return ENCODERS[encoding].encode(fromPixels(pixels), quality, background).toBuffer()
}

/** All frames, with their delays and loop count. Rejects with the decoder's error where a later frame is damaged. */
export async function encodeMoving(bytes: Uint8Array, form: Form, { width, height }: Size): Promise<Uint8Array> {
  const frames = openAnimation(bytes).resize(width, height, { fit: 'fill' })
  return ENCODERS[form.encoding].encode(frames, form.quality, WHITE).toBuffer()
}
