import { join } from 'node:path'
import sharp from 'sharp'
import { deflated, type PdfParts, pdfOf } from '../../tests/fixtures/pdf.ts'
import { describeDocuments } from './documents.suite.ts'
import { DRAWING } from './documents.ts'
import { pdfiumDocuments } from './pdfium-documents.ts'

describeDocuments('documents by pdfium', pdfiumDocuments)

const draw = (parts: PdfParts, limits: Partial<Record<keyof typeof DRAWING, number>> = {}) =>
  pdfiumDocuments({ ...DRAWING, ...limits }).draw(pdfOf(parts))

it('draws what stands on the page, on white', async () => {
  const drawn = await draw({})
  if (!drawn.ok) throw new Error(drawn.reason)
  const { data, info } = await sharp(drawn.firstPage.png).raw().toBuffer({ resolveWithObject: true })
  const pixel = (x: number, y: number) => [...data.subarray((y * info.width + x) * 4, (y * info.width + x) * 4 + 4)]
  expect(pixel(320, 960)).toEqual([255, 0, 0, 255])
  expect(pixel(960, 320)).toEqual([255, 255, 255, 255])
})

/** One page whose content draws an image, a form, a pattern … of the given objects. */
const page = (content: string, resources: string, ...objects: (string | Buffer)[]): PdfParts => ({
  pages: [{ content, resources }],
  objects,
})
const zeros = (bytes: number) => Buffer.alloc(bytes)

/** Each must end in an answer, soon, with the thread gone and this process as it was. */
const HOSTILE: readonly (readonly [name: string, parts: PdfParts])[] = [
  ['says it has two thousand million pages', { count: 2_147_483_647 }],
  ['is a mile wide', { pages: [{ width: 1e9, height: 1e9 }] }],
  ['is a thread', { pages: [{ width: 14_400, height: 0.01 }] }],
  ['has no size', { pages: [{ width: 0, height: 0 }] }],
  ['has a page tree that bites its tail', { objects: ['<<>>'], catalogue: '/Pages 2 0 R', pages: [], count: 3 }],
  [
    'runs scripts when it is opened',
    {
      catalogue: '/OpenAction 100 0 R /Names << /JavaScript << /Names [(a) 100 0 R] >> >>',
      objects: ['<< /S /JavaScript /JS (while (true) app.launchURL("http://127.0.0.1:9/")) >>'],
    },
  ],
  [
    'starts programs and asks the network',
    { catalogue: '/OpenAction << /S /Launch /F (/bin/sh) >> /AA << /WC << /S /URI /URI (http://127.0.0.1:9/) >> >>' },
  ],
  [
    'draws a form that draws itself',
    page(
      '/F Do',
      '/XObject << /F 100 0 R >>',
      deflated(
        Buffer.from('/F Do /F Do'),
        '/Type /XObject /Subtype /Form /BBox [0 0 200 200] /Resources << /XObject << /F 100 0 R >> >>',
      ),
    ),
  ],
  [
    'has a picture of two thousand million pixels',
    page(
      'q 200 0 0 200 0 0 cm /I Do Q',
      '/XObject << /I 100 0 R >>',
      deflated(
        zeros(1000),
        '/Type /XObject /Subtype /Image /Width 45000 /Height 45000 /BitsPerComponent 8 /ColorSpace /DeviceRGB',
      ),
    ),
  ],
  [
    'unpacks to a thousand times its size',
    page(
      'q 200 0 0 200 0 0 cm /I Do Q',
      '/XObject << /I 100 0 R >>',
      deflated(
        zeros(36_000_000),
        '/Type /XObject /Subtype /Image /Width 6000 /Height 6000 /BitsPerComponent 8 /ColorSpace /DeviceGray',
      ),
    ),
  ],
  ['nests ten thousand states', page(`${'q '.repeat(10_000)}0 0 9 9 re f`, '')],
]

it.each(HOSTILE)('ends with an answer where a PDF %s', async (_, parts) => {
  const before = process.memoryUsage().rss
  const began = performance.now()
  const drawn = await draw(parts, { maxSide: 320 })
  expect(performance.now() - began).toBeLessThan(20_000)
  if (drawn.ok) {
    expect(drawn.pages).toBeLessThanOrEqual(DRAWING.maxPages)
    expect(Math.max(drawn.firstPage.width, drawn.firstPage.height)).toBeLessThanOrEqual(DRAWING.maxSide)
  } else {
    expect(['damaged', 'empty', 'exhausting']).toContain(drawn.reason)
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(900 * 1024 * 1024)
})

it('says that it is broken where its thread can’t run, and blames no document', async () => {
  const documents = pdfiumDocuments(DRAWING, join(import.meta.dirname, 'no-such-thread.ts'))
  const detail = expect.stringContaining('no-such-thread.ts')
  expect(await documents.draw(pdfOf())).toEqual({ ok: false, reason: 'broken', detail })
  // What lies in no memory any more can be given to no thread.
  const pdf = Uint8Array.from(pdfOf())
  structuredClone(pdf, { transfer: [pdf.buffer] })
  expect(await pdfiumDocuments().draw(pdf)).toMatchObject({ ok: false, reason: 'broken' })
})

it('ends what would draw for ever, and still tells how many pages there are', async () => {
  // Soft shadings by the ten thousand, each over the whole page.
  const shading = '<< /ShadingType 1 /ColorSpace /DeviceRGB /Function 101 0 R >>'
  const slow = deflated(
    Buffer.from(`{ ${'dup sin exch cos '.repeat(200)} pop pop 0 0 0 }`),
    '/FunctionType 4 /Domain [0 1 0 1] /Range [0 1 0 1 0 1]',
  )
  const parts = page('/S sh '.repeat(20_000), '/Shading << /S 100 0 R >>', shading, slow)
  const began = performance.now()
  expect(await draw(parts, { seconds: 3 })).toEqual({ ok: false, reason: 'exhausting', pages: 1 })
  expect(performance.now() - began).toBeLessThan(8_000)
})

it('takes no more memory than it may', async () => {
  // Half-transparent groups within groups: each is painted on a bitmap of its own.
  const groups = Array.from({ length: 12 }, (_, depth) =>
    deflated(
      Buffer.from(`/T gs /F Do 0 0 ${depth} rg 0 0 200 200 re f`),
      `/Type /XObject /Subtype /Form /BBox [0 0 200 200] /Group << /S /Transparency /I true >>
       /Resources << /ExtGState << /T << /ca 0.5 >> >> /XObject << /F ${101 + depth} 0 R >> >>`,
    ),
  )
  const parts = page('/T gs /F Do', '/ExtGState << /T << /ca 0.5 >> >> /XObject << /F 100 0 R >>', ...groups)
  expect(await draw(parts)).toMatchObject({ ok: true })
  const drawn = await draw(parts, { maxMemoryBytes: 48 * 1024 * 1024 })
  expect(drawn).toMatchObject({ ok: false, reason: 'exhausting', pages: 1 })
})
