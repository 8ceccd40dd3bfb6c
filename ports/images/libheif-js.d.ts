/** What `heic.ts` uses of libheif-js's Emscripten bindings; the package types the others only. */
declare module 'libheif-js/libheif-wasm/libheif-bundle.js' {
  /** Makes a WebAssembly instance of its own: memory and all. */
  export default function libheif(): Libheif

  export interface Libheif {
    readonly ready: Promise<unknown>
    readonly heif_error_code: { readonly heif_error_Ok: unknown }
    readonly heif_colorspace: { readonly heif_colorspace_RGB: unknown }
    readonly heif_chroma: {
      readonly heif_chroma_interleaved_RGB: unknown
      readonly heif_chroma_interleaved_RGBA: unknown
    }
    readonly heif_channel: { readonly heif_channel_interleaved: unknown }
    heif_context_alloc(): unknown
    heif_context_read_from_memory(context: unknown, bytes: Uint8Array): HeifError
    heif_js_context_get_primary_image_handle(context: unknown): HeifError | HeifHandle
    heif_image_handle_get_width(handle: HeifHandle): number
    heif_image_handle_get_height(handle: HeifHandle): number
    heif_image_handle_has_alpha_channel(handle: HeifHandle): unknown
    heif_js_decode_image2(handle: HeifHandle, colorspace: unknown, chroma: unknown): HeifError | HeifImage
  }

  export interface HeifHandle {
    delete(): void
  }

  export interface HeifError {
    readonly code: unknown
    readonly message: string
  }

  export interface HeifImage {
    readonly channels: readonly {
      readonly id: unknown
      readonly width: number
      readonly height: number
      /** Bytes a row; views WebAssembly memory. */
      readonly stride: number
      readonly data: Uint8Array
    }[]
  }
}
