import type { Rendition } from '../../contracts/generated/shapes.ts'
import type { RenderedForm } from '../../ports/images/images.ts'
import type { Objects } from '../../ports/objects/objects.ts'

/**
 * Stores every form of a picture below `folder`, side by side, and tells of them in the order they came. `folder` holds
 * the media's id and the recipe's digest, so that doing it twice stores the same bytes under the same keys.
 */
export async function storeForms(
  objects: Objects,
  folder: string,
  { forms }: { readonly forms: readonly RenderedForm[] },
): Promise<Rendition[]> {
  return Promise.all(
    forms.map(async ({ name, contentType, width, height, extension, bytes }) => ({
      name,
      contentType,
      width,
      height,
      object: await objects.put(`${folder}/${name}.${extension}`, bytes, { contentType }),
    })),
  )
}
