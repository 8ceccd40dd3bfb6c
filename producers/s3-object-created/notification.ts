import type { StoredObject } from '../../contracts/stored-object.ts'

/** What S3 said, as far as it matters here. */
export type Notification =
  | { readonly kind: 'created'; readonly object: StoredObject }
  | { readonly kind: 'other'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly problem: string }

/**
 * Reads an "Object Created" event that S3 sent through EventBridge, as the body of an SQS message. Its key is plain text;
 * only S3's older notifications, straight to SQS, escape it as a URL: those are read too, as queues may be fed by either.
 */
export function readNotification(body: string): Notification {
  let message: unknown
  try {
    message = JSON.parse(body)
  } catch (error) {
    return { kind: 'unreadable', problem: `not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
  const event = asObject(message)
  if (event['Event'] === 's3:TestEvent') return { kind: 'other', reason: 'a test event' }
  const classic = Array.isArray(event['Records']) ? asObject(asObject(event['Records'][0])['s3']) : undefined
  const detail = classic ?? asObject(event['detail'])
  if (!classic && (event['source'] !== 'aws.s3' || event['detail-type'] !== 'Object Created')) {
    return { kind: 'other', reason: `${String(event['source'])} says ${String(event['detail-type'])}` }
  }
  const { name: bucket } = asObject(detail['bucket'])
  const object = asObject(detail['object'])
  const key = classic && typeof object['key'] === 'string' ? decodeKey(object['key']) : object['key']
  const versionId = object['version-id'] ?? object['versionId']
  const etag = object['etag'] ?? object['eTag']
  const bytes = object['size']
  if (
    typeof bucket !== 'string' ||
    typeof key !== 'string' ||
    typeof versionId !== 'string' ||
    typeof etag !== 'string' ||
    typeof bytes !== 'number'
  ) {
    return {
      kind: 'unreadable',
      problem: 'a bucket, key, version id, ETag or size is missing: the bucket must keep versions',
    }
  }
  return { kind: 'created', object: { bucket, key, versionId, etag: etag.replaceAll('"', ''), bytes } }
}

/** S3's own escaping: a form's, with `+` for a blank. */
function decodeKey(key: string): string | undefined {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}
