import { createAlarm, type Schedule } from '../alarm.ts'
import type { Bucket } from './buckets.ts'
import type { Cause } from './events.ts'
import { abortOf, daysAfter, dueTime, expiryOf } from './expiry.ts'
import { type LifecycleRule, matchesFilter, type Noncurrent } from './lifecycle-rules.ts'
import { abortUpload } from './multipart.ts'
import type { S3 } from './s3.ts'
import { isColder, type StorageClass } from './storage-class.ts'
import type { ObjectVersion } from './versions.ts'

/** Since September 2024 no rule moves smaller objects, unless its filter speaks of sizes. */
const MIN_TRANSITION_BYTES = 128 * 1024

/** A version and what came of it since. */
interface Placed {
  readonly version: ObjectVersion
  /** When it ceased to be the current one; undefined for the one that is. */
  readonly supersededAt: number | undefined
  /** How many versions that are not current are younger. */
  readonly youngerNoncurrent: number
  /** Whether no other version has its key. */
  readonly isAlone: boolean
}

type Action = () => void

/** Applies the lifecycle of every bucket at once and then at each midnight UTC; returns what ends that. */
export function startLifecycle(s3: S3, schedule: Schedule): { stop(): void } {
  const { now } = s3.cloud
  const alarm = createAlarm(now, schedule, () => {
    applyLifecycle(s3)
    alarm.setBy(daysAfter(now() + 1, 0))
  })
  alarm.setBy(now())
  return alarm
}

/**
 * Does what the buckets' rules have due by now: expires, deletes, moves and aborts.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
export function applyLifecycle(s3: S3): void {
  for (const bucket of s3.buckets.list()) {
    if (bucket.lifecycle.length === 0) continue
    // Rows must not change under the statement that reads them.
    const actions = [...versionActions(s3, bucket), ...uploadActions(s3, bucket)]
    for (const action of actions) {
      try {
        action()
      } catch (error) {
        const message = `a lifecycle rule of ${bucket.name} could not be applied; it is tried again at midnight UTC`
        s3.cloud.log({ level: 'error', from: 's3', message, error: String(error) })
      }
    }
  }
}

function* versionActions(s3: S3, bucket: Bucket): Generator<Action> {
  let ofKey: ObjectVersion[] = []
  for (const version of s3.versions.listAll(bucket.name, '')) {
    if (ofKey[0] && ofKey[0].key !== version.key) {
      yield* keyActions(s3, bucket, ofKey)
      ofKey = []
    }
    ofKey.push(version)
  }
  yield* keyActions(s3, bucket, ofKey)
}

/** @param ofKey all versions of one key, youngest first. */
function* keyActions(s3: S3, bucket: Bucket, ofKey: readonly ObjectVersion[]): Generator<Action> {
  for (const [index, version] of ofKey.entries()) {
    const placed: Placed = {
      version,
      supersededAt: ofKey[index - 1]?.modified,
      youngerNoncurrent: index - 1,
      isAlone: ofKey.length === 1,
    }
    const action =
      placed.supersededAt === undefined ? currentAction(s3, bucket, placed) : noncurrentAction(s3, bucket, placed)
    if (action) yield action
  }
}

function currentAction(s3: S3, bucket: Bucket, { version, isAlone }: Placed): Action | undefined {
  const now = s3.cloud.now()
  const { key, versionId } = version
  if (version.isDeleteMarker) {
    const goes = isAlone && bucket.lifecycle.some((rule) => removesMarker(rule, version, now))
    return goes ? () => void s3.objects.remove(bucket, key, versionId, causeOf(s3)) : undefined
  }
  const expiry = expiryOf(bucket, version)
  if (expiry && expiry.time <= now) return () => void s3.objects.remove(bucket, key, undefined, causeOf(s3))
  const due = bucket.lifecycle.flatMap((rule) =>
    mayMove(rule, version)
      ? rule.transitions.filter(({ after }) => dueTime(after, version.modified) <= now).map((to) => to.storageClass)
      : [],
  )
  return moveAction(s3, bucket, version, due)
}

function noncurrentAction(
  s3: S3,
  bucket: Bucket,
  { version, supersededAt = 0, youngerNoncurrent }: Placed,
): Action | undefined {
  const now = s3.cloud.now()
  const isDue = ({ days, keep }: Noncurrent) => youngerNoncurrent >= keep && daysAfter(supersededAt, days) <= now
  const expires = bucket.lifecycle.some(
    ({ filter, noncurrentExpiration }) =>
      noncurrentExpiration && matchesFilter(filter, version) && isDue(noncurrentExpiration),
  )
  if (expires) return () => void s3.objects.remove(bucket, version.key, version.versionId, causeOf(s3))
  if (version.isDeleteMarker) return undefined
  const due = bucket.lifecycle.flatMap((rule) =>
    mayMove(rule, version) ? rule.noncurrentTransitions.filter(isDue).map((to) => to.storageClass) : [],
  )
  return moveAction(s3, bucket, version, due)
}

/** Of several classes that are due, the coldest wins; nothing becomes warmer. */
function moveAction(s3: S3, bucket: Bucket, version: ObjectVersion, due: readonly StorageClass[]): Action | undefined {
  const { storageClass } = version
  const to = due.reduce((coldest, next) => (isColder(next, coldest) ? next : coldest), storageClass)
  return to === storageClass ? undefined : () => s3.objects.setStorageClass(bucket, version, to, causeOf(s3))
}

function removesMarker(
  { filter, removesLoneMarkers, expiration }: LifecycleRule,
  marker: ObjectVersion,
  now: number,
): boolean {
  if (!marker.key.startsWith(filter.prefix) || filter.tags.length > 0) return false
  if (removesLoneMarkers) return true
  return expiration !== undefined && 'days' in expiration && daysAfter(marker.modified, expiration.days) <= now
}

function mayMove({ filter }: LifecycleRule, version: ObjectVersion): boolean {
  const speaksOfSize = filter.largerThan !== undefined || filter.smallerThan !== undefined
  return (speaksOfSize || version.size >= MIN_TRANSITION_BYTES) && matchesFilter(filter, version)
}

function* uploadActions(s3: S3, bucket: Bucket): Generator<Action> {
  for (const upload of s3.uploads.list(bucket.name, '')) {
    const abort = abortOf(bucket, upload)
    if (!abort || abort.time > s3.cloud.now() || s3.completing.has(upload.uploadId)) continue
    yield () => abortUpload(s3, upload)
  }
}

function causeOf({ cloud }: S3): Cause {
  return { requestId: cloud.uuid().replaceAll('-', '').slice(0, 16).toUpperCase(), sourceIp: undefined }
}
