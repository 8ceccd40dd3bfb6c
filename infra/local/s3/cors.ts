import type { IncomingMessage, ServerResponse } from 'node:http'
import { S3Error } from './errors.ts'

export interface CorsRule {
  readonly allowedOrigins: readonly string[]
  readonly allowedMethods: readonly string[]
  readonly allowedHeaders: readonly string[]
  readonly exposedHeaders: readonly string[]
  readonly maxAgeSeconds?: number
}

/** Adds the headers that let a page of the request's origin read the answer, where a rule allows that origin. */
export function allowOrigin(rules: readonly CorsRule[], request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers
  if (origin === undefined || rules.length === 0) return
  const rule = rules.find((candidate) => allows(candidate, origin, request.method ?? ''))
  if (rule) writeHeaders(rule, origin, response)
}

/**
 * Answers a preflight request.
 * @throws S3Error AccessForbidden where no rule allows it, as S3 does.
 */
export function answerPreflight(rules: readonly CorsRule[], request: IncomingMessage, response: ServerResponse): void {
  const { origin, 'access-control-request-method': method } = request.headers
  if (origin === undefined || method === undefined) {
    throw new S3Error(400, 'BadRequest', 'Insufficient information. Origin request header needed.')
  }
  const wanted = (request.headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
  const rule = rules.find(
    (candidate) =>
      allows(candidate, origin, method) &&
      wanted.every((name) => candidate.allowedHeaders.some((pattern) => matches(pattern.toLowerCase(), name))),
  )
  if (!rule) {
    const message = 'CORSResponse: This CORS request is not allowed.'
    throw new S3Error(403, 'AccessForbidden', message, { details: { Method: method, ResourceType: 'OBJECT' } })
  }
  writeHeaders(rule, origin, response)
  if (wanted.length > 0) response.setHeader('Access-Control-Allow-Headers', wanted.join(', '))
  if (rule.maxAgeSeconds !== undefined) response.setHeader('Access-Control-Max-Age', rule.maxAgeSeconds)
  response.writeHead(200, { 'Content-Length': 0 }).end()
}

function allows(rule: CorsRule, origin: string, method: string): boolean {
  return rule.allowedMethods.includes(method) && rule.allowedOrigins.some((pattern) => matches(pattern, origin))
}

/** S3's patterns hold one `*` at most. */
function matches(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*')
  if (star < 0) return pattern === text
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)]
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail)
}

function writeHeaders(rule: CorsRule, origin: string, response: ServerResponse): void {
  const anyone = rule.allowedOrigins.includes('*')
  response.setHeader('Access-Control-Allow-Origin', anyone ? '*' : origin)
  response.setHeader('Access-Control-Allow-Methods', rule.allowedMethods.join(', '))
  response.setHeader('Vary', 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method')
  if (!anyone) response.setHeader('Access-Control-Allow-Credentials', 'true')
  if (rule.exposedHeaders.length > 0)
    response.setHeader('Access-Control-Expose-Headers', rule.exposedHeaders.join(', '))
}
