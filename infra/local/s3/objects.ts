import type { Cloud } from '../cloud.ts'
import type { Blobs, Received } from './blobs.ts'
import type { Bucket } from './buckets.ts'
import type { Checksum } from './checksums.ts'
import { type Cause, type CreationReason, objectCreated, objectDeleted, type S3Event } from './events.ts'
import { NULL_VERSION, type ObjectVersion, type Versions } from './versions.ts'

/** What is to become the newest version of a key. */
export interface Upload {
  readonly bucket: Bucket
  readonly key: string
  readonly received: Received
  readonly headers: Readonly<Record<string, string>>
  readonly checksum: Checksum | undefined
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
    store({ bucket, key, received, headers, checksum, reason, cause, precondition }) {
      return db.transaction(() => {
        precondition?.(versions.latest(bucket.name, key))
        const { added, replaced } = versions.add({
          bucket: bucket.name,
          key,
          versionId: newVersionId(bucket, cloud),
          isDeleteMarker: false,
          file: received.file,
          size: received.size,
          etag: received.md5,
          modified: cloud.now(),
          headers,
          checksum,
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
          checksum: undefined,
        })
        discard(replaced)
        if (bucket.publishesEvents) {
          publish(objectDeleted(cloud, added, added.sequence, 'Delete Marker Created', cause))
        }
        return { versionId: added.versionId, isDeleteMarker: true }
      })
    },
  }
}

function newVersionId(bucket: Bucket, cloud: Cloud): string {
  return bucket.versioning === 'Enabled' ? cloud.uuid().replaceAll('-', '') : NULL_VERSION
}
