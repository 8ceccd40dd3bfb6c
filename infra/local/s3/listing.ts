import { invalidArgument } from './errors.ts'
import { parseCount } from './parameters.ts'
import { element } from './xml.ts'

const MAX_KEYS = 1000

/** What all listings by key are asked. */
export interface Listing {
  readonly prefix: string
  readonly delimiter: string
  /** How many keys and common prefixes a page holds. */
  readonly max: number
  readonly encodingType: string | undefined
  /** Writes a name as `encoding-type` wants it. */
  readonly encode: (name: string) => string
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly commonPrefixes: readonly string[]
  readonly isTruncated: boolean
  /** The last name of the page, a key or a common prefix. */
  readonly last: string
}

/**
 * @param count the name of the parameter that bounds the page.
 * @throws S3Error InvalidArgument
 */
export function readListing(
  query: ReadonlyMap<string, string>,
  count: 'max-keys' | 'max-uploads' = 'max-keys',
): Listing {
  const encodingType = query.get('encoding-type')
  if (encodingType !== undefined && encodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType)
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    max: parseCount(query, count, MAX_KEYS),
    encodingType,
    encode: encodingType ? urlEncode : (name) => name,
  }
}

/** S3's form of URL encoding in listings: slashes and asterisks stay, and a space is a plus sign. */
function urlEncode(name: string): string {
  return encodeURIComponent(name)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** The first key that may be listed: keys are in the order of their UTF-8 bytes, which is not that of JavaScript. */
export function startOf(prefix: string, after: string): string {
  return Buffer.compare(Buffer.from(after), Buffer.from(prefix)) > 0 ? after : prefix
}

/**
 * One page of rows that come in the order of their keys.
 * @param isPast whether a row lies behind the marker.
 */
export function collect<T extends { readonly key: string }>(
  rows: Iterable<T>,
  { prefix, delimiter, max }: Listing,
  after: string,
  isPast: (row: T) => boolean,
): Page<T> {
  const items: T[] = []
  const commonPrefixes: string[] = []
  let last = ''
  const page = (isTruncated: boolean): Page<T> => ({ items, commonPrefixes, isTruncated, last })
  if (max === 0) return page(false)
  for (const row of rows) {
    if (!row.key.startsWith(prefix)) break
    const end = delimiter ? row.key.indexOf(delimiter, prefix.length) : -1
    const common = end < 0 ? undefined : row.key.slice(0, end + delimiter.length)
    if (common === undefined ? !isPast(row) : common === after || common === commonPrefixes.at(-1)) continue
    if (items.length + commonPrefixes.length === max) return page(true)
    if (common === undefined) items.push(row)
    else commonPrefixes.push(common)
    last = common ?? row.key
  }
  return page(false)
}

export function commonElements(listing: Listing, page: Page<unknown>): string[] {
  const { delimiter, encodingType, encode } = listing
  return [
    ...(delimiter ? [element('Delimiter', encode(delimiter))] : []),
    ...(encodingType ? [element('EncodingType', encodingType)] : []),
    element('IsTruncated', page.isTruncated),
    ...page.commonPrefixes.map((prefix) => element('CommonPrefixes', [element('Prefix', encode(prefix))])),
  ]
}
