import { createHash } from 'node:crypto'
import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Process } from './scheduler.ts'

export interface Version {
  readonly object: StoredObject
  readonly bytes: Uint8Array
  readonly contentType: string
  readonly tags: Readonly<Record<string, string>>
  /** In hex, where the store verified it: of what functions put, not of uploads. */
  readonly sha256: string | undefined
  /** Who stored it. */
  readonly by: Process | undefined
}

export interface ToStore {
  readonly key: string
  readonly bytes: Uint8Array
  readonly contentType: string
  readonly by: Process | undefined
}

/** A bucket that keeps versions. */
export class Storage {
  readonly #bucket: string
  readonly #versions = new Map<string, Version[]>()
  #count = 0

  constructor(bucket: string) {
    this.#bucket = bucket
  }

  store({ key, bytes, contentType, by }: ToStore): StoredObject {
    const versionId = `v${++this.#count}`
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const object = { bucket: this.#bucket, key, versionId, etag: sha256.slice(0, 32), bytes: bytes.byteLength }
    const version = { object, bytes, contentType, tags: {}, sha256: by && sha256, by }
    this.#versions.set(key, [version, ...this.versions(key)])
    return object
  }

  /** What other services write on a version that is there. */
  tag(object: StoredObject, tags: Readonly<Record<string, string>>): void {
    const { key } = object
    const tagged = this.versions(key).map((version) =>
      version.object.versionId === object.versionId ? { ...version, tags: { ...version.tags, ...tags } } : version,
    )
    if (tagged.length > 0) this.#versions.set(key, tagged)
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
