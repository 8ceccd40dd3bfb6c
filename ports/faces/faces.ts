import type { Face } from '../../contracts/generated/shapes.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'

export type { Face } from '../../contracts/generated/shapes.ts'

/** Finds faces, and knows nobody: where they are and how well they are seen, never whose they are. */
export interface Faces {
  /**
   * Looks at one stored JPEG, at the version that is named.
   * @throws where the object is gone, or the service can't be reached or asks for patience.
   */
  find(picture: StoredObject): Promise<FoundFaces>
}

export type FoundFaces =
  /** The largest first; in parts of the picture's width and height, and partly outside of it where a face is cut off. */
  | { readonly ok: true; readonly faces: readonly Face[] }
  /** The service takes no such picture, such as one that is too small. */
  | { readonly ok: false; readonly reason: string }
