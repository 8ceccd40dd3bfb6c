import { plainPng } from '../images/profiled-png.ts'
import { fileBeside } from '../thread/confined.ts'
import { inThread, SilentThread } from '../thread/in-thread.ts'
import { TooCostly } from '../thread/too-costly.ts'
import { type Documents, DRAWING, type Drawn, type NotDrawn } from './documents.ts'
import { identify } from './identify.ts'
import type { FromThread, ToDraw } from './pdfium-thread.ts'

/** Raise it with every change here that changes the pixels that come out; the version is pdfium's. */
const RECIPE = 'pdfium-2.1.13/1'

type Drawing = Extract<FromThread, { readonly type: 'drawn' }>

const THREAD_FILE = fileBeside(import.meta.filename, 'pdfium-thread')

/** Files by their bytes, PDFs by pdfium as WebAssembly: each in a thread of its own, 0.2 seconds to start. */
export function pdfiumDocuments(
  limits: Readonly<Record<keyof typeof DRAWING, number>> = DRAWING,
  threadFile = THREAD_FILE,
): Documents {
  return {
    inspect: identify,
    draw: async (pdf) => (pdf.byteLength > limits.maxBytes ? { ok: false, reason: 'too-large' } : draw(pdf)),
    recipe: () => `${RECIPE}/${limits.maxSide}`,
  }

  async function draw(pdf: Uint8Array): Promise<Drawn> {
    const { maxSide, maxMemoryBytes, maxPages, seconds } = limits
    let pages: number | undefined
    const notDrawn = (reason: NotDrawn, detail?: string): Drawn => ({
      ok: false,
      reason,
      ...(pages !== undefined && { pages }),
      ...(detail !== undefined && { detail }),
    })
    const hear = (message: FromThread): Drawn | undefined => {
      if (message.type === 'failed') return notDrawn(message.outOfMemory ? 'exhausting' : reasonOf(message.message))
      if (message.type === 'drawn') return pages === undefined ? notDrawn('damaged') : pictured(pages, message)
      if (message.pages >= 0 && message.pages <= maxPages) pages = message.pages
      return message.pages < 1 ? notDrawn('empty') : undefined
    }
    try {
      return await inThread(threadFile, { pdf, maxSide, maxMemoryBytes } satisfies ToDraw, seconds, hear)
    } catch (error) {
      if (error instanceof TooCostly) return notDrawn('exhausting')
      return error instanceof SilentThread ? notDrawn('damaged') : notDrawn('broken', String(error))
    }
  }
}

function pictured(pages: number, { width, height, rgba }: Drawing): Drawn {
  return { ok: true, pages, firstPage: { width, height, png: plainPng({ width, height, channels: 4, data: rgba }) } }
}

/** pdfium has its errors by number, and its wrapper makes sentences of them. */
function reasonOf(message: string): NotDrawn {
  return /password|security scheme/i.test(message) ? 'encrypted' : 'damaged'
}
