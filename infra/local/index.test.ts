import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import type { LogLine } from './cloud.ts'
import { type LocalCloud, type LocalOptions, startLocal } from './index.ts'

/** A real app, synthesized once by a process of its own: two stacks, an API, a bus, a queue, functions from assets. */
const APP = `
const { App, Aws, CfnOutput, Duration, Stack } = require('aws-cdk-lib')
const apigateway = require('aws-cdk-lib/aws-apigateway')
const events = require('aws-cdk-lib/aws-events')
const targets = require('aws-cdk-lib/aws-events-targets')
const lambda = require('aws-cdk-lib/aws-lambda')
const { SqsEventSource } = require('aws-cdk-lib/aws-lambda-event-sources')
const s3 = require('aws-cdk-lib/aws-s3')
const sqs = require('aws-cdk-lib/aws-sqs')

const app = new App({
  context: require('aws-cdk-lib/recommended-feature-flags.json'),
  builtinCloudFormationValidation: false,
  analyticsReporting: false,
  outdir: process.argv[1],
})
const storage = new Stack(app, 'Storage')
const bus = new events.EventBus(storage, 'Bus', { eventBusName: 'media' })
const queue = new sqs.Queue(storage, 'Queue', {
  visibilityTimeout: Duration.seconds(30),
  deadLetterQueue: { queue: new sqs.Queue(storage, 'Dead'), maxReceiveCount: 3 },
})
new s3.Bucket(storage, 'Bucket')

const backend = new Stack(app, 'Backend')
const fn = (id, props = {}) =>
  new lambda.Function(backend, id, {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromAsset('functions/' + id),
    ...props,
  })
const consumer = fn('consumer', { environment: { QUEUE_URL: queue.queueUrl } })
consumer.addEventSource(new SqsEventSource(queue, { batchSize: 1, reportBatchItemFailures: true, maxConcurrency: 2 }))
const direct = fn('direct')
const eventPattern = { source: ['test'], detail: { kind: ['image'] } }
new events.Rule(storage, 'ToQueue', { eventBus: bus, eventPattern, targets: [new targets.SqsQueue(queue)] })
new events.Rule(backend, 'ToFunction', { eventBus: bus, eventPattern, targets: [new targets.LambdaFunction(direct)] })

const api = new apigateway.RestApi(backend, 'Api', {
  deployOptions: { stageName: 'v1' },
  defaultCorsPreflightOptions: { allowOrigins: ['https://one.example', 'https://two.example'] },
})
const authorizer = new apigateway.TokenAuthorizer(backend, 'Authorizer', { handler: fn('authorizer') })
const upload = api.root.addResource('media').addResource('upload')
upload.addMethod('POST', new apigateway.LambdaIntegration(fn('upload', { environment: { API: 'https://' + api.restApiId + '.execute-api.' + Aws.REGION + '.' + Aws.URL_SUFFIX + '/v1/media' } })), {
  authorizer,
  requestModels: {
    'application/json': api.addModel('Upload', {
      schema: { type: 'object', required: ['kind'], properties: { kind: { type: 'string' } }, additionalProperties: false },
    }),
  },
  requestValidatorOptions: { validateRequestBody: true },
})
new CfnOutput(backend, 'UploadUrl', { value: api.urlForPath('/media/upload') })
app.synth()
`

const FUNCTIONS = {
  consumer: `exports.handler = async ({ Records }) => { console.log('consumed', Records[0].body, process.env.QUEUE_URL) }`,
  direct: `exports.handler = async (event) => { console.log('direct', event.detail.id) }`,
  authorizer: `exports.handler = async ({ authorizationToken, methodArn }) => ({
    principalId: authorizationToken,
    policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: methodArn }] },
  })`,
  upload: `exports.handler = async (event) => ({
    statusCode: 201,
    body: JSON.stringify({ by: event.requestContext.authorizer.principalId, api: process.env.API, kind: JSON.parse(event.body).kind }),
  })`,
}

const root = join(import.meta.dirname, '..', '..')
let folder: string
let assemblyDir: string
let lines: LogLine[]
let cloud: LocalCloud | undefined

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-'))
  assemblyDir = join(folder, 'cdk.out')
  for (const [name, source] of Object.entries(FUNCTIONS)) {
    mkdirSync(join(folder, 'functions', name), { recursive: true })
    writeFileSync(join(folder, 'functions', name, 'index.js'), source)
  }
  const environment = {
    PATH: process.env['PATH'] ?? '',
    NODE_PATH: join(root, 'node_modules'),
    AWS_EC2_METADATA_DISABLED: 'true',
  }
  execFileSync(process.execPath, ['-e', APP, assemblyDir], { cwd: folder, env: environment, stdio: 'pipe' })
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true }))

beforeEach(() => {
  lines = []
})
afterEach(async () => {
  await cloud?.stop()
  cloud = undefined
})

async function start(options: Partial<LocalOptions> = {}): Promise<LocalCloud> {
  cloud = await startLocal({
    assemblyDir,
    dataDir: join(folder, 'data'),
    port: 0,
    log: (line) => lines.push(line),
    ...options,
  })
  return cloud
}

async function logged(text: string): Promise<LogLine> {
  const deadline = performance.now() + 10_000
  for (;;) {
    const line = lines.find(({ message }) => message.includes(text))
    if (line) return line
    if (performance.now() > deadline)
      throw new Error(`nobody logged ${text}:\n${lines.map((l) => l.message).join('\n')}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

test('an event put by the SDK goes through the rule to the queue and the functions', async () => {
  const { endpoint, credentials, region } = await start()
  const client = new EventBridgeClient({ endpoint, credentials, region })
  const entry = (kind: string, id: string) => ({
    EventBusName: 'media',
    Source: 'test',
    DetailType: 'MediaUploaded.v1',
    Detail: JSON.stringify({ kind, id }),
  })
  const answer = await client.send(new PutEventsCommand({ Entries: [entry('video', 'no'), entry('image', 'photo-7')] }))
  client.destroy()

  expect(answer.FailedEntryCount).toBe(0)
  const consumed = await logged('consumed')
  expect(consumed.message).toContain('"id":"photo-7"')
  expect(consumed.message).toContain(`${endpoint}/000000000000/`)
  expect((await logged('direct')).message).toBe('direct photo-7')
})

test('the API that the template describes answers at its local address', async () => {
  const { apis, outputs } = await start()
  const [api] = apis
  expect(api?.stage).toBe('v1')
  const url = outputs['Backend']?.['UploadUrl'] ?? ''
  expect(url).toBe(`${api?.url}/media/upload`)

  const post = (body: string, headers: Record<string, string> = { authorization: 'alice' }) =>
    fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
  const created = await post('{"kind":"image"}')
  expect(created.status).toBe(201)
  expect(await created.json()).toEqual({ by: 'alice', api: `${api?.url}/media`, kind: 'image' })

  expect((await post('{"kind":"image"}', {})).status).toBe(401)
  expect((await post('{}')).status).toBe(400)
  expect((await fetch(`${api?.url}/nothing`)).status).toBe(403)

  const preflight = await fetch(url, { method: 'OPTIONS', headers: { origin: 'https://two.example' } })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-origin')).toBe('https://two.example')
})

test('credentials stay with the data folder, and a second runtime on it is refused', async () => {
  const first = await start()
  expect(first.credentials.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/)
  await expect(startLocal({ assemblyDir, dataDir: join(folder, 'data'), port: 0, log: () => {} })).rejects.toThrow(
    'is in use',
  )
  await first.stop()
  expect((await start()).credentials).toEqual(first.credentials)
})

test('a busy port is replaced by the next free one, and the log says so', async () => {
  const busy = createServer()
  const port = await new Promise<number>((resolve) => {
    busy.listen(0, '127.0.0.1', () => resolve((busy.address() as { port: number }).port))
  })
  const { endpoint } = await start({ port }).finally(() => busy.close())
  expect(endpoint).not.toBe(`http://127.0.0.1:${port}`)
  expect(lines.find(({ level }) => level === 'warn')?.message).toBe(
    `port ${port} is taken: the AWS endpoint is on ${new URL(endpoint).port}`,
  )
})

test('a Host that is not loopback is refused, on the services and on the API', async () => {
  const { endpoint, apis } = await start()
  for (const url of [endpoint, apis[0]?.url ?? '']) {
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(url, { headers: { host: 'rebound.example' } }, (response) =>
        resolve(response.resume().statusCode),
      )
      request.on('error', reject).end()
    })
    expect(status).toBe(403)
  }
})

test('a service that does not run is named, beside those that do', async () => {
  const { endpoint } = await start()
  const authorization =
    'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0'
  const answer = await fetch(endpoint, { method: 'POST', headers: { authorization } })
  expect(answer.status).toBe(501)
  expect(await answer.json()).toMatchObject({
    message:
      'The service "dynamodb" does not run locally. These do: s3, sqs, events, schemas, rekognition, mediaconvert, lambda.',
  })
})

test('an assembly with something that does not run starts nothing', async () => {
  const odd = join(folder, 'odd.out')
  mkdirSync(odd)
  const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 'odd.json' } }
  writeFileSync(join(odd, 'manifest.json'), JSON.stringify({ artifacts: { Odd: stack } }))
  writeFileSync(join(odd, 'odd.json'), JSON.stringify({ Resources: { Table: { Type: 'AWS::DynamoDB::Table' } } }))
  const dataDir = join(folder, 'odd-data')
  await expect(start({ assemblyDir: odd, dataDir })).rejects.toThrow(
    'Odd/Table (AWS::DynamoDB::Table): this type is not run here',
  )
  await start({ dataDir }) // the folder is free again
})
