import type { IncomingHttpHeaders } from 'node:http'

/** What of a request its signature covers; node's `IncomingMessage` is one. */
export interface SignedRequest {
  readonly method?: string | undefined
  /** Path and query as they stood on the request line, still encoded. */
  readonly url?: string | undefined
  readonly headers: IncomingHttpHeaders
}

/** Name and value, decoded, in the order of the request line. */
export type QueryParameters = readonly (readonly [name: string, value: string])[]

/**
 * The parts of a request target.
 * @throws URIError where a percent sign is not followed by an octet of valid UTF-8.
 */
export function splitTarget(url: string): { path: string; query: QueryParameters } {
  const mark = url.indexOf('?')
  if (mark < 0) return { path: url, query: [] }
  const query = url
    .slice(mark + 1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair): [string, string] => {
      const equals = pair.indexOf('=')
      return equals < 0
        ? [decodeQuery(pair), '']
        : [decodeQuery(pair.slice(0, equals)), decodeQuery(pair.slice(equals + 1))]
    })
  return { path: url.slice(0, mark), query }
}

function decodeQuery(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}

/** RFC 3986 encoding as SigV4 wants it: only unreserved characters stay. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

/**
 * The canonical path. S3 encodes the decoded path once and leaves dots and double slashes alone, for they are part of
 * keys; every other service normalises the path and encodes what is encoded already a second time.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function canonicalPath(path: string, service: string): string {
  if (service === 's3')
    return path
      .split('/')
      .map((segment) => uriEncode(decodeURIComponent(segment)))
      .join('/')
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(uriEncode(segment))
  }
  return `/${kept.join('/')}${kept.length > 0 && path.endsWith('/') ? '/' : ''}`
}

export function canonicalQuery(query: QueryParameters): string {
  return query
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export function canonicalHeaders(headers: IncomingHttpHeaders, signed: readonly string[]): string {
  return signed
    .map((name) => {
      const value = headers[name]
      const text = Array.isArray(value) ? value.join(',') : (value ?? '')
      return `${name}:${text.trim().replace(/ +/g, ' ')}\n`
    })
    .join('')
}
