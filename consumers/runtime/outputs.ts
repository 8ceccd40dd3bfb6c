import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Objects } from '../../ports/objects/objects.ts'

/** The objects that one try of a handler stored, so that they can be taken back. */
export interface Outputs {
  /** The port to hand to the handler: the same, but it remembers what was put. */
  readonly objects: Objects
  /** Deletes, by version, every object that was put. */
  discard(): Promise<void>
}

export function trackOutputs(objects: Objects): Outputs {
  const stored: StoredObject[] = []
  return {
    objects: {
      ...objects,
      async put(key, bytes, options) {
        const object = await objects.put(key, bytes, options)
        stored.push(object)
        return object
      },
    },
    async discard() {
      await Promise.all(stored.map((object) => objects.deleteVersion(object)))
    },
  }
}
