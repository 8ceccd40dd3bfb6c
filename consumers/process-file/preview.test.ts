import type { FileProcessedV1Data } from '../../contracts/generated/events.ts'
import { pdfiumDocuments } from '../../ports/documents/pdfium-documents.ts'
import { sharpImages } from '../../ports/images/sharp-images.ts'
import { pdfOf } from '../../tests/fixtures/pdf.ts'
import { MEDIA_ID, makeWorld } from '../runtime/world.ts'
import { consumer } from './consumer.ts'

const documents = pdfiumDocuments()
const images = sharpImages()

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
