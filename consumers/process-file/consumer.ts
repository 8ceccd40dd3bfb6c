import { createHash } from 'node:crypto'
import {
  FileProcessedV1,
  type FileProcessedV1Data,
  MediaRejectedV1,
  MediaUploadedV1,
} from '../../contracts/generated/events.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import { DRAWING } from '../../ports/documents/documents.ts'
import { handlingOf } from '../../ports/documents/file-type.ts'
import type { RenderPlan } from '../../ports/images/images.ts'
import { byteSource } from '../../ports/objects/byte-source.ts'
import { type ConsumerPorts, defineConsumer } from '../runtime/define-consumer.ts'
import { emit, rejected } from '../runtime/outcomes.ts'
import { storeForms } from '../runtime/store-forms.ts'
import { tooLarge } from '../runtime/too-large.ts'

/** What a bubble shows of a document, and what a tap on it does. */
export const PREVIEWS: RenderPlan = {
  forms: [
    { name: 'preview', maxSide: 640, encoding: 'webp', quality: 80 },
    { name: 'page', maxSide: 1280, encoding: 'jpeg', quality: 80 },
  ],
  thumbhash: false,
}

type Ports = Pick<ConsumerPorts, 'objects' | 'documents' | 'images'>

export const consumer = defineConsumer({
  name: 'process-file',
  description:
    'Tells what a file is by its bytes, and so how it may be handed out; draws the first page of a PDF. Archives stay packed.',
  on: [MediaUploadedV1.where({ kind: ['file'] })],
  emits: [FileProcessedV1, MediaRejectedV1],
  // A PDF of 50 MB lies in memory three times, beside pdfium's own 384 MB at most.
  resources: { memoryMb: 1024, timeoutSeconds: 30, batchSize: 1, concurrency: 50 },
  needs: ['objects', 'documents', 'images'],
  objectAccess: { reads: ['files/original/'], writes: ['files/previews/'] },
  async handle({ data: { mediaId, kind, object } }, ports) {
    const refusal = tooLarge(kind, object.bytes)
    if (refusal) return rejected(refusal)
    if (object.bytes === 0) return rejected({ code: 'empty', message: 'The file is empty: choose it again.' })
    const type = await ports.documents.inspect(byteSource(ports.objects, object))
    return emit(FileProcessedV1, {
      mediaId,
      kind,
      format: type.format,
      ...handlingOf(type),
      ...(type.format === 'pdf' && (await drawn(mediaId, object, ports))),
    })
  },
})

/** Pages and previews, as far as there are any: a file is a file without them, too. */
async function drawn(
  mediaId: string,
  object: StoredObject,
  { objects, documents, images }: Ports,
): Promise<Pick<FileProcessedV1Data, 'pages' | 'previews'>> {
  if (object.bytes > DRAWING.maxBytes) return {}
  const drawing = await documents.draw(await objects.read(object, DRAWING.maxBytes))
  const pages = drawing.pages === undefined ? {} : { pages: drawing.pages }
  if (!drawing.ok) return pages
  const rendered = await images.render(drawing.firstPage.png, PREVIEWS)
  // The page was drawn here: what can't be encoded is our fault, and trying again may help.
  if (!rendered.ok) throw new Error(`the first page of ${mediaId} was drawn and can't be encoded: ${rendered.message}`)
  const recipe = createHash('sha256').update(documents.recipe()).update(images.recipe(PREVIEWS)).digest('hex')
  const folder = `files/previews/${mediaId}/${recipe.slice(0, 8)}`
  return { ...pages, previews: await storeForms(objects, folder, rendered) }
}
