import { preconditionFailed, S3Error } from './errors.ts'
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
