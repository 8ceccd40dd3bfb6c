import { LIMITS } from '../../contracts/limits.ts'
import type { ImageFacts, Images } from '../../ports/images/images.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import { containerOf } from '../../ports/probe/container.ts'
import type { Extracted, Upload } from './extracted.ts'

/** What a photo says of itself; of a video that came as a photo, what to do instead. */
export async function pictureFacts(
  { object }: Upload,
  { objects, images }: { readonly objects: Objects; readonly images: Images },
): Promise<Extracted<ImageFacts>> {
  const original = await objects.read(object, LIMITS.image.maxBytes)
  const inspected = await images.inspect(original)
  if (inspected.ok || inspected.code !== 'unsupported-type') return inspected
  if (containerOf(original).kind !== 'accepted') return inspected
  return {
    ok: false,
    code: 'type-mismatch',
    message: 'This is a video or a recording, not a picture: send it as a video or as a voice note.',
  }
}
