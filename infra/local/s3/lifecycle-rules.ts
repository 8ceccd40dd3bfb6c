import type { StorageClass } from './storage-class.ts'
import type { Tag } from './tags.ts'
import type { ObjectVersion } from './versions.ts'

/** Days after something happened, or a date in milliseconds since 1970. */
export type Due = { readonly days: number } | { readonly date: number }

/** One enabled rule of a bucket's lifecycle. */
export interface LifecycleRule {
  readonly id: string
  readonly filter: LifecycleFilter
  /** For current versions, from their creation. */
  readonly expiration?: Due
  readonly transitions: readonly { readonly storageClass: StorageClass; readonly after: Due }[]
  /** For versions that are no longer current, from when they ceased to be so. */
  readonly noncurrentExpiration?: Noncurrent
  readonly noncurrentTransitions: readonly (Noncurrent & { readonly storageClass: StorageClass })[]
  /** Whether delete markers go under which nothing lies any more. */
  readonly removesLoneMarkers: boolean
  readonly abortUploadsAfterDays?: number
}

export interface LifecycleFilter {
  readonly prefix: string
  /** All of them must be on the object. */
  readonly tags: readonly Tag[]
  /** Bytes, exclusive. */
  readonly largerThan?: number
  /** Bytes, exclusive. */
  readonly smallerThan?: number
}

export interface Noncurrent {
  readonly days: number
  /** How many of the youngest are kept whatever their age. */
  readonly keep: number
}

export function matchesFilter(
  { prefix, tags, largerThan, smallerThan }: LifecycleFilter,
  version: ObjectVersion,
): boolean {
  if (!version.key.startsWith(prefix)) return false
  if (largerThan !== undefined && version.size <= largerThan) return false
  if (smallerThan !== undefined && version.size >= smallerThan) return false
  return tags.every(({ key, value }) => version.tags.some((tag) => tag.key === key && tag.value === value))
}
