import type { Peer } from './peer.ts'

/** Whether a value is a name that its maker chose freely. */
const CHOSEN =
  /^(VersionId|DeleteMarkerVersionId|CopySourceVersionId|(Next)?VersionIdMarker|UploadId|(Next)?UploadIdMarker|MessageId|ReceiptHandle|EventId|SequenceNumber|(Next)?ContinuationToken|NextToken|id)$/

const TIMES = /(Timestamp|CreationTime|CreationDate|LastModified|Initiated)$/

/** An answer in which two peers can be compared. */
export interface Comparable {
  /** `PutObject`, and its place among all requests. */
  readonly operation: string
  readonly step: number
  /** By path, as `Versions[0].Key`. */
  readonly leaves: ReadonlyMap<string, unknown>
}

/**
 * A peer's answers without what only its maker can know: a freely chosen name becomes the place in which it first
 * stood, so that it still must be the same name wherever it comes again; a time becomes the fact that there is one.
 */
export function normalise({ answers, endpoint }: Pick<Peer, 'answers' | 'endpoint'>): readonly Comparable[] {
  const names = new Map<string, string>()
  return answers.map(({ operation, fields }, step) => {
    const leaves = new Map<string, unknown>()
    walk(fields, '', (path, value) => {
      const field = /([^.[\]]+)(\[\d+\])?$/.exec(path)?.[1] ?? ''
      leaves.set(path, comparable(value, field, `${operation} ${step} ${path}`))
    })
    return { operation, step, leaves }
  })

  function comparable(value: unknown, field: string, place: string): unknown {
    if (value instanceof Date || TIMES.test(field)) return 'a time'
    if (field === 'ID' || field === 'SenderId') return 'an account'
    if (typeof value !== 'string') return value
    if (value !== 'null' && value !== '' && CHOSEN.test(field)) {
      const first = names.get(value) ?? `the name first seen in ${place}`
      names.set(value, first)
      return first
    }
    return value.replaceAll(endpoint, '')
  }
}

function walk(value: unknown, path: string, visit: (path: string, value: unknown) => void): void {
  if (value === undefined) return
  if (typeof value !== 'object' || value === null || value instanceof Date) {
    visit(path, value)
    return
  }
  if (Array.isArray(value)) {
    // Whether there are any is an answer, too.
    if (value.length === 0) visit(`${path}.length`, 0)
    for (const [index, item] of value.entries()) walk(item, `${path}[${index}]`, visit)
    return
  }
  for (const [name, item] of Object.entries(value)) {
    const event = name === 'Body' ? asEvent(item) : undefined
    // The order of its members is free, and its checksum follows that and its id.
    if (name === 'MD5OfBody' && asEvent((value as { readonly Body?: unknown }).Body)) continue
    walk(event ?? item, path === '' ? name : `${path}.${name}`, visit)
  }
}

/** The event that EventBridge sent to a queue. */
function asEvent(body: unknown): object | undefined {
  if (typeof body !== 'string' || !body.startsWith('{')) return undefined
  const value: unknown = JSON.parse(body)
  return typeof value === 'object' && value !== null && 'detail-type' in value ? value : undefined
}
