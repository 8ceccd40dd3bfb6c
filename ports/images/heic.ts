import type { HeifError, HeifHandle, HeifImage } from 'libheif-js/libheif-wasm/libheif-bundle.js'
import type { Pixels } from './pixels.ts'
import type { Size } from './size.ts'

/**
 * The primary picture of a HEIC file in full size, upright already: libheif turns by the container's own properties,
 * which HEIC has in place of EXIF's orientation. Colours are as stored. Rejects with libheif's message.
 *
 * Each picture gets a WebAssembly instance of its own (14 ms): its memory never shrinks, and what a hostile file does
 * to it ends with it. Decoding blocks the thread, one second for 12 megapixels; the function's timeout is its limit.
 */
export async function decodeHeic(bytes: Uint8Array, expected: Size): Promise<Pixels> {
  // Loaded at need: it is 2 MB, and most pictures are not HEIC.
  const { default: instantiate } = await import('libheif-js/libheif-wasm/libheif-bundle.js')
  const libheif = instantiate()
  await libheif.ready

  const context = libheif.heif_context_alloc()
  const read = libheif.heif_context_read_from_memory(context, bytes)
  if (read.code !== libheif.heif_error_code.heif_error_Ok) throw heifError(read)
  const handle = libheif.heif_js_context_get_primary_image_handle(context)
  if (failed(handle)) throw heifError(handle)
  // The limits were checked on what another reader of the header saw.
  const width = libheif.heif_image_handle_get_width(handle)
  const height = libheif.heif_image_handle_get_height(handle)
  if (width !== expected.width || height !== expected.height) throw new Error('heif: the header contradicts itself')

  const hasAlpha = Boolean(libheif.heif_image_handle_has_alpha_channel(handle))
  const { heif_chroma_interleaved_RGBA, heif_chroma_interleaved_RGB } = libheif.heif_chroma
  const image = libheif.heif_js_decode_image2(
    handle,
    libheif.heif_colorspace.heif_colorspace_RGB,
    hasAlpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB,
  )
  if (failed(image)) throw heifError(image)
  const plane = image.channels.find(({ id }) => id === libheif.heif_channel.heif_channel_interleaved)
  if (!plane) throw new Error('heif: no interleaved pixels')
  const channels = hasAlpha ? 4 : 3
  return { width, height, channels, data: withoutPadding(plane.data, plane.stride, width * channels, height) }
}

function failed(result: HeifError | HeifHandle | HeifImage): result is HeifError {
  return 'code' in result
}

function heifError({ message }: HeifError): Error {
  return new Error(`heif: ${message}`)
}

function withoutPadding(data: Uint8Array, stride: number, rowBytes: number, rows: number): Uint8Array {
  if (stride === rowBytes) return data.subarray(0, rowBytes * rows)
  const packed = new Uint8Array(rowBytes * rows)
  for (let row = 0; row < rows; row++) {
    packed.set(data.subarray(row * stride, row * stride + rowBytes), row * rowBytes)
  }
  return packed
}
