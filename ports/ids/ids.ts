import { randomUUID } from 'node:crypto'

/** New ids for what has no cause to derive one from. */
export interface Ids {
  /** A random RFC 4122 UUID. */
  uuid(): string
}

/** Ids from the machine's secure random source. */
export const randomIds: Ids = { uuid: () => randomUUID() }

/** Ids that are the same in every run: for tests and simulation. */
export function sequentialIds(): Ids {
  let count = 0
  return {
    uuid: () => `00000000-0000-4000-8000-${(++count).toString(16).padStart(12, '0')}`,
  }
}
