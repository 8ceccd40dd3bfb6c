import { parentPort, workerData } from 'node:worker_threads'
import { PDFiumLibrary } from '@hyzyla/pdfium'
import { limitWasmMemory } from '../thread/wasm-memory.ts'

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

if (parentPort) {
  const port = parentPort
  const task = workerData as ToDraw
  const ranOut = limitWasmMemory(task.maxMemoryBytes)
  const tell = (message: FromThread, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)
  // Where the module can't be loaded, no document is at fault: that ends the thread, with its error.
  PDFiumLibrary.init().then((library) =>
    draw(library, task, ranOut, tell).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      tell({ type: 'failed', message, outOfMemory: ranOut() })
    }),
  )
}

async function draw(
  library: PDFiumLibrary,
  { pdf, maxSide }: ToDraw,
  ranOut: () => boolean,
  tell: (message: FromThread, transfer?: ArrayBuffer[]) => void,
): Promise<void> {
  const document = await library.loadDocument(pdf)
  const pages = document.getPageCount()
  tell({ type: 'pages', pages })
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
  if (ranOut()) throw new Error('the page was drawn in part')
  const rgba = Uint8Array.from(data)
  tell({ type: 'drawn', width, height, rgba }, [rgba.buffer])
}
