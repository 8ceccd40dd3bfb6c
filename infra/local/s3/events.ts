import type { Cloud } from '../cloud.ts'
import type { ObjectVersion } from './versions.ts'
import { NULL_VERSION } from './versions.ts'

/**
 * What S3 tells EventBridge of; the bus adds `version` and `id`. Keys stand in it as they are, not URL-encoded as in
 * the notifications that S3 sends to queues and functions.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export interface S3Event {
  readonly source: 'aws.s3'
  readonly 'detail-type': 'Object Created' | 'Object Deleted'
  readonly account: string
  /** ISO 8601, to the second. */
  readonly time: string
  readonly region: string
  readonly resources: readonly string[]
  readonly detail: S3EventDetail
}

export interface S3EventDetail {
  readonly version: '0'
  readonly bucket: { readonly name: string }
  readonly object: {
    readonly key: string
    /** Bytes; deletions have none. */
    readonly size?: number
    /** Without quotes. */
    readonly etag?: string
    /** Absent where the bucket keeps no versions. */
    readonly 'version-id'?: string
    /** Hex; grows with each change of one key. */
    readonly sequencer: string
  }
  readonly 'request-id': string
  readonly requester: string
  readonly 'source-ip-address': string
  readonly reason: CreationReason | 'DeleteObject'
  readonly 'deletion-type'?: DeletionType
}

export type CreationReason = 'PutObject' | 'POST Object' | 'CopyObject'
export type DeletionType = 'Permanently Deleted' | 'Delete Marker Created'

/** The request that caused an event. */
export interface Cause {
  readonly requestId: string
  readonly sourceIp: string
}

export function objectCreated(cloud: Cloud, version: ObjectVersion, reason: CreationReason, cause: Cause): S3Event {
  const { size, etag } = version
  return event(cloud, 'Object Created', version, cause, { reason }, { size, etag })
}

/** `subject` is the version that is gone, or the marker that was made; `sequence` is the deletion's own. */
export function objectDeleted(
  cloud: Cloud,
  subject: ObjectVersion,
  sequence: number,
  deletionType: DeletionType,
  cause: Cause,
): S3Event {
  const etag = subject.isDeleteMarker ? {} : { etag: subject.etag }
  const why = { reason: 'DeleteObject', 'deletion-type': deletionType } as const
  return event(cloud, 'Object Deleted', { ...subject, sequence }, cause, why, etag)
}

function event(
  cloud: Cloud,
  detailType: S3Event['detail-type'],
  { bucket, key, versionId, sequence }: ObjectVersion,
  { requestId, sourceIp }: Cause,
  why: Pick<S3EventDetail, 'reason' | 'deletion-type'>,
  facts: Pick<S3EventDetail['object'], 'size' | 'etag'>,
): S3Event {
  return {
    source: 'aws.s3',
    'detail-type': detailType,
    account: cloud.accountId,
    time: new Date(cloud.now()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: cloud.region,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: {
        key,
        ...facts,
        ...(versionId !== NULL_VERSION && { 'version-id': versionId }),
        sequencer: sequence.toString(16).toUpperCase().padStart(18, '0'),
      },
      'request-id': requestId,
      requester: cloud.accountId,
      'source-ip-address': sourceIp,
      ...why,
    },
  }
}
