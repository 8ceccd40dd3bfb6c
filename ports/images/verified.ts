import sharp from 'sharp'
import { ENCODERS } from './encode.ts'
import type { Form, RenderedForm } from './images.ts'
import type { Size } from './size.ts'
import { CONTENT_TYPES, sniff } from './sniff.ts'

/**
 * The finished form, once its bytes were read back and are what they should be. Throws otherwise: an encoder that
 * writes something else is our fault, and nothing may speak of such a file.
 */
export async function verified(form: Form, expected: Size, bytes: Uint8Array): Promise<RenderedForm> {
  const { contentType, extension } = ENCODERS[form.encoding]
  const sniffed = sniff(bytes)
  if (sniffed.kind !== 'accepted' || CONTENT_TYPES[sniffed.format] !== contentType) {
    throw new Error(`encoding '${form.name}' gave ${bytes.length} bytes that are not ${contentType}`)
  }
  const { width, height } = await sharp(bytes).metadata()
  if (width !== expected.width || height !== expected.height) {
    throw new Error(
      `encoding '${form.name}' gave ${width} × ${height} pixels instead of ${expected.width} × ${expected.height}`,
    )
  }
  return { name: form.name, contentType, extension, width, height, bytes }
}
