import type { S3 } from './s3.ts'
import { hasBytes } from './versions.ts'

/** One version of an object, and the file that holds its bytes. */
export interface ObjectFile {
  readonly bucket: string
  readonly key: string
  /** `null` where the bucket keeps no versions. */
  readonly versionId: string
  readonly size: number
  /** Without quotes. */
  readonly etag: string
  /** Absolute. Read it and no more; a deletion of the version takes it away. */
  readonly path: string
}

/** What the other services of the runtime do with objects: in process, as the service itself. */
export interface InProcessObjects {
  /** That version, or the newest one where none is named; undefined where there is none that has bytes. */
  find(bucket: string, key: string, versionId?: string): ObjectFile | undefined
  /**
   * Sets one tag of a version and keeps its others, in the open transaction where there is one. False where it can't
   * be: the version is gone, or has ten tags already.
   */
  tag(object: Pick<ObjectFile, 'bucket' | 'key' | 'versionId'>, key: string, value: string): boolean
}

const MAX_TAGS = 10

export function inProcessObjects({ cloud, buckets, versions, blobs, objects }: S3): InProcessObjects {
  const stored = (bucket: string, key: string, versionId: string | undefined) => {
    const version = versionId === undefined ? versions.latest(bucket, key) : versions.find(bucket, key, versionId)
    return version && hasBytes(version) ? version : undefined
  }
  return {
    find(bucket, key, versionId) {
      const version = stored(bucket, key, versionId)
      return (
        version && {
          bucket,
          key,
          versionId: version.versionId,
          size: version.size,
          etag: version.etag,
          path: blobs.pathOf(version.file),
        }
      )
    },
    tag({ bucket: bucketName, key, versionId }, name, value) {
      const bucket = buckets.find(bucketName)
      const version = stored(bucketName, key, versionId)
      if (!bucket || !version) return false
      const others = version.tags.filter((tag) => tag.key !== name)
      if (others.length >= MAX_TAGS) return false
      const requestId = cloud.uuid().replaceAll('-', '').slice(0, 16).toUpperCase()
      objects.setTags(bucket, version, [...others, { key: name, value }], { requestId, sourceIp: undefined })
      return true
    },
  }
}
