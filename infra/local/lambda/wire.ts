import type { IncomingMessage } from 'node:http'
import { AwsError } from '../aws-json/error.ts'
import type { Cloud, WireService } from '../cloud.ts'
import { verifyBuffered } from '../signature/index.ts'
import type { FunctionDeclaration } from './declaration.ts'
import type { LocalFunction } from './function.ts'

export interface WireFunctions {
  all(): readonly LocalFunction[]
  /** By name, ARN or partial ARN. */
  find(nameOrArn: string): LocalFunction | undefined
  accept(target: LocalFunction, payload: string): string
}

interface Answer {
  readonly statusCode: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

const FUNCTIONS = '/2015-03-31/functions'
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024

/** Lambda's REST API, as far as clients need it to see functions and invoke them. */
export function lambdaWire(cloud: Cloud, functions: WireFunctions): Pick<WireService, 'signingNames' | 'handle'> {
  const operate = async (request: IncomingMessage, body: Buffer): Promise<Answer> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://local')
    const path = pathname.replace(/\/$/, '')
    if (request.method === 'GET' && path === FUNCTIONS) {
      return json({ Functions: functions.all().map(({ declaration }) => configuration(declaration)) })
    }
    const [, name, action] = /^\/2015-03-31\/functions\/([^/]+)\/?(.*)$/.exec(path) ?? []
    if (name !== undefined) {
      const wanted = decodeURIComponent(name)
      const target = functions.find(wanted)
      if (!target) {
        const arn = `arn:aws:lambda:${cloud.region}:${cloud.accountId}:function:${wanted}`
        throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404)
      }
      if (request.method === 'GET' && action === 'configuration') return json(configuration(target.declaration))
      if (request.method === 'POST' && action === 'invocations') {
        const qualifier = searchParams.get('Qualifier') ?? '$LATEST'
        if (qualifier !== '$LATEST') {
          throw new AwsError(
            'ResourceNotFoundException',
            `Function not found: ${target.declaration.arn}:${qualifier}`,
            404,
          )
        }
        return invoke(target, request, body)
      }
    }
    const message = `${request.method} ${path} does not run locally; Invoke, ListFunctions and GetFunctionConfiguration do.`
    throw new AwsError('UnknownOperationException', message, 404)
  }

  const invoke = async (target: LocalFunction, request: IncomingMessage, body: Buffer): Promise<Answer> => {
    const payload = body.length === 0 ? '{}' : body.toString('utf8')
    try {
      JSON.parse(payload)
    } catch {
      throw new AwsError('InvalidRequestContentException', 'Could not parse request body into json.')
    }
    const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse'
    if (type === 'DryRun') return { statusCode: 204, body: '' }
    if (type === 'Event') {
      functions.accept(target, payload)
      return { statusCode: 202, body: '' }
    }
    if (type !== 'RequestResponse') {
      throw new AwsError('InvalidParameterValueException', `InvocationType ${String(type)} is not known.`)
    }
    const result = await target.invoke(payload)
    const headers = { 'x-amz-executed-version': '$LATEST' }
    if (result.ok) return { statusCode: 200, body: result.payload, headers }
    const { errorType, errorMessage } = result.error
    if (errorType === 'TooManyRequestsException') throw new AwsError(errorType, errorMessage, 429)
    if (errorType === 'ServiceException') throw new AwsError(errorType, errorMessage, 500)
    return {
      statusCode: 200,
      body: JSON.stringify(result.error),
      headers: { ...headers, 'x-amz-function-error': 'Unhandled' },
    }
  }

  return {
    signingNames: ['lambda'],
    async handle(request, response) {
      const requestId = cloud.uuid()
      const send = ({ statusCode, body, headers }: Answer): void => {
        if (response.destroyed) return
        response.writeHead(statusCode, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'x-amzn-requestid': requestId,
          ...headers,
        })
        response.end(body)
      }
      try {
        const body = await readBody(request)
        const { credentials, region } = cloud
        const verdict = verifyBuffered(request, body, { credentials, region, service: 'lambda', now: cloud.now() })
        if (!verdict.ok) throw new AwsError(verdict.code, verdict.message, verdict.statusCode)
        send(await operate(request, body))
      } catch (error) {
        if (!(error instanceof AwsError)) {
          const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
          cloud.log({ level: 'error', from: 'lambda', message, requestId })
        }
        const { code, message, statusCode } =
          error instanceof AwsError
            ? error
            : new AwsError('ServiceException', 'The local runtime failed; see its log.', 500)
        const body = JSON.stringify({ Type: statusCode < 500 ? 'User' : 'Service', Message: message, message })
        send({ statusCode, body, headers: { 'x-amzn-errortype': code } })
      }
    },
  }
}

function json(value: object): Answer {
  return { statusCode: 200, body: JSON.stringify(value) }
}

function configuration(declaration: FunctionDeclaration): object {
  return {
    FunctionName: declaration.name,
    FunctionArn: declaration.arn,
    Runtime: declaration.runtime,
    Role: declaration.role,
    Handler: declaration.handler,
    Description: declaration.description,
    Timeout: declaration.timeoutMs / 1000,
    MemorySize: declaration.memoryMb,
    Version: '$LATEST',
    PackageType: 'Zip',
    Architectures: [declaration.architecture],
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Environment: { Variables: declaration.environment },
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= MAX_PAYLOAD_BYTES) chunks.push(chunk)
  }
  if (bytes > MAX_PAYLOAD_BYTES) {
    throw new AwsError(
      'RequestTooLargeException',
      `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${MAX_PAYLOAD_BYTES} bytes)`,
      413,
    )
  }
  return Buffer.concat(chunks)
}
