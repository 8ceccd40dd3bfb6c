/** One stored object, pinned to the version of its bytes: the shape that events and documents share. */
export interface StoredObject {
  readonly bucket: string
  readonly key: string
  readonly versionId: string
  /** Without the quotes that HTTP puts around it. */
  readonly etag: string
  readonly bytes: number
}
