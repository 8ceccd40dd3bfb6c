import { LIMITS } from '../../contracts/limits.ts'
import type { ImageFacts, Images } from '../../ports/images/images.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import type { Extracted, Upload } from './extracted.ts'

/** What a photo or a profile picture says of itself. */
export async function pictureFacts(
  { object }: Upload,
  { objects, images }: { readonly objects: Objects; readonly images: Images },
): Promise<Extracted<ImageFacts>> {
  return images.inspect(await objects.read(object, LIMITS.image.maxBytes))
}
