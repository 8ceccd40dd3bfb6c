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
import type { Images, Rendered, RenderPlan } from '../../ports/images/images.ts'
import { byteSource } from '../../ports/objects/byte-source.ts'
import { type ConsumerPorts, defineConsumer } from '../runtime/define-consumer.ts'
import { emit, noted, rejected } from '../runtime/outcomes.ts'
import { storeForms } from '../runtime/store-forms.ts'
import { tooLarge } from '../runtime/too-large.ts'

/** What a bubble shows of a document, and what a tap on it does. */
const PREVIEWS: RenderPlan = {
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
  // A PDF of 50 MB lies in memory three times, beside pdfium's own 384 MB at most. Drawing may take 10 seconds and encoding
  // 40: a file whose function ran out of time would not be handed out at all.
  resources: { memoryMb: 1024, timeoutSeconds: 60, batchSize: 1, concurrency: 50 },
  needs: ['objects', 'documents', 'images'],
  objectAccess: { reads: ['files/original/'], writes: ['files/previews/'] },
  async handle({ data: { mediaId, kind, object } }, ports) {
    const refusal = tooLarge(kind, object.bytes)
    if (refusal) return rejected(refusal)
    if (object.bytes === 0) return rejected({ code: 'empty', message: 'The file is empty: choose it again.' })
    const type = await ports.documents.inspect(byteSource(ports.objects, object))
    const told = { mediaId, kind, format: type.format, ...handlingOf(type) }
    if (type.format !== 'pdf') return emit(FileProcessedV1, told)
    const { missing, ...previewed } = await preview(mediaId, object, ports)
    const processed = emit(FileProcessedV1, { ...told, ...previewed })
    return missing === undefined ? processed : noted(processed, `There is no preview: ${missing}`)
  },
})

/** Pages and previews, as far as there are any, and why there are no previews: a file is a file without them, too. */
interface Preview extends Pick<FileProcessedV1Data, 'pages' | 'previews'> {
  readonly missing?: string
}

/**
 * @throws what storage throws, and nothing else: that passes, and the message comes again. What fails at drawing is not
 * tried again, whoever is at fault, as the file would wait for it.
 */
async function preview(mediaId: string, object: StoredObject, ports: Ports): Promise<Preview> {
  const { objects, documents, images } = ports
  if (object.bytes > DRAWING.maxBytes) return { missing: 'too-large' }
  const drawn = await documents.draw(await objects.read(object, DRAWING.maxBytes))
  const pages = drawn.pages === undefined ? {} : { pages: drawn.pages }
  if (!drawn.ok) {
    const { reason, detail } = drawn
    return { ...pages, missing: detail === undefined ? reason : `${reason}, ${detail}` }
  }
  const encoded = await encode(images, drawn.firstPage.png)
  if (!encoded.ok) return { ...pages, missing: `the page was drawn and not encoded, ${encoded.message}` }
  const recipe = createHash('sha256').update(documents.recipe()).update(images.recipe(PREVIEWS)).digest('hex')
  const folder = `files/previews/${mediaId}/${recipe.slice(0, 8)}`
  return { ...pages, previews: await storeForms(objects, folder, encoded) }
}

type Encoded = Extract<Rendered, { readonly ok: true }> | { readonly ok: false; readonly message: string }

async function encode(images: Images, png: Uint8Array): Promise<Encoded> {
  try {
    return await images.render(png, PREVIEWS)
  } catch (error) {
    return { ok: false, message: String(error) }
  }
}
