import { createReadStream } from 'node:fs'
import { DEFAULT_ALGORITHM } from './checksums.ts'
import { noSuchBucket } from './errors.ts'
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
  hasBucket(bucket: string): boolean
  /** Stores the bytes of a file, which stays where it is. @throws S3Error NoSuchBucket */
  put(bucket: string, key: string, path: string, contentType: string): Promise<void>
}

const MAX_TAGS = 10

export function inProcessObjects({ cloud, buckets, versions, blobs, objects }: S3): InProcessObjects {
  const stored = (bucket: string, key: string, versionId: string | undefined) => {
    const version = versionId === undefined ? versions.latest(bucket, key) : versions.find(bucket, key, versionId)
    return version && hasBytes(version) ? version : undefined
  }
  const cause = () => ({
    requestId: cloud.uuid().replaceAll('-', '').slice(0, 16).toUpperCase(),
    sourceIp: undefined,
  })
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
      objects.setTags(bucket, version, [...others, { key: name, value }], cause())
      return true
    },
    hasBucket: (bucket) => buckets.find(bucket) !== undefined,
    async put(bucketName, key, path, contentType) {
      const bucket = buckets.find(bucketName)
      if (!bucket) throw noSuchBucket(bucketName)
      await blobs.receive(createReadStream(path), { algorithms: [DEFAULT_ALGORITHM] }, (received) =>
        objects.store({
          bucket,
          key,
          received,
          headers: { 'content-type': contentType },
          tags: [],
          storageClass: 'STANDARD',
          checksum: { algorithm: DEFAULT_ALGORITHM, value: received.checksums[0]?.value ?? '', type: 'FULL_OBJECT' },
          reason: 'PutObject',
          cause: cause(),
        }),
      )
    },
  }
}
