import { isUtf8 } from 'node:buffer'
import type { APIGatewayProxyEventBase } from 'aws-lambda'
import { LIMITS } from '../../contracts/limits.ts'
import { accepted, type Checked, refused } from './problem.ts'
import { repeatedName } from './unique-names.ts'

/** What the authorizer says of the caller. API Gateway makes strings of all of it. */
export type Caller = {
  readonly uid: string
  /** There for those who may decide what is shown, whoever sent it. */
  readonly moderator?: 'true'
}

/** A request as API Gateway hands it over, the caller known. */
export type ApiRequest = APIGatewayProxyEventBase<Caller>

/** @throws Error where the route was deployed without its authorizer. */
export function callerOf(request: ApiRequest): string {
  const uid: unknown = request.requestContext.authorizer?.uid
  if (typeof uid !== 'string' || uid === '') throw new Error('the authorizer named no caller')
  return uid
}

export function isModerator(request: ApiRequest): boolean {
  return request.requestContext.authorizer?.moderator === 'true'
}

/** A header's value; names of headers have no case. API Gateway's test console sends null instead of no headers. */
export function headerOf(
  { headers }: { readonly headers: Readonly<Record<string, string | undefined>> | null },
  name: string,
): string | undefined {
  const wanted = name.toLowerCase()
  const found = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === wanted)
  return found?.[1]
}

/** The JSON value of the body: small, in UTF-8, and the same to every reader. */
export function jsonBodyOf({ body, isBase64Encoded }: Pick<ApiRequest, 'body' | 'isBase64Encoded'>): Checked<unknown> {
  if (body === null || body === '') return refused('malformed-json', 'The body is empty.')
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')
  const { maxBodyBytes } = LIMITS.request
  if (bytes.byteLength > maxBodyBytes) {
    return refused('body-too-large', `The body has ${bytes.byteLength} bytes; at most ${maxBodyBytes} are read.`, {
      limits: { maxBodyBytes },
    })
  }
  if (!isUtf8(bytes)) return refused('malformed-json', 'The body is not UTF-8.')
  const text = bytes.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return refused('malformed-json', 'The body ends early or is not JSON.')
  }
  const repeated = repeatedName(text)
  if (repeated === undefined) return accepted(value)
  return refused('malformed-json', 'The body has a name twice.', {
    errors: [{ pointer: repeated, message: 'is there twice' }],
  })
}

/** The Idempotency-Key header, or undefined where there is none. */
export function idempotencyKeyOf(request: ApiRequest): Checked<string | undefined> {
  const key = headerOf(request, 'Idempotency-Key')
  if (key === undefined) return accepted(undefined)
  const most = LIMITS.request.idempotencyKeyMaxLength
  if (key.length <= most && /^[\x21-\x7e]+$/.test(key)) return accepted(key)
  return refused('invalid-request', 'The Idempotency-Key can not be used.', {
    errors: [{ pointer: '#Idempotency-Key', message: `must be 1 to ${most} visible ASCII characters` }],
  })
}
