import type { IncomingMessage, ServerResponse } from 'node:http'
import { isRecord } from '../assembly/template.ts'
import type { Cloud } from '../cloud.ts'
import { verifyBuffered } from '../signature/index.ts'
import { AwsError } from './error.ts'

export interface RestCall {
  /** What stands in the path in the place of `:name`. */
  readonly names: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Empty where the request has none. */
  readonly body: Readonly<Record<string, unknown>>
}

export interface RestOperation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Segments that begin with a colon are names. */
  readonly path: string
  /** 200 where absent. */
  readonly statusCode?: number
  run(call: RestCall): object
}

/** A service of AWS's REST JSON protocol: the operation is a method and a path. */
export interface RestService {
  readonly signingName: string
  readonly maxBodyBytes: number
  readonly operations: readonly RestOperation[]
  /** Why an operation that AWS has does not run here, and what would do instead. */
  readonly notRunning: string
  /** How the service words what failed inside of it. */
  readonly internalError: string
  errorBody(code: string, message: string): object
}

/** Serves a REST JSON service: verifies the signature, answers, and never throws. */
export function serveRest(
  cloud: Cloud,
  service: RestService,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { signingName } = service
  return async (request, response) => {
    const requestId = cloud.uuid()
    const answer = (statusCode: number, body: object, headers: Record<string, string> = {}): void => {
      if (response.destroyed) return
      const json = Buffer.from(JSON.stringify(body))
      response.writeHead(statusCode, {
        'content-type': 'application/json',
        'content-length': json.length,
        'x-amzn-requestid': requestId,
        ...headers,
      })
      response.end(json)
    }
    try {
      const body = await readBody(request, service.maxBodyBytes)
      const { credentials, region } = cloud
      const verdict = verifyBuffered(request, body, { credentials, region, service: signingName, now: cloud.now() })
      if (!verdict.ok) throw new AwsError(verdict.code, verdict.message, verdict.statusCode)
      const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://local')
      for (const { method, path, statusCode, run } of service.operations) {
        const names = request.method === method ? matchPath(path, pathname) : undefined
        if (!names) continue
        answer(statusCode ?? 200, run({ names, query, body: parseBody(body) }))
        return
      }
      const message = `${request.method} ${pathname} does not run locally: ${service.notRunning}`
      throw new AwsError('NotImplemented', message, 501)
    } catch (error) {
      if (!(error instanceof AwsError)) {
        const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
        cloud.log({ level: 'error', from: signingName, message, requestId })
      }
      const { code, message, statusCode } =
        error instanceof AwsError
          ? error
          : new AwsError(service.internalError, 'The local runtime failed; see its log.', 500)
      answer(statusCode, service.errorBody(code, message), { 'x-amzn-errortype': code })
    }
  }
}

/** The values of `:names` in a path; undefined where it is another path. */
function matchPath(path: string, actual: string): Readonly<Record<string, string>> | undefined {
  const wanted = path.split('/')
  const given = actual.replace(/\/$/, '').split('/')
  if (wanted.length !== given.length) return undefined
  const names: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? ''
    if (segment.startsWith(':')) names[segment.slice(1)] = decodeURIComponent(value)
    else if (segment !== value) return undefined
  }
  return names
}

function parseBody(body: Buffer): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {}
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    throw new AwsError('BadRequestException', 'The request body is not JSON.')
  }
  if (!isRecord(value)) throw new AwsError('BadRequestException', 'The request body is not a JSON object.')
  return value
}

async function readBody(request: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes <= maxBytes) chunks.push(chunk)
  }
  if (bytes > maxBytes) throw new AwsError('RequestEntityTooLarge', `The body is larger than ${maxBytes} bytes.`, 413)
  return Buffer.concat(chunks)
}
