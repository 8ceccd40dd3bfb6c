import type { Cloud } from '../cloud.ts'
import type { StorageClass } from './storage-class.ts'
import { NULL_VERSION, type ObjectVersion } from './versions.ts'

/**
 * What S3 tells EventBridge of; the bus adds `version` and `id`. Keys stand in it as they are, not URL-encoded as in
 * the notifications that S3 sends to queues and functions.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export interface S3Event {
  readonly source: 'aws.s3'
  readonly 'detail-type': DetailType
  readonly account: string
  /** ISO 8601, to the second. */
  readonly time: string
  readonly region: string
  readonly resources: readonly string[]
  readonly detail: S3EventDetail
}

type DetailType =
  | 'Object Created'
  | 'Object Deleted'
  | 'Object Tags Added'
  | 'Object Tags Deleted'
  | 'Object Storage Class Changed'

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
    /** Hex; grows with each creation and deletion of one key, which alone have it. */
    readonly sequencer?: string
  }
  readonly 'request-id': string
  readonly requester: string
  /** Absent where S3 did it by itself. */
  readonly 'source-ip-address'?: string
  readonly reason?: CreationReason | 'DeleteObject' | 'Lifecycle Expiration'
  readonly 'deletion-type'?: DeletionType
  readonly 'destination-storage-class'?: StorageClass
}

export type CreationReason = 'PutObject' | 'POST Object' | 'CopyObject' | 'CompleteMultipartUpload'
export type DeletionType = 'Permanently Deleted' | 'Delete Marker Created'

/** What caused an event. */
export interface Cause {
  readonly requestId: string
  /** Of the request; undefined where a lifecycle rule did it. */
  readonly sourceIp: string | undefined
}

export function objectCreated(cloud: Cloud, version: ObjectVersion, reason: CreationReason, cause: Cause): S3Event {
  const { size, etag, sequence } = version
  return event(cloud, 'Object Created', version, cause, { reason }, { size, etag, sequencer: sequencerOf(sequence) })
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
  const reason = cause.sourceIp === undefined ? 'Lifecycle Expiration' : 'DeleteObject'
  const why = { reason, 'deletion-type': deletionType } as const
  return event(cloud, 'Object Deleted', subject, cause, why, { ...etag, sequencer: sequencerOf(sequence) })
}

export function tagsChanged(cloud: Cloud, version: ObjectVersion, how: 'Added' | 'Deleted', cause: Cause): S3Event {
  return event(cloud, `Object Tags ${how}`, version, cause, {}, { etag: version.etag })
}

export function storageClassChanged(cloud: Cloud, version: ObjectVersion, to: StorageClass, cause: Cause): S3Event {
  const { size, etag } = version
  const why = { 'destination-storage-class': to }
  return event(cloud, 'Object Storage Class Changed', version, cause, why, { size, etag })
}

function sequencerOf(sequence: number): string {
  return sequence.toString(16).toUpperCase().padStart(18, '0')
}

function event(
  cloud: Cloud,
  detailType: S3Event['detail-type'],
  { bucket, key, versionId }: ObjectVersion,
  { requestId, sourceIp }: Cause,
  why: Pick<S3EventDetail, 'reason' | 'deletion-type' | 'destination-storage-class'>,
  { sequencer, ...facts }: Pick<S3EventDetail['object'], 'size' | 'etag' | 'sequencer'>,
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
        ...(sequencer !== undefined && { sequencer }),
      },
      'request-id': requestId,
      requester: sourceIp === undefined ? 's3.amazonaws.com' : cloud.accountId,
      ...(sourceIp !== undefined && { 'source-ip-address': sourceIp }),
      ...why,
    },
  }
}
