import { validateHeaderName, validateHeaderValue } from 'node:http'
import { isRecord } from '../assembly/template.ts'
import { type Exchange, type Route, requestContext } from './exchange.ts'
import { GatewayError } from './gateway-error.ts'
import type { RestApi } from './model.ts'
import { header } from './request.ts'

export interface ApiAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | Buffer
}

/** What authorizers of requests and proxied functions are both told. */
export function requestEvent(exchange: Exchange, { resource, pathParameters }: Route): Record<string, unknown> {
  const { request, stage } = exchange
  const variables = stage?.variables ?? {}
  return {
    resource: resource.path,
    path: request.path,
    httpMethod: request.method,
    headers: lastValues(request.headers),
    multiValueHeaders: nullIfEmpty(request.headers),
    queryStringParameters: lastValues(request.query),
    multiValueQueryStringParameters: nullIfEmpty(request.query),
    pathParameters,
    stageVariables: nullIfEmpty(variables),
    requestContext: requestContext(exchange),
  }
}

/**
 * The event of a Lambda proxy integration.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function proxyEvent(exchange: Exchange, route: Route, body: Buffer): string {
  const contentType = header(exchange.request, 'content-type')
  const isBinary = contentType !== undefined && matchesMediaType(exchange.api, contentType)
  return JSON.stringify({
    ...requestEvent(exchange, route),
    body: body.length === 0 ? null : body.toString(isBinary ? 'base64' : 'utf8'),
    isBase64Encoded: body.length > 0 && isBinary,
  })
}

// The gateway keeps these for itself and hands a function's own on under another name.
const remapped = new Set([
  'authorization',
  'connection',
  'content-length',
  'date',
  'server',
  'user-agent',
  'www-authenticate',
])

/** Reads a function's answer. @throws GatewayError 502 where it is not what the proxy integration asks for. */
export function proxyAnswer(exchange: Exchange, payload: string): ApiAnswer {
  const answer: unknown = JSON.parse(payload)
  const malformed = (reason: string): GatewayError =>
    new GatewayError('DEFAULT_5XX', 'Internal server error', { statusCode: 502, validationErrors: reason })
  if (!isRecord(answer)) throw malformed('the answer is no object')
  const statusCode = Number(answer['statusCode'])
  if (!Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599) {
    throw malformed('statusCode must be a whole number from 200 to 599')
  }
  const body = answer['body'] ?? ''
  if (typeof body !== 'string') throw malformed('body must be a string')

  const headers: Record<string, string | readonly string[]> = {}
  const single = answer['headers'] ?? {}
  const multiple = answer['multiValueHeaders'] ?? {}
  if (!isRecord(single) || !isRecord(multiple)) throw malformed('headers and multiValueHeaders must be objects')
  for (const [name, value] of Object.entries(single)) {
    if (typeof value === 'object') throw malformed(`header ${name} must be a string`)
    headers[outerName(name)] = String(value)
  }
  for (const [name, values] of Object.entries(multiple)) {
    if (!Array.isArray(values)) throw malformed(`multiValueHeaders.${name} must be a list`)
    headers[outerName(name)] = values.map(String)
  }
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name)
      for (const one of [value].flat()) validateHeaderValue(name, one)
    } catch {
      throw malformed(`header ${JSON.stringify(name)} cannot be sent over HTTP`)
    }
  }
  if (headers['content-type'] === undefined) headers['content-type'] = 'application/json'

  const accept = header(exchange.request, 'accept') ?? ''
  const isBinary = answer['isBase64Encoded'] === true && matchesMediaType(exchange.api, accept)
  return { statusCode, headers, body: isBinary ? Buffer.from(body, 'base64') : body }
}

function outerName(name: string): string {
  const lower = name.toLowerCase()
  return remapped.has(lower) ? `x-amzn-remapped-${lower}` : lower
}

/** Whether the first media type of a Content-Type or Accept header is one of the API's binary types. */
function matchesMediaType({ binaryMediaTypes }: RestApi, value: string): boolean {
  const type = value.split(/[,;]/)[0]?.trim().toLowerCase() ?? ''
  return binaryMediaTypes.some((binary) => binary === '*/*' || binary.toLowerCase() === type)
}

function lastValues(values: Readonly<Record<string, readonly string[]>>): Record<string, string> | null {
  const entries = Object.entries(values).map(([name, all]): [string, string] => [name, all.at(-1) ?? ''])
  return entries.length > 0 ? Object.fromEntries(entries) : null
}

function nullIfEmpty<T extends object>(value: T): T | null {
  return Object.keys(value).length > 0 ? value : null
}
