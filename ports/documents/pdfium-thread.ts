import { parentPort, workerData } from 'node:worker_threads'
import { PDFiumLibrary } from '@hyzyla/pdfium'

/** What the thread is started with. */
export interface ToDraw {
  readonly pdf: Uint8Array
  /** Pixels. */
  readonly maxSide: number
  readonly maxMemoryBytes: number
}

/** What it tells on its way. */
export type FromThread =
  | { readonly type: 'pages'; readonly pages: number }
  | {
      readonly type: 'drawn'
      readonly width: number
      readonly height: number
      /** Row by row, with an alpha that is always full. */
      readonly rgba: Uint8Array
    }
  /** In pdfium's words. */
  | { readonly type: 'failed'; readonly message: string; readonly outOfMemory: boolean }

const WASM_PAGE_BYTES = 65_536

/** As far as it is touched here; TypeScript knows it of browsers alone. */
interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}
const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: { prototype: WasmMemory } } }).WebAssembly

let refusedMemory = false

if (parentPort) {
  const port = parentPort
  const task = workerData as ToDraw
  limitMemory(task.maxMemoryBytes)
  // Where the module can't be loaded, no document is at fault: that ends the thread, with its error.
  PDFiumLibrary.init().then((library) =>
    draw(library, task, (message, transfer) => port.postMessage(message, transfer)).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      port.postMessage({ type: 'failed', message, outOfMemory: refusedMemory } satisfies FromThread)
    }),
  )
}

/** The module brings its memory with it, and would let it grow to 2 GB: nothing but this can hold it back. */
function limitMemory(maxBytes: number): void {
  const { grow } = Memory.prototype
  Memory.prototype.grow = function (this: WasmMemory, pages: number) {
    if (this.buffer.byteLength + pages * WASM_PAGE_BYTES > maxBytes) {
      refusedMemory = true
      throw new RangeError(`more than ${maxBytes} bytes of memory`)
    }
    return grow.call(this, pages)
  }
}

async function draw(
  library: PDFiumLibrary,
  { pdf, maxSide }: ToDraw,
  tell: (message: FromThread, transfer: ArrayBuffer[]) => void,
): Promise<void> {
  const document = await library.loadDocument(pdf)
  const pages = document.getPageCount()
  tell({ type: 'pages', pages }, [])
  if (pages < 1) return
  const page = document.getPage(0)
  const { originalWidth, originalHeight } = page.getOriginalSize()
  if (!(originalWidth > 0 && originalHeight > 0)) throw new Error('the first page has no size')
  const scale = maxSide / Math.max(originalWidth, originalHeight)
  const side = (points: number) => Math.min(maxSide, Math.max(1, Math.round(points * scale)))
  const [width, height] = [side(originalWidth), side(originalHeight)]
  // No script of the document runs: this pdfium is built without JavaScript.
  const { data } = await page.render({ width, height, scale: 1, render: 'bitmap' })
  // pdfium leaves out what it has no memory for, and says nothing.
  if (refusedMemory) throw new Error('the page was drawn in part')
  const rgba = Uint8Array.from(data)
  tell({ type: 'drawn', width, height, rgba }, [rgba.buffer])
}
