import type { Label } from '../../contracts/generated/shapes.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Objects } from '../objects/objects.ts'
import type { Look, Moderation } from './moderation.ts'

/** What a test wants to be seen: labels, or that nobody can look. */
export type Seen = readonly Label[] | 'too-small'

export interface FakeModeration extends Moderation {
  /** Every picture that was looked at, in order. */
  readonly looked: readonly StoredObject[]
}

/** Moderation without eyes: it sees what it is told, by default nothing to object to. */
export function fakeModeration({
  objects,
  see = () => [],
}: {
  readonly objects: Pick<Objects, 'head'>
  readonly see?: (picture: StoredObject) => Seen
}): FakeModeration {
  const looked: StoredObject[] = []
  return {
    recipe: 'fake-1',
    looked,
    async look(picture): Promise<Look> {
      looked.push(picture)
      if (!(await objects.head(picture))) throw new Error(`${picture.key} (${picture.versionId}) is gone`)
      const seen = see(picture)
      if (seen === 'too-small') return { ok: false, reason: 'the picture is too small' }
      return { ok: true, labels: seen.toSorted((a, b) => b.confidence - a.confidence), model: 'fake-1' }
    },
  }
}
