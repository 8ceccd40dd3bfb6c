import { parentPort, workerData } from 'node:worker_threads'
import instantiate, { type HeifError, type HeifHandle, type HeifImage } from 'libheif-js/libheif-wasm/libheif-bundle.js'
import { limitWasmMemory } from '../thread/wasm-memory.ts'
import type { Pixels } from './pixels.ts'
import type { Size } from './size.ts'

/** What the thread is started with. */
export interface ToDecode {
  readonly heic: Uint8Array
  /** As another reader of the header saw it, by which the limits were checked. */
  readonly expected: Size
  readonly maxMemoryBytes: number
}

/** Its answer. */
export type FromThread =
  | { readonly type: 'decoded'; readonly pixels: Pixels }
  /** In libheif's words; `ours` where they are of our code or machine, and not of the file. */
  | { readonly type: 'failed'; readonly message: string; readonly ours: boolean }
  | { readonly type: 'exhausted' }

if (parentPort) {
  const port = parentPort
  const task = workerData as ToDecode
  const ranOut = limitWasmMemory(task.maxMemoryBytes)
  const tell = (message: FromThread, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)
  decode(task).then(
    // What it had no memory for may be missing from the picture.
    (pixels) => (ranOut() ? tell({ type: 'exhausted' }) : tell({ type: 'decoded', pixels }, [pixels.data.buffer])),
    (error: unknown) => {
      if (ranOut()) return tell({ type: 'exhausted' })
      const message = error instanceof Error ? error.message : String(error)
      tell({ type: 'failed', message, ours: error instanceof TypeError || error instanceof RangeError })
    },
  )
}

async function decode({ heic, expected }: ToDecode): Promise<Pixels & { readonly data: Uint8Array<ArrayBuffer> }> {
  const libheif = instantiate()
  await libheif.ready

  const context = libheif.heif_context_alloc()
  const read = libheif.heif_context_read_from_memory(context, heic)
  if (read.code !== libheif.heif_error_code.heif_error_Ok) throw heifError(read)
  const handle = libheif.heif_js_context_get_primary_image_handle(context)
  if (failed(handle)) throw heifError(handle)
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

/** A copy: the decoder's own memory can't leave the thread. */
function withoutPadding(data: Uint8Array, stride: number, rowBytes: number, rows: number): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(rowBytes * rows)
  for (let row = 0; row < rows; row++) {
    packed.set(data.subarray(row * stride, row * stride + rowBytes), row * rowBytes)
  }
  return packed
}
