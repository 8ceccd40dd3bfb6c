import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cloud, LogLine } from '../cloud.ts'
import { openDatabase } from '../database.ts'
import type { InvocationResult } from '../lambda/index.ts'
import { type ApiGateway, createApiGateway } from './index.ts'

type Properties = Readonly<Record<string, unknown>>
type Handler = (event: Record<string, unknown>) => unknown

const uri = (name: string) =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:${name}/invocations`

let folder: string
let cloud: Cloud
let gateway: ApiGateway
let server: Server
let origin: string
let now: number
let lines: LogLine[]
let functions: Record<string, Handler>
let events: Record<string, unknown>[]
let root: string
let api: string
let resources: Map<string, string>

function make(kind: string, logicalId: string, properties: Properties = {}) {
  const provisioner = gateway.provisioners[`AWS::ApiGateway::${kind}`]
  if (!provisioner) throw new Error(`nobody makes ${kind}`)
  const all =
    kind === 'RestApi' || kind === 'ApiKey' || kind.startsWith('UsagePlan')
      ? properties
      : { RestApiId: api, ...properties }
  return provisioner({ stack: 'S', logicalId, type: kind, generatedName: `S-${logicalId}`, properties: all })
}

/** A method that a function answers, below the root or another resource. */
function route(method: string, path: string, properties: Properties = {}): void {
  let parent = root
  let id = ''
  for (const PathPart of path.split('/').slice(1)) {
    id += `/${PathPart}`
    const known = resources.get(id)
    parent = known ?? make('Resource', id, { ParentId: parent, PathPart }).ref
    resources.set(id, parent)
  }
  const Integration = { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: uri('api') }
  make('Method', `${method} ${path}`, {
    HttpMethod: method,
    ResourceId: parent,
    AuthorizationType: 'NONE',
    Integration,
    ...properties,
  })
}

async function invoke(arn: string, payload: string): Promise<InvocationResult> {
  const name = arn.split(':').at(-1) ?? ''
  const event = JSON.parse(payload)
  events.push(event)
  try {
    const value = await functions[name]?.(event)
    return { ok: true, requestId: 'r', payload: JSON.stringify(value) ?? 'null' }
  } catch (error) {
    return { ok: false, requestId: 'r', error: { errorType: 'Error', errorMessage: (error as Error).message } }
  }
}

const policy = (effect: string, resource: unknown, context: object = {}) => ({
  principalId: 'alice',
  policyDocument: { Statement: [{ Effect: effect, Action: 'execute-api:Invoke', Resource: resource }] },
  context,
})

const call = (path: string, init?: RequestInit) => fetch(`${origin}/v1${path}`, init)
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  call(path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'api-'))
  now = Date.parse('2026-03-04T05:06:07Z')
  lines = []
  events = []
  resources = new Map()
  functions = { api: () => ({ statusCode: 200, body: 'ok' }) }
  let id = 0
  cloud = {
    region: 'us-east-1',
    accountId: '000000000000',
    dataDir: folder,
    db: openDatabase(folder),
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    now: () => now,
    uuid: () => `0000-${++id}`,
    log: (line) => lines.push(line),
  }
  server = createServer((request, response) => void gateway.handle(origin, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  gateway = createApiGateway(cloud, { origin: () => origin, invoke })
  const made = make('RestApi', 'Api', { Name: 'media' })
  api = made.ref
  root = made.attributes['RootResourceId'] ?? ''
  make('Stage', 'Stage', { StageName: 'v1', DeploymentId: 'd1', Variables: { colour: 'blue' } })
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  cloud.db.close()
  rmSync(folder, { recursive: true })
})

test('a function gets the proxy event as API Gateway gives it', async () => {
  route('POST', '/media/{id}/{rest+}')
  await post('/media/a%20b/x/y?tag=1&tag=2&q=a+b', '{"x":1}', { 'X-Custom': 'yes' })
  expect(events[0]).toMatchObject({
    resource: '/media/{id}/{rest+}',
    path: '/media/a%20b/x/y',
    httpMethod: 'POST',
    queryStringParameters: { tag: '2', q: 'a b' },
    multiValueQueryStringParameters: { tag: ['1', '2'], q: ['a b'] },
    pathParameters: { id: 'a b', rest: 'x/y' },
    stageVariables: { colour: 'blue' },
    body: '{"x":1}',
    isBase64Encoded: false,
    requestContext: {
      resourcePath: '/media/{id}/{rest+}',
      httpMethod: 'POST',
      path: '/v1/media/a%20b/x/y',
      accountId: '000000000000',
      protocol: 'HTTP/1.1',
      stage: 'v1',
      requestTime: '04/Mar/2026:05:06:07 +0000',
      requestTimeEpoch: now,
      requestId: '0000-1',
      apiId: api,
      identity: { sourceIp: '127.0.0.1' },
    },
  })
  const headers = events[0]?.['headers'] as Record<string, string>
  expect(Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-custom')?.[1]).toBe('yes')
})

test('without a query, path parameters or a body, the event says null', async () => {
  route('GET', '/media')
  await call('/media')
  expect(events[0]).toMatchObject({
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    body: null,
  })
})

test("a function's answer becomes the response, headers of several values too", async () => {
  functions['api'] = () => ({
    statusCode: 201,
    headers: { 'X-One': 1, 'WWW-Authenticate': 'Bearer' },
    multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
    body: 'made',
  })
  route('GET', '/media')
  const answer = await call('/media')
  expect(answer.status).toBe(201)
  expect(await answer.text()).toBe('made')
  expect(answer.headers.get('x-one')).toBe('1')
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(answer.headers.get('x-amzn-remapped-www-authenticate')).toBe('Bearer')
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.headers.get('x-amzn-requestid')).toBe('0000-1')
})

test.each<[string, unknown]>([
  ['no object', 'text'],
  ['null', null],
  ['no status', { body: 'x' }],
  ['a body that is an object', { statusCode: 200, body: {} }],
  ['a header that cannot be sent', { statusCode: 200, headers: { 'x-bad': 'a\nb' } }],
])('an answer with %s is a 502, and the log says why', async (_what, value) => {
  functions['api'] = () => value
  route('GET', '/media')
  const answer = await call('/media')
  expect(answer.status).toBe(502)
  expect(await answer.json()).toEqual({ message: 'Internal server error' })
  expect(lines.find(({ level }) => level === 'error')?.message).toContain('malformed answer')
})

test('a function that fails is a 502, and one that takes too long a 504', async () => {
  functions['api'] = ({ path }) => {
    if (path === '/fails') throw new Error('secret detail')
    return new Promise((resolve) => setTimeout(() => resolve({ statusCode: 200 }), 200))
  }
  const Integration = { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: uri('api'), TimeoutInMillis: 50 }
  route('GET', '/fails')
  route('GET', '/slow', { Integration })
  expect((await call('/fails')).status).toBe(502)
  const slow = await call('/slow')
  expect(slow.status).toBe(504)
  expect(await slow.json()).toEqual({ message: 'Endpoint request timed out' })
})

test('text wins over a parameter, and a parameter over the rest of the path', async () => {
  functions['api'] = ({ resource }) => ({ statusCode: 200, body: resource })
  for (const path of ['/media/{id}', '/media/upload', '/{proxy+}', '/media/{id}/parts']) route('GET', path)
  const reached = async (path: string) => (await call(path)).text()
  expect(await reached('/media/upload')).toBe('/media/upload')
  expect(await reached('/media/7')).toBe('/media/{id}')
  expect(await reached('/media/upload/parts')).toBe('/media/{id}/parts')
  expect(await reached('/media/7/other')).toBe('/{proxy+}')
})

test('unknown routes, methods and stages are refused as AWS refuses them', async () => {
  route('GET', '/media')
  for (const answer of [
    await call('/nothing'),
    await post('/media', ''),
    await fetch(`${origin}/v2/media`),
    await fetch(origin),
  ]) {
    expect(answer.status).toBe(403)
    expect(answer.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException')
    expect(await answer.json()).toEqual({ message: 'Missing Authentication Token' })
  }
  expect((await call('/%E0%A4%A')).status).toBe(400)
})

test('a preflight is answered by the MOCK integration', async () => {
  route('OPTIONS', '/media', {
    Integration: {
      Type: 'MOCK',
      RequestTemplates: { 'application/json': '{ statusCode: 200 }' },
      IntegrationResponses: [
        { StatusCode: '204', ResponseParameters: { 'method.response.header.Access-Control-Allow-Origin': "'*'" } },
      ],
    },
  })
  const answer = await call('/media', { method: 'OPTIONS' })
  expect(answer.status).toBe(204)
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
})

describe('a body that its model refuses', () => {
  beforeEach(() => {
    const Schema = {
      $schema: 'http://json-schema.org/draft-04/schema#',
      type: 'object',
      required: ['kind', 'bytes'],
      additionalProperties: false,
      properties: {
        kind: { enum: ['image', 'video'] },
        bytes: { type: 'integer', minimum: 0, exclusiveMinimum: true },
      },
    }
    const RequestModels = { 'application/json': make('Model', 'Upload', { Name: 'Upload', Schema }).ref }
    const RequestValidatorId = make('RequestValidator', 'Bodies', { ValidateRequestBody: true }).ref
    make('GatewayResponse', 'BadBody', {
      ResponseType: 'BAD_REQUEST_BODY',
      StatusCode: '422',
      ResponseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" },
      ResponseTemplates: {
        'application/problem+json':
          '{"detail":$context.error.messageString,"why":"$context.error.validationErrorString","id":"$context.requestId"}',
      },
    })
    route('POST', '/media', { RequestModels, RequestValidatorId })
  })

  test('passes where it fits', async () => {
    expect((await post('/media', '{"kind":"image","bytes":5}')).status).toBe(200)
  })

  test.each([
    ['{"kind":"image"}', '[object has missing required properties (["bytes"])]'],
    [
      '{"kind":"image","bytes":"5"}',
      '[instance type (string) does not match any allowed primitive type (allowed: ["integer"]) at /bytes]',
    ],
    ['{"kind":"image","bytes":5,"x":1}', '[object instance has properties which are not allowed by the schema: ["x"]]'],
    ['{"kind":', '[Unable to parse body]'],
  ])('%s is refused in the words of the gateway response', async (body, why) => {
    const answer = await post('/media', body)
    expect(answer.status).toBe(422)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    const text = await answer.text()
    expect(text).toContain('"detail":"Invalid request body"')
    expect(text).toContain(`"why":"${why}"`)
    expect(text).toMatch(/"id":"0000-\d+"/)
    expect(events).toEqual([])
  })
})

test('a required parameter that is missing is named', async () => {
  const RequestValidatorId = make('RequestValidator', 'Parameters', { ValidateRequestParameters: true }).ref
  const RequestParameters = {
    'method.request.header.Idempotency-Key': true,
    'method.request.querystring.size': true,
    'method.request.querystring.other': false,
  }
  route('GET', '/media', { RequestValidatorId, RequestParameters })
  expect(await (await call('/media')).json()).toEqual({
    message: 'Missing required request parameters: [Idempotency-Key, size]',
  })
  expect((await call('/media?size=1', { headers: { 'idempotency-key': 'k' } })).status).toBe(200)
})

test('a body over 10 MB is refused', async () => {
  route('POST', '/media')
  const status = await new Promise((resolve, reject) => {
    const request = httpRequest(`${origin}/v1/media`, {
      method: 'POST',
      headers: { 'content-length': 11 * 1024 * 1024 },
    })
    request.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject)
    request.write('x')
  })
  expect(status).toBe(413)
  expect(events).toEqual([])
})

describe('a token authorizer', () => {
  const bearer = (token: string) => ({ headers: { authorization: token } })
  beforeEach(() => {
    const AuthorizerId = make('Authorizer', 'Auth', {
      Type: 'TOKEN',
      AuthorizerUri: uri('authorizer'),
      IdentitySource: 'method.request.header.Authorization',
      IdentityValidationExpression: 'Bearer .+',
      AuthorizerResultTtlInSeconds: 60,
    }).ref
    const properties = { AuthorizationType: 'CUSTOM', AuthorizerId }
    route('GET', '/media', properties)
    route('GET', '/secret', properties)
    functions['authorizer'] = ({ methodArn }) => policy('Allow', methodArn, { uid: 'u1', admin: false, age: 7 })
  })

  test('lets its caller through, with the context as strings', async () => {
    expect((await call('/media', bearer('Bearer a'))).status).toBe(200)
    expect(events[0]).toEqual({
      type: 'TOKEN',
      authorizationToken: 'Bearer a',
      methodArn: `arn:aws:execute-api:us-east-1:000000000000:${api}/v1/GET/media`,
    })
    expect(events[1]).toMatchObject({
      requestContext: { authorizer: { principalId: 'alice', uid: 'u1', admin: 'false', age: '7' } },
    })
  })

  test('is not asked without a token, nor with one of another form', async () => {
    for (const init of [undefined, bearer('Basic x')]) {
      const answer = await call('/media', init)
      expect(answer.status).toBe(401)
      expect(await answer.json()).toEqual({ message: 'Unauthorized' })
    }
    expect(events).toEqual([])
  })

  test('denies explicitly or by saying nothing', async () => {
    functions['authorizer'] = ({ authorizationToken }) =>
      policy(authorizationToken === 'Bearer no' ? 'Deny' : 'Allow', 'arn:aws:execute-api:*/v1/GET/other')
    const silent = await call('/media', bearer('Bearer a'))
    expect(silent.status).toBe(403)
    expect(await silent.json()).toEqual({ message: 'User is not authorized to access this resource' })
    functions['authorizer'] = () => policy('Deny', '*')
    const denied = await call('/media', bearer('Bearer b'))
    expect(await denied.json()).toEqual({
      message: 'User is not authorized to access this resource with an explicit deny',
    })
  })

  test("answers 401 by throwing 'Unauthorized', and 500 for any other failure", async () => {
    functions['authorizer'] = () => {
      throw new Error('Unauthorized')
    }
    expect((await call('/media', bearer('Bearer a'))).status).toBe(401)
    functions['authorizer'] = () => {
      throw new Error('database is down')
    }
    expect((await call('/media', bearer('Bearer a'))).status).toBe(500)
    functions['authorizer'] = () => ({ principalId: 'alice' })
    expect((await call('/media', bearer('Bearer a'))).status).toBe(500)
  })

  test('is asked once for a token while its answer is cached, and its policy judges each method', async () => {
    const asked = () => events.filter(({ type }) => type === 'TOKEN').length
    await call('/media', bearer('Bearer a'))
    await call('/media', bearer('Bearer a'))
    expect(asked()).toBe(1)
    expect((await call('/secret', bearer('Bearer a'))).status).toBe(403)
    expect(asked()).toBe(1)
    now += 60_000
    await call('/media', bearer('Bearer a'))
    expect(asked()).toBe(2)
  })
})

test('a request authorizer sees the request, and its cache goes by every identity source', async () => {
  const AuthorizerId = make('Authorizer', 'Auth', {
    Type: 'REQUEST',
    AuthorizerUri: uri('authorizer'),
    IdentitySource: 'method.request.header.Authorization,method.request.querystring.tenant',
  }).ref
  route('GET', '/media/{id}', { AuthorizationType: 'CUSTOM', AuthorizerId })
  functions['authorizer'] = () => policy('Allow', '*')
  const headers = { authorization: 'a' }
  expect((await call('/media/7?tenant=x', { headers })).status).toBe(200)
  expect(events[0]).toMatchObject({
    type: 'REQUEST',
    pathParameters: { id: '7' },
    queryStringParameters: { tenant: 'x' },
  })
  expect(events[0]).not.toHaveProperty('body')
  expect((await call('/media/7', { headers })).status).toBe(401)
  await call('/media/7?tenant=y', { headers })
  await call('/media/7?tenant=x', { headers })
  expect(events.filter(({ type }) => type === 'REQUEST')).toHaveLength(2)
})

test("a stage's throttle lets a burst through, then so many a second; a method may have its own", async () => {
  make('Stage', 'Throttled', {
    StageName: 'v1',
    DeploymentId: 'd1',
    MethodSettings: [
      { HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2 },
      { HttpMethod: 'GET', ResourcePath: '/~1media~1{id}', ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 },
    ],
  })
  route('GET', '/media')
  route('GET', '/media/{id}')
  const statuses = async (path: string, times: number) => {
    const all: number[] = []
    for (let i = 0; i < times; i += 1) all.push((await call(path)).status)
    return all
  }
  expect(await statuses('/media', 3)).toEqual([200, 200, 429])
  expect(await statuses('/media/7', 2)).toEqual([200, 429])
  now += 1000
  expect(await statuses('/media', 2)).toEqual([200, 429])
})

test('a method that needs an API key takes one of a usage plan of its stage', async () => {
  const KeyId = make('ApiKey', 'Key', { Enabled: true, Value: 'k'.repeat(20) }).ref
  make('ApiKey', 'Stray', { Enabled: true, Value: 's'.repeat(20) })
  const UsagePlanId = make('UsagePlan', 'Plan', {
    ApiStages: [{ ApiId: api, Stage: 'v1' }],
    Throttle: { RateLimit: 1, BurstLimit: 1 },
  }).ref
  make('UsagePlanKey', 'PlanKey', { KeyId, UsagePlanId, KeyType: 'API_KEY' })
  route('GET', '/media', { ApiKeyRequired: true })
  expect((await call('/media')).status).toBe(403)
  expect((await call('/media', { headers: { 'x-api-key': 's'.repeat(20) } })).status).toBe(403)
  expect((await call('/media', { headers: { 'x-api-key': 'k'.repeat(20) } })).status).toBe(200)
  expect((await call('/media', { headers: { 'x-api-key': 'k'.repeat(20) } })).status).toBe(429)
})

test('binary bodies pass as base64 where the API says so', async () => {
  make('RestApi', 'Api', { BinaryMediaTypes: ['image/png'] })
  make('Stage', 'Stage', { StageName: 'v1', DeploymentId: 'd1' })
  functions['api'] = ({ body }) => ({
    statusCode: 200,
    body,
    isBase64Encoded: true,
    headers: { 'content-type': 'image/png' },
  })
  route('POST', '/media')
  const bytes = new Uint8Array([0, 255, 137, 80])
  const answer = await call('/media', {
    method: 'POST',
    body: bytes,
    headers: { 'content-type': 'image/png', accept: 'image/png' },
  })
  expect(events[0]).toMatchObject({ isBase64Encoded: true, body: 'AP+JUA==' })
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes)
})

test.each<[string, () => unknown, string]>([
  [
    'an integration',
    () => route('GET', '/x', { Integration: { Type: 'HTTP_PROXY', Uri: 'https://x' } }),
    'Integration.Type HTTP_PROXY',
  ],
  ['an authorization', () => route('GET', '/x', { AuthorizationType: 'AWS_IAM' }), 'AuthorizationType AWS_IAM'],
  [
    'a template',
    () =>
      make('GatewayResponse', 'G', { ResponseType: 'THROTTLED', ResponseTemplates: { 'text/plain': '#if(1)x#end' } }),
    '#if is not run here',
  ],
  ['a model', () => make('Model', 'M', { Schema: { $schema: 'http://json-schema.org/draft-07/schema#' } }), 'draft 4'],
  ['a policy', () => make('RestApi', 'P', { Policy: {} }), 'Policy is not run here'],
  [
    'a cache',
    () => make('Stage', 'C', { StageName: 'c', DeploymentId: 'd', CacheClusterEnabled: true }),
    'CacheClusterEnabled is not run here',
  ],
])('%s that does not run is named', (_what, work, message) => {
  expect(work).toThrow(message)
})
