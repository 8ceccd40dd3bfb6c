import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerXml } from './answer.ts'
import { S3Error } from './errors.ts'
import type { BucketCall, S3 } from './s3.ts'
import { element, s3Document } from './xml.ts'

export interface CorsRule {
  readonly allowedOrigins: readonly string[]
  readonly allowedMethods: readonly string[]
  readonly allowedHeaders: readonly string[]
  readonly exposedHeaders: readonly string[]
  readonly maxAgeSeconds?: number
}

/** All that a rule can allow. */
const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD']

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
  if (origin === undefined) {
    throw new S3Error(400, 'BadRequest', 'Insufficient information. Origin request header needed.')
  }
  if (method === undefined || !METHODS.includes(method)) {
    throw new S3Error(400, 'BadRequest', `Invalid Access-Control-Request-Method: ${method ?? 'null'}`)
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
    const why = rules.length > 0 ? 'This CORS request is not allowed.' : 'CORS is not enabled for this bucket.'
    const message = `CORSResponse: ${why}`
    throw new S3Error(403, 'AccessForbidden', message, { details: { Method: method, ResourceType: 'OBJECT' } })
  }
  writeHeaders(rule, origin, response)
  if (wanted.length > 0) response.setHeader('Access-Control-Allow-Headers', wanted.join(', '))
  if (rule.maxAgeSeconds !== undefined) response.setHeader('Access-Control-Max-Age', rule.maxAgeSeconds)
  response.writeHead(200, { 'Content-Length': 0 }).end()
}

/** GetBucketCors. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketCors.html */
export function getBucketCors(_s3: S3, { bucket, response }: BucketCall): void {
  if (bucket.cors.length === 0) {
    const details = { BucketName: bucket.name }
    throw new S3Error(404, 'NoSuchCORSConfiguration', 'The CORS configuration does not exist', { details })
  }
  const each = (name: string, values: readonly string[]) => values.map((value) => element(name, value))
  const rules = bucket.cors.map((rule) =>
    element('CORSRule', [
      ...each('AllowedOrigin', rule.allowedOrigins),
      ...each('AllowedMethod', rule.allowedMethods),
      ...each('AllowedHeader', rule.allowedHeaders),
      ...each('ExposeHeader', rule.exposedHeaders),
      ...(rule.maxAgeSeconds === undefined ? [] : [element('MaxAgeSeconds', rule.maxAgeSeconds)]),
    ]),
  )
  answerXml(response, s3Document('CORSConfiguration', rules))
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
