import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Cloud } from '../cloud.ts'
import { verifyBuffered } from '../signature/index.ts'
import { AwsError } from './error.ts'
import { Input, type Wording } from './input.ts'

export interface Call {
  /** Aborted when the caller went away. */
  readonly signal: AbortSignal
}

/** Answers one operation; what it throws becomes an AWS error answer. */
export type Operation = (input: Input, call: Call) => object | Promise<object>

/** A service of AWS's JSON protocols, 1.0 and 1.1: the operation stands in X-Amz-Target, the input in the body. */
export interface JsonService {
  readonly signingName: string
  /** What stands before the dot in X-Amz-Target. */
  readonly target: string
  readonly version: '1.0' | '1.1'
  /** What stands before an error's code, as `com.amazonaws.sqs#`. */
  readonly errorNamespace?: string
  /** The code of AWS's older query protocol, which SQS clients read from `x-amzn-query-error`. */
  readonly queryErrorCode?: (code: string) => string
  readonly maxBodyBytes: number
  readonly wording: Wording
  readonly operations: Readonly<Record<string, Operation>>
  /** Operations that AWS has and this runtime has not, each with a sentence about what to do instead. */
  readonly notRunning: Readonly<Record<string, string>>
}

/** Serves a JSON service: verifies the signature, answers, and never throws. */
export function serveJson(
  cloud: Cloud,
  service: JsonService,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const requestId = cloud.uuid()
    const answer = (statusCode: number, body: object, headers: Record<string, string> = {}) => {
      if (response.destroyed) return
      const json = Buffer.from(JSON.stringify(body))
      response.writeHead(statusCode, {
        'content-type': `application/x-amz-json-${service.version}`,
        'content-length': json.length,
        'x-amzn-requestid': requestId,
        ...headers,
      })
      response.end(json)
    }

    const gone = new AbortController()
    response.once('close', () => gone.abort())
    try {
      const body = await readBody(request, service.maxBodyBytes)
      const { credentials, region } = cloud
      const verdict = verifyBuffered(request, body, {
        credentials,
        region,
        service: service.signingName,
        now: cloud.now(),
      })
      if (!verdict.ok) throw new AwsError(verdict.code, verdict.message, verdict.statusCode)
      const operation = findOperation(service, request.headers['x-amz-target'])
      answer(200, await operation(parseInput(body, service.wording), { signal: gone.signal }))
    } catch (error) {
      if (!(error instanceof AwsError)) {
        const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
        cloud.log({ level: 'error', from: service.signingName, message, requestId })
      }
      const { code, message, statusCode } =
        error instanceof AwsError
          ? error
          : new AwsError('InternalFailure', 'The local runtime failed; see its log.', 500)
      const fault = statusCode < 500 ? 'Sender' : 'Receiver'
      answer(
        statusCode,
        { __type: `${service.errorNamespace ?? ''}${code}`, message },
        service.queryErrorCode ? { 'x-amzn-query-error': `${service.queryErrorCode(code)};${fault}` } : {},
      )
    }
  }
}

function findOperation(service: JsonService, target: string | string[] | undefined): Operation {
  const [prefix, name = ''] = String(target ?? '').split('.')
  if (prefix === service.target) {
    const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined
    if (operation) return operation
    const instead = Object.hasOwn(service.notRunning, name) ? service.notRunning[name] : undefined
    if (instead) throw new AwsError('NotImplemented', `${name} does not run locally: ${instead}`, 501)
  }
  throw new AwsError('UnknownOperationException', `${target ? `"${target}"` : 'No X-Amz-Target'} is no operation here.`)
}

function parseInput(body: Buffer, wording: Wording): Input {
  let value: unknown
  try {
    value = body.length === 0 ? {} : JSON.parse(body.toString('utf8'))
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AwsError('SerializationException', 'The request body is not a JSON object.')
  return new Input({ ...value }, wording)
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= maxBytes) chunks.push(chunk)
  }
  if (bytes > maxBytes) throw new AwsError('RequestEntityTooLarge', `The body is larger than ${maxBytes} bytes.`, 413)
  return Buffer.concat(chunks)
}
