// Made by `npm run contracts` from the schemas of contracts/; a change made here is lost.

export interface Metadata {
  readonly format: string
  readonly contentType: string
  readonly bytes: number
  readonly width: number
  readonly height: number
  readonly frames: number
  readonly hasAlpha: boolean
  readonly capturedAt?: string
}

/**
 * A picture made from the original: upright, sRGB, without metadata.
 */
export interface Rendition {
  /**
   * thumb, medium, large, webp, jpeg …
   */
  readonly name: string
  readonly contentType: string
  readonly width: number
  readonly height: number
  readonly object: StoredObject
}

export interface StepRun {
  readonly outcome: 'succeeded' | 'rejected' | 'failed'
  /**
   * When the fact happened; shown, never compared.
   */
  readonly time: string
  readonly code?: string
  /**
   * One sentence for people: what is wrong and what would do.
   */
  readonly message?: string
  readonly metadata?: Metadata
  readonly thumbnails?: readonly Rendition[]
  readonly thumbhash?: string
  readonly variants?: readonly Rendition[]
}

/**
 * One stored object, pinned to the version of its bytes.
 */
export interface StoredObject {
  readonly bucket: string
  readonly key: string
  readonly versionId: string
  /**
   * Without the quotes that HTTP puts around it.
   */
  readonly etag: string
  readonly bytes: number
}
