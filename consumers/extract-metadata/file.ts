import { identify } from '../../ports/documents/identify.ts'
import { byteSource } from '../../ports/objects/byte-source.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import type { Extracted, Facts, Upload } from './extracted.ts'

/** What is told of the family, and what of the type within it. */
const TOLD: ReadonlySet<string> = new Set<Facts['format']>([
  ...(['jpeg', 'png', 'webp', 'gif', 'avif', 'heic'] as const),
  ...(['mp4', 'mov', 'webm', 'matroska', 'avi', '3gp', 'm4a', 'mp3', 'ogg', 'wav', 'flac', 'aac', 'amr'] as const),
  ...(['pdf', 'zip', 'text'] as const),
])

/** What a file is by its bytes. Any type is taken: it is handed out as it came, and never run. */
export async function fileFacts({ object }: Upload, { objects }: { readonly objects: Objects }): Promise<Extracted> {
  if (object.bytes === 0) return { ok: false, code: 'empty', message: 'The file is empty: choose it again.' }
  const { format, type, contentType } = await identify(byteSource(objects, object))
  return { ok: true, facts: { format: [type, format].find((name) => TOLD.has(name)) ?? 'other', contentType } }
}
