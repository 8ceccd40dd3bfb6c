import { createHash } from 'node:crypto'
import { fitWithin } from '../images/size.ts'
import { type Documents, DRAWING } from './documents.ts'
import { identify } from './identify.ts'

/**
 * Documents without a renderer, for simulations: types are told as ever, and of a PDF that is written plainly the pages
 * are counted and the first one has the size that it says. Its picture is a digest of the file, and no picture.
 */
export function fakeDocuments(limits: Readonly<Record<keyof typeof DRAWING, number>> = DRAWING): Documents {
  return {
    inspect: identify,
    async draw(pdf) {
      if (pdf.byteLength > limits.maxBytes) return { ok: false, reason: 'too-large' }
      const text = Buffer.from(pdf).toString('latin1')
      if (/\/Encrypt\b/.test(text)) return { ok: false, reason: 'encrypted' }
      const [box] = /\/MediaBox \[0 0 \S+ \S+\]/.exec(text) ?? []
      const pages = text.match(/\/Type \/Page\b(?!s)/g)?.length ?? 0
      if (!text.includes('/Type /Catalog')) return { ok: false, reason: 'damaged' }
      if (pages === 0) return { ok: false, reason: 'empty', pages }
      const [width = 612, height = 792] = (box?.match(/[\d.]+/g) ?? []).slice(2).map(Number)
      const scale = limits.maxSide / Math.max(width, height)
      const size = fitWithin({ width: width * scale, height: height * scale }, limits.maxSide)
      return { ok: true, pages, firstPage: { ...size, png: createHash('sha256').update(pdf).digest() } }
    },
    recipe: () => `fake/${limits.maxSide}`,
  }
}
