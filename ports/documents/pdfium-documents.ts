import { dirname, join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { plainPng } from '../images/profiled-png.ts'
import { confinedThread } from '../thread/confined.ts'
import { type Documents, DRAWING, type Drawn, type NotDrawn } from './documents.ts'
import { identify } from './identify.ts'
import type { FromThread, ToDraw } from './pdfium-thread.ts'

/** Raise it with every change here that changes the pixels that come out; the version is pdfium's. */
const RECIPE = 'pdfium-2.1.13/1'

type Drawing = Extract<FromThread, { readonly type: 'drawn' }>

/** Beside this file, or beside the bundle that holds it. */
const THREAD_FILE = join(
  dirname(import.meta.filename),
  import.meta.filename.endsWith('.ts') ? 'pdfium-thread.ts' : 'pdfium-thread.cjs',
)

/**
 * Files by their bytes, PDFs by pdfium as WebAssembly. Each PDF gets a thread of its own, 0.2 seconds to start: pdfium can't be
 * interrupted, but the thread can be ended, and what a hostile file did to its memory ends with it.
 */
export function pdfiumDocuments(
  limits: Readonly<Record<keyof typeof DRAWING, number>> = DRAWING,
  threadFile = THREAD_FILE,
): Documents {
  return {
    inspect: identify,
    async draw(pdf) {
      if (pdf.byteLength > limits.maxBytes) return { ok: false, reason: 'too-large' }
      const { maxSide, maxMemoryBytes } = limits
      try {
        const thread = startThread(threadFile, { pdf, maxSide, maxMemoryBytes })
        try {
          return await listen(thread, limits)
        } finally {
          await thread.terminate()
        }
      } catch (error) {
        return { ok: false, reason: 'broken', detail: String(error) }
      }
    },
    recipe: () => `${RECIPE}/${limits.maxSide}`,
  }
}

function startThread(file: string, workerData: ToDraw): Worker {
  const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 }
  return confinedThread(file, { workerData, resourceLimits })
}

function listen(
  thread: Worker,
  { seconds, maxPages }: { readonly seconds: number; readonly maxPages: number },
): Promise<Drawn> {
  return new Promise((resolve) => {
    let pages: number | undefined
    // The first answer counts; what comes after it changes nothing.
    const fail = (reason: NotDrawn, detail?: string) =>
      resolve({ ok: false, reason, ...(pages !== undefined && { pages }), ...(detail !== undefined && { detail }) })
    AbortSignal.timeout(seconds * 1000).addEventListener('abort', () => fail('exhausting'))
    thread.on('message', (message: FromThread) => {
      if (message.type === 'pages') {
        if (message.pages >= 0 && message.pages <= maxPages) pages = message.pages
        if (message.pages < 1) fail('empty')
        return
      }
      if (message.type === 'failed') return fail(message.outOfMemory ? 'exhausting' : reasonOf(message.message))
      if (pages === undefined) return fail('damaged')
      resolve(pictured(pages, message))
    })
    // An error here is one of the thread's own heap or of its code, not of the file's.
    thread.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') fail('exhausting')
      else fail('broken', String(error))
    })
    thread.on('exit', () => fail('damaged'))
  })
}

/** A promise, so that what it throws ends the drawing, and not the process that listens. */
async function pictured(pages: number, { width, height, rgba }: Drawing): Promise<Drawn> {
  return { ok: true, pages, firstPage: { width, height, png: plainPng({ width, height, channels: 4, data: rgba }) } }
}

/** pdfium has its errors by number, and its wrapper makes sentences of them. */
function reasonOf(message: string): NotDrawn {
  return /password|security scheme/i.test(message) ? 'encrypted' : 'damaged'
}
