import type { Bucket } from './buckets.ts'
import { type Due, type LifecycleRule, matchesFilter } from './lifecycle-rules.ts'
import type { MultipartUpload } from './uploads.ts'
import type { ObjectVersion } from './versions.ts'

const DAY_MS = 86_400_000

/** So many days after `since`, at the next midnight UTC: S3 rounds up, and acts no earlier. */
export function daysAfter(since: number, days: number): number {
  return Math.ceil((since + days * DAY_MS) / DAY_MS) * DAY_MS
}

/** When something that happened at `since` is due. */
export function dueTime(due: Due, since: number): number {
  return 'date' in due ? due.date : daysAfter(since, due.days)
}

/** When a current version will be expired, and by which rule. */
export function expiryOf(bucket: Bucket, version: ObjectVersion): { time: number; rule: LifecycleRule } | undefined {
  return earliest(
    bucket.lifecycle.flatMap((rule) =>
      rule.expiration && matchesFilter(rule.filter, version)
        ? [{ time: dueTime(rule.expiration, version.modified), rule }]
        : [],
    ),
  )
}

/** When an upload that is not completed will be aborted, and by which rule. */
export function abortOf(bucket: Bucket, upload: MultipartUpload): { time: number; rule: LifecycleRule } | undefined {
  return earliest(
    bucket.lifecycle.flatMap((rule) =>
      rule.abortUploadsAfterDays !== undefined && upload.key.startsWith(rule.filter.prefix)
        ? [{ time: daysAfter(upload.initiated, rule.abortUploadsAfterDays), rule }]
        : [],
    ),
  )
}

function earliest<T extends { readonly time: number }>(candidates: readonly T[]): T | undefined {
  return candidates.reduce<T | undefined>((first, next) => (first && first.time <= next.time ? first : next), undefined)
}

export function expirationHeader(bucket: Bucket, version: ObjectVersion): Record<string, string> {
  const expiry = expiryOf(bucket, version)
  if (!expiry || !version.isLatest) return {}
  const { time, rule } = expiry
  return {
    'x-amz-expiration': `expiry-date="${new Date(time).toUTCString()}", rule-id="${encodeURIComponent(rule.id)}"`,
  }
}

export function abortHeaders(bucket: Bucket, upload: MultipartUpload): Record<string, string> {
  const abort = abortOf(bucket, upload)
  if (!abort) return {}
  return { 'x-amz-abort-date': new Date(abort.time).toUTCString(), 'x-amz-abort-rule-id': abort.rule.id }
}
