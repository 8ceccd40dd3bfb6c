import type { ByteRange } from './conditions.ts'
import { invalidArgument, S3Error } from './errors.ts'
import type { StoredVersion } from './versions.ts'

const MAX_PARTS = 10_000

/** What is known of bytes that are a part. */
export interface PartRange {
  /** How many parts the object came in; undefined where it came as one. */
  readonly partsCount?: number
  /** Base64; of the part alone. */
  readonly checksum?: string
}

/**
 * The bytes of one part of an object; an object that came as one is its own first part.
 * @throws S3Error InvalidArgument, InvalidPartNumber
 */
export function partRange(text: string, version: StoredVersion): (ByteRange & PartRange) | undefined {
  const number = parsePartNumber(text)
  const { parts } = version
  // An empty object has no byte that a range could name.
  if (!parts && number === 1) return version.size === 0 ? undefined : { first: 0, last: version.size - 1 }
  let first = 0
  for (const part of parts ?? []) {
    if (part.number === number) {
      const { size, checksum } = part
      return {
        first,
        last: first + size - 1,
        ...(parts && { partsCount: parts.length }),
        ...(checksum !== undefined && { checksum }),
      }
    }
    first += part.size
  }
  const details = { PartNumberRequested: text, ActualPartCount: String(parts?.length ?? 1) }
  throw new S3Error(416, 'InvalidPartNumber', 'The requested partnumber is not satisfiable', { details })
}

/** @throws S3Error InvalidArgument */
export function parsePartNumber(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= MAX_PARTS) return number
  throw invalidArgument(`Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`, 'partNumber', text)
}
