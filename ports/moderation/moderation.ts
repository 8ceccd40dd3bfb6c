import type { Label } from '../../contracts/generated/shapes.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'

/** Somebody who looks at pictures and says what is in them that may not be wanted; what follows is not theirs to say. */
export interface Moderation {
  /** Names the service and what it is asked, so that answers of different ones are never taken for each other. */
  readonly recipe: string
  /**
   * Looks at one stored JPEG, at the version that is named.
   * @throws where the object is gone, or the service can't be reached or asks for patience.
   */
  look(picture: StoredObject): Promise<Look>
}

export type Look =
  | {
      readonly ok: true
      /** Surest first, each level of the service's taxonomy by itself; none is the usual answer. */
      readonly labels: readonly Label[]
      /** Who looked, with its version. */
      readonly model: string
    }
  /** The service takes no such picture, such as one that is too small: nobody has looked. */
  | { readonly ok: false; readonly reason: string }
