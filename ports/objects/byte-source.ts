import type { StoredObject } from '../../contracts/stored-object.ts'
import type { ByteSource } from '../probe/probe.ts'
import type { Objects } from './objects.ts'

/** The bytes of a stored object by ranges, for those who need only some of them: of its version, and of no other. */
export function byteSource(objects: Pick<Objects, 'readRange'>, object: StoredObject): ByteSource {
  return { size: object.bytes, read: (offset, length) => objects.readRange(object, offset, length) }
}
