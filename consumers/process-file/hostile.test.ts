import { readFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import type { FileProcessedV1Data } from '../../contracts/generated/events.ts'
import { pdfiumDocuments } from '../../ports/documents/pdfium-documents.ts'
import { sharpImages } from '../../ports/images/sharp-images.ts'
import { deflated, ENCRYPTED, pdfOf } from '../../tests/fixtures/pdf.ts'
import { type ZipEntry, zipOf } from '../../tests/fixtures/zip.ts'
import { MEDIA_ID, makeWorld } from '../runtime/world.ts'
import { consumer } from './consumer.ts'

/** Made here, so that nobody's exploit lies in the repository. */
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-', 'TEST-FILE!$H+H*'].join('')
const zip = (...entries: readonly ZipEntry[]) => zipOf(entries)
const latin1 = (text: string) => Buffer.from(text, 'latin1')

/** A gigabyte of zeros in a megabyte, and the directory says that it is four. */
function bomb(): Buffer {
  const packed = deflateRawSync(Buffer.alloc(16 * 1024 * 1024)).toString('latin1')
  const file = zip(...Array.from({ length: 64 }, (_, index) => ({ name: `${index}.bin`, body: '' })))
  const layers = zip({ name: 'inner.zip', body: packed }, { name: 'more.zip', body: file.toString('latin1') })
  layers.writeUInt32LE(0xffffffff, layers.indexOf('PK\x01\x02') + 24)
  return layers
}

type Handling = readonly [
  format: FileProcessedV1Data['format'],
  contentType: string,
  disposition: FileProcessedV1Data['disposition'],
]
const SAVED: Handling = ['other', 'application/octet-stream', 'attachment']
const plain = (format: FileProcessedV1Data['format']): Handling => [format, 'application/octet-stream', 'attachment']
const PACKED: Handling = ['zip', 'application/zip', 'attachment']
const PDF: Handling = ['pdf', 'application/pdf', 'inline']

/** What strangers send, what is made of it, and for PDFs whether there is a preview. */
const FILES: readonly (readonly [name: string, bytes: () => Buffer, handling: Handling, previews?: number])[] = [
  ['a zip bomb, which stays packed', bomb, PACKED],
  ['a zip that would write elsewhere', () => zip({ name: '../../etc/passwd', body: 'x' }), PACKED],
  ['a zip whose names are no names', () => zip({ name: '\0\u202Egpj.exe', body: 'x' }), PACKED],
  ['a zip of nothing but a header', () => latin1('PK\x03\x04'), PACKED],
  ['the EICAR test file, which the scan holds back', () => latin1(EICAR), ['text', 'text/plain', 'attachment']],
  [
    'a script that was called holiday.jpg.php',
    () => latin1('<?php system($_GET[0]);'),
    ['text', 'text/plain', 'attachment'],
  ],
  ['a script that makes a page', () => latin1('<?php ?><html><script>alert(1)</script>'), plain('html')],
  ['a page that was called invoice.pdf', () => latin1('<!doctype html><script>alert(1)</script>'), plain('html')],
  ['a page behind a kilobyte of white space', () => latin1(`${' \n'.repeat(600)}<html>`), plain('html')],
  ['a drawing with a script', () => latin1('<svg onload="alert(1)"/>'), plain('html')],
  ['a program that was called photo.jpg', () => latin1('MZ\x90\0\x03\0\0\0\x04\0'), plain('executable')],
  ['a shortcut', () => latin1('L\0\0\0\x01\x14\x02\0\0\0'), plain('executable')],
  ['an app', () => zip({ name: 'AndroidManifest.xml', body: '' }), plain('executable')],
  [
    'a document with macros',
    () => zip({ name: 'word/vbaProject.bin', body: '' }),
    ['office', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'attachment'],
  ],
  ['a table whose cells are formulas', () => latin1('=cmd|calc,b\n@SUM(1),c\n'), ['text', 'text/csv', 'attachment']],
  [
    'a picture with an archive behind it',
    () => Buffer.concat([latin1('GIF89a'), zip({ name: 'A.class', body: '' })]),
    ['image', 'image/gif', 'inline'],
  ],
  ['noise', () => Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * index * 31) % 256)), SAVED],
  ['one byte', () => Buffer.from([0]), SAVED],
  ['a PDF', pdfOf, PDF, 2],
  ['a PDF with a page in it', () => Buffer.concat([pdfOf(), latin1('<html><script>alert(1)</script>')]), PDF, 2],
  ['a PDF behind a password', () => pdfOf(ENCRYPTED), PDF, 0],
  ['a PDF that is cut off', () => pdfOf().subarray(0, 120), PDF, 0],
  ['a PDF in name only', () => latin1('%PDF-1.7 and nothing else'), PDF, 0],
  ['a PDF without a page', () => pdfOf({ pages: [] }), PDF, 0],
  ['a PDF a mile wide', () => pdfOf({ pages: [{ width: 1e9, height: 1 }] }), PDF, 2],
  [
    'a PDF with a script that never ends',
    () => pdfOf({ catalogue: '/OpenAction << /S /JavaScript /JS (for (;;);) >>' }),
    PDF,
    2,
  ],
  [
    'a PDF with a picture of two thousand million pixels',
    () =>
      pdfOf({
        pages: [{ content: 'q 200 0 0 200 0 0 cm /I Do Q', resources: '/XObject << /I 100 0 R >>' }],
        objects: [
          deflated(
            Buffer.alloc(1000),
            '/Type /XObject /Subtype /Image /Width 45000 /Height 45000 /BitsPerComponent 8 /ColorSpace /DeviceRGB',
          ),
        ],
      }),
    PDF,
    2,
  ],
]

const documents = pdfiumDocuments()
const images = sharpImages()

it.each(FILES.map(([name, ...row]) => ({ name, row })))('$name', async ({ row: [make, handling, previews = 0] }) => {
  const [format, contentType, disposition] = handling
  const world = await makeWorld()
  const object = await world.objects.put(`files/original/${MEDIA_ID}`, make(), { contentType: 'image/jpeg' })
  const data = { mediaId: MEDIA_ID, kind: 'file' as const, contentType: 'image/jpeg', object }
  const [before, began] = [process.memoryUsage().rss, performance.now()]
  const outcome = await consumer.handle({ ...world.uploaded, data }, { ...world, documents, images })
  const [seconds, megabytes] = [(performance.now() - began) / 1000, (process.memoryUsage().rss - before) / 1024 ** 2]
  if (outcome.kind !== 'emitted') throw new Error(`it was ${outcome.kind}`)
  const processed = outcome.drafts[0]?.data as FileProcessedV1Data
  expect(processed).toMatchObject({ format, contentType, disposition })
  expect(processed.previews?.length ?? 0).toBe(previews)
  // The function's own limits, with the runner beside it.
  expect(seconds).toBeLessThan(consumer.resources.timeoutSeconds)
  expect(megabytes).toBeLessThan(consumer.resources.memoryMb)
})

it('a stored preview is a picture, upright and small', async () => {
  const world = await makeWorld()
  const object = await world.objects.put(
    `files/original/${MEDIA_ID}`,
    pdfOf({ pages: [{ width: 300, height: 400 }] }),
    {
      contentType: 'application/pdf',
    },
  )
  const data = { mediaId: MEDIA_ID, kind: 'file' as const, contentType: 'application/pdf', object }
  const outcome = await consumer.handle({ ...world.uploaded, data }, { ...world, documents, images })
  if (outcome.kind !== 'emitted') throw new Error(`it was ${outcome.kind}`)
  const previews = (outcome.drafts[0]?.data as FileProcessedV1Data | undefined)?.previews ?? []
  expect(previews.map(({ width, height }) => [width, height])).toEqual([
    [480, 640],
    [960, 1280],
  ])
  for (const { object: stored, contentType } of previews) {
    const inspected = await images.inspect(await world.objects.read(stored, 1_000_000))
    expect(inspected).toMatchObject({ ok: true, facts: { contentType } })
  }
})

it('no test file of a scanner stands in this repository', () => {
  expect(readFileSync(import.meta.filename, 'latin1')).not.toContain(EICAR)
})
