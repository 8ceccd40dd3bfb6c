import { createHash, createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HttpRequest } from '@smithy/core/protocols'
import { SignatureV4 } from '@smithy/signature-v4'
import type { Cloud } from '../cloud.ts'
import type { FunctionDeclaration } from './declaration.ts'
import type { LocalFunction } from './function.ts'
import { lambdaWire } from './wire.ts'

class Sha256 {
  readonly #hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data))
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {
    throw new Error('not used by the signer')
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  if (data instanceof ArrayBuffer) return Buffer.from(data)
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}

const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }
const accepted: string[] = []
let server: Server
let port: number

const target: LocalFunction = {
  declaration: {
    name: 'thumbnail',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:thumbnail',
    memoryMb: 512,
    timeoutMs: 30_000,
  } as FunctionDeclaration,
  warm: async () => {},
  hasRoom: () => true,
  invoke: async (payload) =>
    payload === '{"fail":true}'
      ? { ok: false, requestId: 'r', error: { errorType: 'TypeError', errorMessage: 'no' } }
      : { ok: true, requestId: 'r', payload },
  onRoom: () => () => {},
  stop: async () => {},
}

beforeAll(async () => {
  const cloud = {
    region: 'us-east-1',
    accountId: '000000000000',
    credentials,
    now: Date.now,
    uuid: () => 'id',
    log: () => {},
  }
  const wire = lambdaWire(cloud as Partial<Cloud> as Cloud, {
    all: () => [target],
    find: (name) => (name.split(':').at(-1) === 'thumbnail' ? target : undefined),
    accept: (_target, payload) => {
      accepted.push(payload)
      return 'r'
    },
  })
  server = createServer((request, response) => void wire.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(() => server.close())

async function call(
  method: string,
  path: string,
  body = '',
  headers: Record<string, string> = {},
  secret = credentials.secretAccessKey,
) {
  const signer = new SignatureV4({
    credentials: { ...credentials, secretAccessKey: secret },
    region: 'us-east-1',
    service: 'lambda',
    sha256: Sha256,
  })
  const signed = await signer.sign(
    new HttpRequest({ method, path, body, headers: { host: `127.0.0.1:${port}`, ...headers } }),
  )
  return fetch(`http://127.0.0.1:${port}${path}`, { method, headers: signed.headers, ...(body === '' ? {} : { body }) })
}

const functions = '/2015-03-31/functions'

test('a function is invoked and answers; its error is told by a header', async () => {
  const answer = await call('POST', `${functions}/thumbnail/invocations`, '{"a":1}')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('x-amz-function-error')).toBeNull()
  expect(await answer.json()).toEqual({ a: 1 })

  const failed = await call('POST', `${functions}/thumbnail/invocations`, '{"fail":true}')
  expect(failed.headers.get('x-amz-function-error')).toBe('Unhandled')
  expect(await failed.json()).toEqual({ errorType: 'TypeError', errorMessage: 'no' })
})

test('an event is accepted and a dry run does nothing', async () => {
  const event = await call('POST', `${functions}/thumbnail/invocations`, '{"b":2}', {
    'x-amz-invocation-type': 'Event',
  })
  expect(event.status).toBe(202)
  const dry = await call('POST', `${functions}/thumbnail/invocations`, '{}', { 'x-amz-invocation-type': 'DryRun' })
  expect(dry.status).toBe(204)
  expect(accepted).toEqual(['{"b":2}'])
})

test('functions are listed and described', async () => {
  const description = { FunctionName: 'thumbnail', MemorySize: 512, Timeout: 30, State: 'Active' }
  expect(await (await call('GET', functions)).json()).toMatchObject({ Functions: [description] })
  expect(await (await call('GET', `${functions}/thumbnail/configuration`)).json()).toMatchObject(description)
})

test.each<[string, () => Promise<Response>, number, string]>([
  [
    'an unknown function',
    () => call('POST', `${functions}/nobody/invocations`, '{}'),
    404,
    'ResourceNotFoundException',
  ],
  [
    'a body that is no JSON',
    () => call('POST', `${functions}/thumbnail/invocations`, '{'),
    400,
    'InvalidRequestContentException',
  ],
  ['an operation that does not run', () => call('DELETE', `${functions}/thumbnail`), 404, 'UnknownOperationException'],
  ['a wrong secret', () => call('GET', functions, '', {}, 'wrong'), 403, 'SignatureDoesNotMatch'],
])('%s is refused by name', async (_what, attempt, status, code) => {
  const answer = await attempt()
  expect(answer.status).toBe(status)
  expect(answer.headers.get('x-amzn-errortype')).toBe(code)
})
