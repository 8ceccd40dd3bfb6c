import type { Cloud } from '../cloud.ts'
import type { Payload } from '../signature/index.ts'
import type { Blobs } from './blobs.ts'
import type { Bucket, Buckets } from './buckets.ts'
import type { Call } from './call.ts'
import type { Denials } from './denials.ts'
import type { Objects } from './objects.ts'
import type { Uploads } from './uploads.ts'
import type { Versions } from './versions.ts'

/** What the operations work on. */
export interface S3 {
  readonly cloud: Cloud
  readonly buckets: Buckets
  readonly denials: Denials
  readonly versions: Versions
  readonly uploads: Uploads
  /** Ids of the uploads whose parts are being put together: nothing may take these away meanwhile. */
  readonly completing: Set<string>
  readonly blobs: Blobs
  readonly objects: Objects
}

/** A call whose signature holds; its body must still be held to `payload`. */
export interface SignedCall extends Call {
  readonly payload: Payload
}

export interface BucketCall extends SignedCall {
  readonly bucket: Bucket
}

export interface ObjectCall extends BucketCall {
  readonly key: string
}
