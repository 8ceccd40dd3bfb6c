import type { StoredObject } from '../../contracts/stored-object.ts'
import { eventNamed, type Fields, fieldsOf, type Other, readBody, type Unreadable } from '../runtime/aws-event.ts'

/** What S3 said, as far as it matters here. */
export type Notification = { readonly kind: 'created'; readonly object: StoredObject } | Other | Unreadable

const OBJECT_CREATED = { source: 'aws.s3', detailType: 'Object Created' }

/**
 * Reads an "Object Created" event that S3 sent through EventBridge, as the body of an SQS message. Its key is plain text;
 * only S3's older notifications, straight to SQS, escape it as a URL: those are read too, as queues may be fed by either.
 */
export function readNotification(body: string): Notification {
  const message = readBody(body)
  if (message.kind === 'unreadable') return message
  const { fields } = message
  if (fields['Event'] === 's3:TestEvent') return { kind: 'other', reason: 'a test event' }
  if (Array.isArray(fields['Records'])) return readObject(fieldsOf(fieldsOf(fields['Records'][0])['s3']), unescaped)
  const said = eventNamed(OBJECT_CREATED, fields)
  return said.kind === 'event' ? readObject(fieldsOf(said.event['detail']), (key) => key) : said
}

function readObject(detail: Fields, keyOf: (written: string) => string | undefined): Notification {
  const { name: bucket } = fieldsOf(detail['bucket'])
  const object = fieldsOf(detail['object'])
  const key = typeof object['key'] === 'string' ? keyOf(object['key']) : undefined
  const versionId = object['version-id'] ?? object['versionId']
  const etag = object['etag'] ?? object['eTag']
  const bytes = object['size']
  if (
    typeof bucket !== 'string' ||
    key === undefined ||
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
function unescaped(key: string): string | undefined {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
