import { readFileSync } from 'node:fs'
import { ENCRYPTED, pdfOf } from '../../tests/fixtures/pdf.ts'
import type { ByteSource } from '../probe/probe.ts'
import { type Documents, DRAWING } from './documents.ts'

/** A file in memory. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  return { size: bytes.byteLength, read: async (offset, length) => bytes.subarray(offset, offset + length) }
}

/** What every adapter of the port must do. */
export function describeDocuments(name: string, make: (limits?: typeof DRAWING) => Documents): void {
  describe(name, () => {
    it('says what a file is by its bytes', async () => {
      const documents = make()
      expect(await documents.inspect(sourceOf(pdfOf()))).toEqual({
        format: 'pdf',
        type: 'pdf',
        contentType: 'application/pdf',
      })
      expect(await documents.inspect(sourceOf(readFileSync(import.meta.filename)))).toMatchObject({ format: 'text' })
    })

    it('passes on what the source throws', async () => {
      const read = async () => Promise.reject(new Error('the storage is away'))
      await expect(make().inspect({ size: 10, read })).rejects.toThrow('the storage is away')
    })

    it('counts the pages of a PDF and draws the first, as large as it may be', async () => {
      const drawn = await make().draw(pdfOf({ pages: [{ width: 200, height: 100 }, {}, {}] }))
      expect(drawn).toMatchObject({ ok: true, pages: 3, firstPage: { width: 1280, height: 640 } })
    })

    it('draws the same twice', async () => {
      const documents = make()
      const [once, twice] = [await documents.draw(pdfOf()), await documents.draw(pdfOf())]
      if (!once.ok || !twice.ok) throw new Error('it was not drawn')
      expect(Buffer.compare(once.firstPage.png, twice.firstPage.png)).toBe(0)
      expect(documents.recipe()).toBe(make().recipe())
    })

    it.each([
      ['behind a password', pdfOf(ENCRYPTED), 'encrypted'],
      ['damaged', Buffer.from('%PDF-1.7\nnothing that would follow'), 'damaged'],
      ['without pages', pdfOf({ pages: [] }), 'empty'],
    ] as const)('answers why it draws nothing of what is %s', async (_, pdf, reason) => {
      expect(await make().draw(pdf)).toMatchObject({ ok: false, reason })
    })

    it('reads no more than it may', async () => {
      const few = { ...DRAWING, maxBytes: 100 } as unknown as typeof DRAWING
      expect(await make(few).draw(pdfOf())).toEqual({ ok: false, reason: 'too-large' })
    })
  })
}
