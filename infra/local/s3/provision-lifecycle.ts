import type { Due, LifecycleFilter, LifecycleRule, Noncurrent } from './lifecycle-rules.ts'
import { isStorageClass, type StorageClass } from './storage-class.ts'

type Fields = Readonly<Record<string, unknown>>

const RULE_PROPERTIES = [
  'Id',
  'Status',
  'Prefix',
  'TagFilters',
  'ObjectSizeGreaterThan',
  'ObjectSizeLessThan',
  'ExpirationInDays',
  'ExpirationDate',
  'ExpiredObjectDeleteMarker',
  'Transition',
  'Transitions',
  'NoncurrentVersionExpiration',
  'NoncurrentVersionExpirationInDays',
  'NoncurrentVersionTransition',
  'NoncurrentVersionTransitions',
  'AbortIncompleteMultipartUpload',
]

const DEFAULT_MINIMUM = 'all_storage_classes_128K'

/**
 * Reads a template's LifecycleConfiguration; rules that are disabled are left out.
 * @throws Error with a sentence that names the property which can't be.
 */
export function parseLifecycle(value: unknown): readonly LifecycleRule[] {
  if (value === undefined) return []
  const path = 'LifecycleConfiguration'
  const { Rules, TransitionDefaultMinimumObjectSize: minimum = DEFAULT_MINIMUM } = only(path, value, [
    'Rules',
    'TransitionDefaultMinimumObjectSize',
  ])
  if (minimum !== DEFAULT_MINIMUM) {
    throw new Error(`${path}.TransitionDefaultMinimumObjectSize can only be ${DEFAULT_MINIMUM} here`)
  }
  const rules = list(`${path}.Rules`, Rules)
  return rules.flatMap((rule, index) => {
    const where = `${path}.Rules[${index}]`
    const fields = only(where, rule, RULE_PROPERTIES)
    return fields['Status'] === 'Disabled' ? [] : [parseRule(where, fields, index)]
  })
}

function parseRule(path: string, rule: Fields, index: number): LifecycleRule {
  const { Id, Status, ExpirationInDays, ExpirationDate, ExpiredObjectDeleteMarker } = rule
  if (Status !== 'Enabled') throw new Error(`${path}.Status must be Enabled or Disabled, not ${JSON.stringify(Status)}`)
  const expiration = due(path, { ExpirationInDays, ExpirationDate }, 'ExpirationInDays', 'ExpirationDate')
  const noncurrent = noncurrentExpiration(path, rule)
  const abort = rule['AbortIncompleteMultipartUpload']
  const abortDays =
    abort === undefined
      ? undefined
      : count(
          `${path}.AbortIncompleteMultipartUpload.DaysAfterInitiation`,
          only(`${path}.AbortIncompleteMultipartUpload`, abort, ['DaysAfterInitiation'])['DaysAfterInitiation'],
        )
  return {
    id: typeof Id === 'string' ? Id : `rule-${index + 1}`,
    filter: parseFilter(path, rule),
    ...(expiration && { expiration }),
    transitions: both(path, rule, 'Transition').map(([where, item]) => {
      const fields = only(where, item, ['StorageClass', 'TransitionInDays', 'TransitionDate'])
      const after = due(where, fields, 'TransitionInDays', 'TransitionDate')
      if (!after) throw new Error(`${where} needs TransitionInDays or TransitionDate`)
      return { storageClass: storageClass(where, fields), after }
    }),
    ...(noncurrent && { noncurrentExpiration: noncurrent }),
    noncurrentTransitions: both(path, rule, 'NoncurrentVersionTransition').map(([where, item]) => {
      const fields = only(where, item, ['StorageClass', 'TransitionInDays', 'NewerNoncurrentVersions'])
      return {
        storageClass: storageClass(where, fields),
        days: count(`${where}.TransitionInDays`, fields['TransitionInDays']),
        keep: count(`${where}.NewerNoncurrentVersions`, fields['NewerNoncurrentVersions'] ?? 0),
      }
    }),
    removesLoneMarkers: ExpiredObjectDeleteMarker === true || ExpiredObjectDeleteMarker === 'true',
    ...(abortDays !== undefined && { abortUploadsAfterDays: abortDays }),
  }
}

function parseFilter(path: string, rule: Fields): LifecycleFilter {
  const { Prefix, TagFilters, ObjectSizeGreaterThan, ObjectSizeLessThan } = rule
  if (Prefix !== undefined && typeof Prefix !== 'string') throw new Error(`${path}.Prefix must be a text`)
  return {
    prefix: Prefix ?? '',
    tags: list(`${path}.TagFilters`, TagFilters ?? []).map((tag, index) => {
      const where = `${path}.TagFilters[${index}]`
      const { Key: key, Value: value } = only(where, tag, ['Key', 'Value'])
      if (typeof key !== 'string' || typeof value !== 'string') throw new Error(`${where} needs a Key and a Value`)
      return { key, value }
    }),
    ...(ObjectSizeGreaterThan !== undefined && {
      largerThan: count(`${path}.ObjectSizeGreaterThan`, ObjectSizeGreaterThan),
    }),
    ...(ObjectSizeLessThan !== undefined && { smallerThan: count(`${path}.ObjectSizeLessThan`, ObjectSizeLessThan) }),
  }
}

function noncurrentExpiration(path: string, rule: Fields): Noncurrent | undefined {
  const days = rule['NoncurrentVersionExpirationInDays']
  if (days !== undefined) return { days: count(`${path}.NoncurrentVersionExpirationInDays`, days), keep: 0 }
  const value = rule['NoncurrentVersionExpiration']
  if (value === undefined) return undefined
  const where = `${path}.NoncurrentVersionExpiration`
  const { NoncurrentDays, NewerNoncurrentVersions } = only(where, value, ['NoncurrentDays', 'NewerNoncurrentVersions'])
  return {
    days: count(`${where}.NoncurrentDays`, NoncurrentDays),
    keep: count(`${where}.NewerNoncurrentVersions`, NewerNoncurrentVersions ?? 0),
  }
}

/** CloudFormation has a list, and from older days a single one beside it. */
function both(path: string, rule: Fields, name: string): readonly [string, unknown][] {
  const many = list(`${path}.${name}s`, rule[`${name}s`] ?? [])
  return [
    ...many.map((item, index): [string, unknown] => [`${path}.${name}s[${index}]`, item]),
    ...(rule[name] === undefined ? [] : [[`${path}.${name}`, rule[name]] as [string, unknown]]),
  ]
}

function due(path: string, fields: Fields, days: string, date: string): Due | undefined {
  if (fields[days] !== undefined) return { days: count(`${path}.${days}`, fields[days]) }
  const text = fields[date]
  if (text === undefined) return undefined
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) throw new Error(`${path}.${date} must be a date in ISO 8601, not ${JSON.stringify(text)}`)
  return { date: time }
}

function storageClass(path: string, { StorageClass: name }: Fields): StorageClass {
  if (isStorageClass(name)) return name
  throw new Error(`${path}.StorageClass names no storage class: ${JSON.stringify(name)}`)
}

function count(path: string, value: unknown): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  throw new Error(`${path} must be a whole number, not ${JSON.stringify(value)}`)
}

function only(path: string, value: unknown, names: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${path} must be an object`)
  const unknown = Object.keys(value).find((name) => !names.includes(name))
  if (unknown === undefined) return value as Fields
  throw new Error(`the local S3 does not run the property ${path}.${unknown}; take it out, or teach it`)
}

function list(path: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new Error(`${path} must be a list, not ${JSON.stringify(value)}`)
}
