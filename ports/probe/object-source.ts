import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Objects } from '../objects/objects.ts'
import type { ByteSource } from './probe.ts'

/** A stored object, read by ranges: of the version that is named, and of no other. */
export function objectSource(objects: Pick<Objects, 'readRange'>, object: StoredObject): ByteSource {
  return { size: object.bytes, read: (offset, length) => objects.readRange(object, offset, length) }
}
