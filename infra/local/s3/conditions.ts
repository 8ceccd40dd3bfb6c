import { noSuchKey, notImplemented, preconditionFailed, S3Error } from './errors.ts'
import type { ObjectVersion } from './versions.ts'

/** The headers of a conditional read; CopyObject has the same with another prefix. */
export interface ReadConditions {
  readonly ifMatch: string | undefined
  readonly ifNoneMatch: string | undefined
  readonly ifModifiedSince: string | undefined
  readonly ifUnmodifiedSince: string | undefined
}

export function readConditions(headers: ReadonlyMap<string, string>, prefix = ''): ReadConditions {
  return {
    ifMatch: headers.get(`${prefix}if-match`),
    ifNoneMatch: headers.get(`${prefix}if-none-match`),
    ifModifiedSince: headers.get(`${prefix}if-modified-since`),
    ifUnmodifiedSince: headers.get(`${prefix}if-unmodified-since`),
  }
}

/**
 * Whether the reader has this version already, by RFC 9110's order of conditions: entity tags outweigh dates.
 * @throws S3Error PreconditionFailed
 */
export function isNotModified(conditions: ReadConditions, version: ObjectVersion): boolean {
  // Dates on the wire have whole seconds.
  const modified = Math.floor(version.modified / 1000) * 1000
  if (conditions.ifMatch !== undefined) {
    if (!namesEtag(conditions.ifMatch, version.etag)) throw preconditionFailed('If-Match')
  } else if (modified > dateOf(conditions.ifUnmodifiedSince, Number.POSITIVE_INFINITY)) {
    throw preconditionFailed('If-Unmodified-Since')
  }
  if (conditions.ifNoneMatch !== undefined) return namesEtag(conditions.ifNoneMatch, version.etag)
  return modified <= dateOf(conditions.ifModifiedSince, Number.NEGATIVE_INFINITY)
}

/**
 * The condition of a write, to be put to what stands under its key: `If-None-Match: *` writes only what is not there,
 * `If-Match` replaces only what one has seen.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function writeCondition(
  headers: ReadonlyMap<string, string>,
  key: string,
): (current: ObjectVersion | undefined) => void {
  const ifNoneMatch = headers.get('if-none-match')
  const ifMatch = headers.get('if-match')
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') throw notImplemented('If-None-Match other than * on a write')
  return (current) => {
    const exists = current !== undefined && !current.isDeleteMarker
    if (ifNoneMatch !== undefined && exists) throw preconditionFailed('If-None-Match')
    if (ifMatch === undefined) return
    if (!exists) throw noSuchKey(key)
    if (ifMatch.replace(/^"|"$/g, '') !== current.etag) throw preconditionFailed('If-Match')
  }
}

function namesEtag(list: string, etag: string): boolean {
  return list.split(',').some((item) => {
    const tag = item.trim().replace(/^W\//, '').replace(/^"|"$/g, '')
    return tag === '*' || tag === etag
  })
}

/** Dates that are none are ignored, as HTTP wants it. */
function dateOf(text: string | undefined, otherwise: number): number {
  const time = Date.parse(text ?? '')
  return Number.isNaN(time) ? otherwise : time
}

/** Whether a reader that has some bytes already may have the others: `If-Range` names what it has, by tag or by date. */
export function isSameForRange(ifRange: string | undefined, { etag, modified }: ObjectVersion): boolean {
  if (ifRange === undefined) return true
  // Weak tags never match here: they don't promise the same bytes.
  if (ifRange.startsWith('"') || ifRange.startsWith('W/')) return ifRange === `"${etag}"`
  return Math.floor(modified / 1000) * 1000 === dateOf(ifRange, Number.NaN)
}

export interface ByteRange {
  /** Both inclusive. */
  readonly first: number
  readonly last: number
}

/**
 * The bytes that a Range header asks for; undefined where the whole is to be sent, as for headers that S3 ignores
 * (other units, several ranges).
 * @throws S3Error InvalidRange where no byte of the object is in it.
 */
export function byteRange(range: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range?.trim() ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const suffix = match[1] === ''
  const first = suffix ? Math.max(0, size - Number(match[2])) : Number(match[1])
  const last = suffix || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1)
  if (!suffix && match[2] !== '' && Number(match[2]) < first) return undefined
  if (first < size) return { first, last }
  throw new S3Error(416, 'InvalidRange', 'The requested range is not satisfiable', {
    details: { RangeRequested: range ?? '', ActualObjectSize: String(size) },
    headers: { 'Content-Range': `bytes */${size}` },
  })
}
