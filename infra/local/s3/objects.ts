import type { Cloud } from '../cloud.ts'
import type { Blobs, Received } from './blobs.ts'
import type { Bucket } from './buckets.ts'
import type { ObjectChecksum } from './checksums.ts'
import {
  type Cause,
  type CreationReason,
  objectCreated,
  objectDeleted,
  type S3Event,
  storageClassChanged,
  tagsChanged,
} from './events.ts'
import type { StorageClass } from './storage-class.ts'
import type { Tag } from './tags.ts'
import { NULL_VERSION, type ObjectDescription, type ObjectPart, type ObjectVersion, type Versions } from './versions.ts'

/** What is to become the newest version of a key. */
export interface Upload extends ObjectDescription {
  readonly bucket: Bucket
  readonly key: string
  readonly received: Received
  /** Where it isn't the MD5 of the bytes. */
  readonly etag?: string
  readonly checksum: ObjectChecksum | undefined
  readonly parts?: readonly ObjectPart[]
  readonly reason: CreationReason
  readonly cause: Cause
  /** Judges what stands there now, in the same transaction that replaces it; it throws to refuse. */
  readonly precondition?: (current: ObjectVersion | undefined) => void
}

export interface Deletion {
  /** The version taken away or the marker made; undefined where there was nothing to delete. */
  readonly versionId: string | undefined
  /** Whether that version is a delete marker. */
  readonly isDeleteMarker: boolean
}

/** The changes of objects: each is one transaction with the event that speaks of it. */
export interface Objects {
  store(upload: Upload): ObjectVersion
  /** Deletes as S3 does: a version for good, or the key by a marker where its bucket keeps versions. */
  remove(bucket: Bucket, key: string, versionId: string | undefined, cause: Cause): Deletion
  /** Replaces the tags of a version; none at all takes them away. */
  setTags(bucket: Bucket, version: ObjectVersion, tags: readonly Tag[], cause: Cause): void
  setStorageClass(bucket: Bucket, version: ObjectVersion, storageClass: StorageClass, cause: Cause): void
}

export function createObjects(
  cloud: Cloud,
  versions: Versions,
  blobs: Blobs,
  publish: (event: S3Event) => void,
): Objects {
  const { db } = cloud

  function discard(version: ObjectVersion | undefined): void {
    const file = version?.file
    if (file !== undefined) db.afterCommit(() => blobs.remove(file))
  }

  return {
    store({ bucket, key, received, etag, headers, tags, storageClass, checksum, parts, reason, cause, precondition }) {
      return db.transaction(() => {
        precondition?.(versions.latest(bucket.name, key))
        const { added, replaced } = versions.add({
          bucket: bucket.name,
          key,
          versionId: newVersionId(bucket, cloud),
          isDeleteMarker: false,
          file: received.file,
          size: received.size,
          etag: etag ?? received.md5,
          modified: cloud.now(),
          headers,
          tags,
          storageClass,
          checksum,
          parts,
        })
        discard(replaced)
        if (bucket.publishesEvents) publish(objectCreated(cloud, added, reason, cause))
        return added
      })
    },

    remove(bucket, key, versionId, cause) {
      return db.transaction((): Deletion => {
        if (versionId !== undefined || bucket.versioning === 'Unversioned') {
          const version = versions.find(bucket.name, key, versionId ?? NULL_VERSION)
          // Deleting is idempotent in S3: what is gone already is deleted well.
          if (!version) return { versionId, isDeleteMarker: false }
          versions.remove(version)
          discard(version)
          const sequence = versions.nextSequence()
          if (bucket.publishesEvents) {
            publish(objectDeleted(cloud, version, sequence, 'Permanently Deleted', cause))
          }
          return { versionId, isDeleteMarker: version.isDeleteMarker }
        }
        const { added, replaced } = versions.add({
          bucket: bucket.name,
          key,
          versionId: newVersionId(bucket, cloud),
          isDeleteMarker: true,
          file: undefined,
          size: 0,
          etag: '',
          modified: cloud.now(),
          headers: {},
          tags: [],
          storageClass: 'STANDARD',
          checksum: undefined,
          parts: undefined,
        })
        discard(replaced)
        if (bucket.publishesEvents) {
          publish(objectDeleted(cloud, added, added.sequence, 'Delete Marker Created', cause))
        }
        return { versionId: added.versionId, isDeleteMarker: true }
      })
    },

    setTags(bucket, version, tags, cause) {
      db.transaction(() => {
        versions.setTags(version, tags)
        if (bucket.publishesEvents) publish(tagsChanged(cloud, version, tags.length > 0 ? 'Added' : 'Deleted', cause))
      })
    },

    setStorageClass(bucket, version, storageClass, cause) {
      db.transaction(() => {
        versions.setStorageClass(version, storageClass)
        if (bucket.publishesEvents) publish(storageClassChanged(cloud, version, storageClass, cause))
      })
    },
  }
}

function newVersionId(bucket: Bucket, cloud: Cloud): string {
  return bucket.versioning === 'Enabled' ? cloud.uuid().replaceAll('-', '') : NULL_VERSION
}
