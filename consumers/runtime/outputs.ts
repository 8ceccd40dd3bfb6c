import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Objects } from '../../ports/objects/objects.ts'

/** The objects that one try of a handler stored, so that they can be taken back. */
export interface Outputs {
  /** The port to hand to the handler: the same, but it remembers what was put or copied. */
  readonly objects: Objects
  /** Deletes, by version, every object that was put. */
  discard(): Promise<void>
}

export function trackOutputs(objects: Objects): Outputs {
  const stored: StoredObject[] = []
  const remember = (object: StoredObject): StoredObject => {
    stored.push(object)
    return object
  }
  return {
    objects: {
      ...objects,
      put: async (key, bytes, options) => remember(await objects.put(key, bytes, options)),
      putFile: async (key, file, options) => remember(await objects.putFile(key, file, options)),
      copy: async (object, key) => remember(await objects.copy(object, key)),
    },
    async discard() {
      await Promise.all(stored.map((object) => objects.deleteVersion(object)))
    },
  }
}
