import { FileProcessedV1, type FileProcessedV1Data } from '../../contracts/generated/events.ts'
import { LIMITS } from '../../contracts/limits.ts'
import { fakeDocuments } from '../../ports/documents/fake-documents.ts'
import { ENCRYPTED, pdfOf } from '../../tests/fixtures/pdf.ts'
import { zipOf } from '../../tests/fixtures/zip.ts'
import { MEDIA_ID, makeWorld } from '../runtime/world.ts'
import { consumer } from './consumer.ts'

type World = Awaited<ReturnType<typeof makeWorld>>

async function prepare(bytes: Uint8Array) {
  const world = await makeWorld()
  const object = await world.objects.put(`files/original/${MEDIA_ID}`, bytes, { contentType: 'application/pdf' })
  const data = { mediaId: MEDIA_ID, kind: 'file' as const, contentType: 'application/pdf', object }
  const process = (ports: object = {}, change: object = {}) =>
    consumer.handle(
      { ...world.uploaded, data: { ...data, ...change } },
      { ...world, documents: fakeDocuments(), ...ports },
    )
  const processed = async (ports?: object) => {
    const outcome = await process(ports)
    if (outcome.kind !== 'emitted') throw new Error(`not emitted: ${outcome.kind}`)
    const found = outcome.drafts[0]?.data as FileProcessedV1Data
    expect(FileProcessedV1.writeViolations(found)).toEqual([])
    return found
  }
  return { ...world, object, process, processed }
}

it('tells what a file is by its bytes, whatever it was declared as', async () => {
  const { processed } = await prepare(zipOf([{ name: 'a.txt', body: 'a' }]))
  expect(await processed()).toEqual({
    mediaId: MEDIA_ID,
    kind: 'file',
    format: 'zip',
    contentType: 'application/zip',
    disposition: 'attachment',
  })
})

it('counts the pages of a PDF and stores two forms of the first, under keys of the media and the recipe', async () => {
  const { processed, objects } = await prepare(pdfOf({ pages: [{}, {}] }))
  const { pages, previews, ...rest } = await processed()
  expect(rest).toMatchObject({ format: 'pdf', contentType: 'application/pdf', disposition: 'inline' })
  expect(pages).toBe(2)
  expect(previews?.map(({ name, contentType }) => [name, contentType])).toEqual([
    ['preview', 'image/webp'],
    ['page', 'image/jpeg'],
  ])
  for (const { object } of previews ?? []) {
    expect(object.key).toMatch(new RegExp(`^files/previews/${MEDIA_ID}/[0-9a-f]{8}/(preview\\.webp|page\\.jpg)$`))
    expect(await objects.versions(object.key)).toEqual([object])
  }
})

it('stores nothing twice when it runs twice', async () => {
  const { processed, objects } = await prepare(pdfOf())
  expect(await processed()).toEqual(await processed())
  expect(objects.contents().filter(({ key }) => key.startsWith('files/previews/'))).toHaveLength(2)
})

it('hands a PDF out without a preview where it can’t be drawn', async () => {
  const { processed, objects } = await prepare(pdfOf(ENCRYPTED))
  expect(await processed()).toEqual({
    mediaId: MEDIA_ID,
    kind: 'file',
    format: 'pdf',
    contentType: 'application/pdf',
    disposition: 'inline',
  })
  expect(objects.contents().filter(({ key }) => key.startsWith('files/previews/'))).toEqual([])
})

it('keeps the count of pages where only the drawing failed', async () => {
  const { processed } = await prepare(pdfOf())
  const documents = { ...fakeDocuments(), draw: async () => ({ ok: false, reason: 'exhausting', pages: 7 }) }
  expect(await processed({ documents })).toMatchObject({ pages: 7 })
})

it('reads some kilobytes of a file that is no PDF, and never the whole', async () => {
  const { process, objects } = await prepare(Buffer.concat([Buffer.from('\x7FELF'), Buffer.alloc(1_000_000)]))
  const read = jest.fn()
  const ranges: number[] = []
  const watched = {
    ...objects,
    read,
    readRange: async (...[object, offset, length]: Parameters<typeof objects.readRange>) => {
      ranges.push(length)
      return objects.readRange(object, offset, length)
    },
  }
  expect(await process({ objects: watched })).toMatchObject({ kind: 'emitted' })
  expect(read).not.toHaveBeenCalled()
  expect(Math.max(...ranges)).toBeLessThan(10_000)
})

it('refuses what is empty, or larger than files may be, without reading it', async () => {
  const { process, object } = await prepare(Buffer.from('x'))
  expect(await process({}, { object: { ...object, bytes: 0 } })).toMatchObject({ kind: 'rejected', code: 'empty' })
  const bytes = LIMITS.file.maxBytes + 1
  expect(await process({}, { object: { ...object, bytes } })).toMatchObject({ kind: 'rejected', code: 'too-large' })
})

it.each<[string, (world: World) => object, string]>([
  [
    'what draws is broken',
    () => ({
      documents: { ...fakeDocuments(), draw: async () => ({ ok: false, reason: 'broken', detail: 'no thread' }) },
    }),
    'There is no preview: broken, no thread',
  ],
  [
    'its page can’t be encoded',
    ({ images }) => ({
      images: { ...images, render: async () => ({ ok: false, code: 'undecodable', message: 'no' }) },
    }),
    'There is no preview: the page was drawn and not encoded, no',
  ],
  [
    'encoding it takes too long',
    ({ images }) => ({ images: { ...images, render: () => Promise.reject(new Error('time is up')) } }),
    'There is no preview: the page was drawn and not encoded, Error: time is up',
  ],
])('hands a PDF out at once where %s, and its record says why nothing is shown', async (_, change, note) => {
  const world = await prepare(pdfOf())
  expect(await world.process(change(world))).toMatchObject({ kind: 'emitted', note })
  expect(await world.processed(change(world))).not.toHaveProperty('previews')
})

it('says nothing more of a PDF with its preview, or of a file that has none', async () => {
  for (const bytes of [pdfOf(), zipOf([])]) {
    const { process } = await prepare(bytes)
    expect(await process()).not.toHaveProperty('note')
  }
})

it('is tried again where storage fails: that passes', async () => {
  const { process, objects } = await prepare(pdfOf())
  const away = () => Promise.reject(new Error('the storage is away'))
  for (const failing of [{ read: away }, { put: away }]) {
    await expect(process({ objects: { ...objects, ...failing } })).rejects.toThrow('the storage is away')
  }
})
