import type { IncomingMessage } from 'node:http'
import { GatewayError } from './gateway-error.ts'

/** An HTTP request as the gateway sees it. Header names keep the caller's spelling. */
export interface ApiRequest {
  readonly method: string
  /** Below the stage: `/media/upload`, still percent-encoded. */
  readonly path: string
  readonly stage: string
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly query: Readonly<Record<string, readonly string[]>>
  readonly sourceIp: string
  readonly userAgent: string | null
  readonly host: string
  readonly protocol: string
}

/** Splits a request's head into what routes, authorizers and integrations need. */
export function readHead(request: IncomingMessage): ApiRequest {
  const target = request.url ?? '/'
  const mark = target.indexOf('?')
  const [path, search] = mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)]
  const [, stage = '', ...segments] = path.split('/')

  const headers: Record<string, string[]> = {}
  const spelling = new Map<string, string>()
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const given = request.rawHeaders[i] ?? ''
    const name = spelling.get(given.toLowerCase()) ?? given
    spelling.set(given.toLowerCase(), name)
    append(headers, name, request.rawHeaders[i + 1] ?? '')
  }
  const query: Record<string, string[]> = {}
  for (const [name, value] of new URLSearchParams(search)) append(query, name, value)

  return {
    method: request.method ?? 'GET',
    path: `/${segments.join('/')}`,
    stage,
    headers,
    query,
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
    userAgent: request.headers['user-agent'] ?? null,
    host: request.headers.host ?? '',
    protocol: `HTTP/${request.httpVersion}`,
  }
}

/** The last value of a header, whatever its spelling. */
export function header(request: Pick<ApiRequest, 'headers'>, name: string): string | undefined {
  const wanted = name.toLowerCase()
  for (const [given, values] of Object.entries(request.headers)) {
    if (given.toLowerCase() === wanted) return values.at(-1)
  }
  return undefined
}

// REST APIs take bodies of up to 10 MB.
const MAX_BODY_BYTES = 10 * 1024 * 1024

/** @throws GatewayError REQUEST_TOO_LARGE, before more than the limit is held in memory. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  const tooLarge = () => new GatewayError('REQUEST_TOO_LARGE', `HTTP content length exceeded ${MAX_BODY_BYTES} bytes.`)
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge()
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** @throws GatewayError DEFAULT_4XX where it is no percent-encoded UTF-8. */
export function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new GatewayError('DEFAULT_4XX', 'Bad Request', { statusCode: 400 })
  }
}

// A query may name `__proto__`; the plain objects above must not take it for theirs.
function append(map: Record<string, string[]>, name: string, value: string): void {
  if (Object.hasOwn(map, name)) map[name]?.push(value)
  else Object.defineProperty(map, name, { value: [value], enumerable: true, configurable: true, writable: true })
}
