import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Process } from './scheduler.ts'

export interface Version {
  readonly object: StoredObject
  readonly bytes: Uint8Array
  readonly tags: Readonly<Record<string, string>>
  /** Who stored it. */
  readonly by: Process | undefined
}

/** A bucket that keeps versions. */
export class Storage {
  readonly #versions = new Map<string, Version[]>()
  #count = 0

  store(bucket: string, key: string, bytes: Uint8Array, by: Process | undefined): StoredObject {
    const versionId = `v${++this.#count}`
    const etag = `etag-${Buffer.from(bytes).toString('latin1', 0, 24)}`
    const object = { bucket, key, versionId, etag, bytes: bytes.byteLength }
    this.#versions.set(key, [{ object, bytes, tags: {}, by }, ...this.versions(key)])
    return object
  }

  /** Newest first. */
  versions(key: string): readonly Version[] {
    return this.#versions.get(key) ?? []
  }

  /** The newest version of each key that begins with `prefix`. */
  below(prefix: string): readonly Version[] {
    const keys = [...this.#versions.keys()].filter((key) => key.startsWith(prefix)).sort()
    return keys.flatMap((key) => this.versions(key).slice(0, 1))
  }

  find({ key, versionId }: Pick<StoredObject, 'key' | 'versionId'>): Version | undefined {
    return this.versions(key).find(({ object }) => object.versionId === versionId)
  }

  delete({ key, versionId }: Pick<StoredObject, 'key' | 'versionId'>): void {
    const kept = this.versions(key).filter(({ object }) => object.versionId !== versionId)
    if (kept.length === 0) this.#versions.delete(key)
    else this.#versions.set(key, kept)
  }

  all(): readonly Version[] {
    return [...this.#versions.values()].flat()
  }
}
