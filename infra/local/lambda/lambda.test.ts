import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cloud, LogLine, QueueReader, ReceivedMessage } from '../cloud.ts'
import { openDatabase } from '../database.ts'
import { createLambda, type Lambda, type LambdaOptions } from './index.ts'

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:uploads'

let folder: string
let cloud: Cloud
let lines: LogLine[]
let delivered: [target: string, body: string][]
let lambda: Lambda
let queue: ReturnType<typeof fakeQueue>

/** A queue without time: hidden messages come back when the test says so. */
function fakeQueue() {
  const visible: ReceivedMessage[] = []
  const hidden = new Map<string, ReceivedMessage>()
  const listeners = new Set<() => void>()
  const deleted: string[] = []
  const announce = (): void => {
    for (const listener of listeners) listener()
  }
  const reader: QueueReader = {
    receive(_queue, max) {
      const taken = visible.splice(0, max)
      for (const message of taken) hidden.set(message.receiptHandle, message)
      return taken
    },
    delete(_queue, handles) {
      for (const handle of handles) {
        const message = hidden.get(handle)
        if (message) deleted.push(message.messageId)
        hidden.delete(handle)
      }
    },
    changeVisibility(_queue, handle) {
      const message = hidden.get(handle)
      if (message) visible.push(message)
      hidden.delete(handle)
    },
    releaseInFlight() {
      visible.push(...hidden.values())
      hidden.clear()
      announce()
    },
    holds: (_queue, text) => [...visible, ...hidden.values()].some(({ body }) => body.includes(text)),
    onVisible(_queue, callback) {
      listeners.add(callback)
      return () => listeners.delete(callback)
    },
  }
  return {
    reader,
    deleted,
    hidden: () => [...hidden.values()].map(({ messageId }) => messageId),
    send(...ids: string[]) {
      for (const id of ids) {
        visible.push({
          messageId: id,
          receiptHandle: `handle-${id}`,
          body: JSON.stringify({ id }),
          md5OfBody: 'd41d8cd98f00b204e9800998ecf8427e',
          attributes: { ApproximateReceiveCount: '1' },
          messageAttributes: { kind: { DataType: 'String', StringValue: 'image' } },
        })
      }
      announce()
    },
    visibilityTimeoutOver() {
      visible.push(...hidden.values())
      hidden.clear()
      announce()
    },
  }
}

function bundle(name: string, source: string, file = 'index.js'): string {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, file), source)
  return path
}

function declare(name: string, source: string, properties: object = {}, file = 'index.js') {
  bundle(name, source, file)
  return lambda.provisioners['AWS::Lambda::Function']?.({
    stack: 'Media',
    logicalId: name,
    type: 'AWS::Lambda::Function',
    generatedName: `Media-${name}`,
    properties: {
      FunctionName: name,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { S3Key: name },
      ...properties,
    },
  })
}

function map(functionName: string, properties: object = {}): void {
  lambda.provisioners['AWS::Lambda::EventSourceMapping']?.({
    stack: 'Media',
    logicalId: `${functionName}Source`,
    type: 'AWS::Lambda::EventSourceMapping',
    generatedName: `Media-${functionName}Source`,
    properties: { EventSourceArn: QUEUE, FunctionName: functionName, ...properties },
  })
}

function create(options: Partial<LambdaOptions> = {}): Lambda {
  return createLambda(cloud, {
    endpoint: 'http://127.0.0.1:4566',
    queues: queue.reader,
    deliver: (target, body) => delivered.push([target, body]),
    assetPath: (_stack, key) => join(folder, key),
    extraEnvironment: { FIRESTORE_EMULATOR_HOST: '127.0.0.1:8080' },
    graceMs: 500,
    ...options,
  })
}

async function eventually(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it did not happen within 10 s')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lambda-'))
  lines = []
  delivered = []
  let id = 0
  cloud = {
    region: 'us-east-1',
    accountId: '000000000000',
    dataDir: folder,
    db: openDatabase(join(folder, 'data')),
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    now: Date.now,
    uuid: () => `request-${++id}`,
    log: (line) => lines.push(line),
  }
  queue = fakeQueue()
  lambda = create()
})

afterEach(async () => {
  await lambda.stop()
  cloud.db.close()
  rmSync(folder, { recursive: true })
})

test('a batch reaches the function as Lambda gives it, and is deleted once it succeeded', async () => {
  declare('echo', 'exports.handler = async (event) => { console.log(JSON.stringify(event)) }')
  map('echo', { BatchSize: 2 })
  lambda.start()
  queue.send('m1', 'm2')

  await eventually(() => queue.deleted.length === 2)
  const logged = lines.find(({ from }) => from === 'lambda:echo')
  expect(logged).toMatchObject({ level: 'info', requestId: 'request-1' })
  expect(JSON.parse(logged?.message ?? '')).toMatchObject({
    Records: [
      {
        messageId: 'm1',
        receiptHandle: 'handle-m1',
        body: '{"id":"m1"}',
        attributes: { ApproximateReceiveCount: '1' },
        messageAttributes: { kind: { stringValue: 'image', dataType: 'String', stringListValues: [] } },
        eventSource: 'aws:sqs',
        eventSourceARN: QUEUE,
        awsRegion: 'us-east-1',
      },
      { messageId: 'm2' },
    ],
  })
})

test('it tells which functions a message is before, or in work at, by a text in it', async () => {
  declare('slow', `exports.handler = () => new Promise((resolve) => setTimeout(resolve, 100))`)
  map('slow', { BatchSize: 1 })
  queue.send('m1', 'm2')
  expect(lambda.atWorkOn('m2')).toEqual(['slow'])
  lambda.start()
  await eventually(() => queue.hidden().includes('m2'))
  expect([lambda.atWorkOn('m2'), lambda.atWorkOn('m3')]).toEqual([['slow'], []])
  await eventually(() => queue.deleted.length === 2)
  expect(lambda.atWorkOn('m2')).toEqual([])
})

test('only the items that a batch reports stay in the queue', async () => {
  declare('partial', `exports.handler = async () => ({ batchItemFailures: [{ itemIdentifier: 'bad' }] })`)
  map('partial', { FunctionResponseTypes: ['ReportBatchItemFailures'] })
  lambda.start()
  queue.send('good', 'bad', 'fine')

  await eventually(() => queue.deleted.length === 2)
  expect(queue.deleted).toEqual(['good', 'fine'])
  expect(queue.hidden()).toEqual(['bad'])
})

test('messages that an earlier run held when it died are handled by the next one at once, each once', async () => {
  queue.send('a', 'b')
  queue.reader.receive(QUEUE, 10)
  for (const name of ['one', 'two']) {
    declare(name, `exports.handler = async (event) => { console.log(event.Records.map((r) => r.messageId).join()) }`)
    map(name, { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } })
  }
  expect(queue.hidden()).toEqual(['a', 'b'])
  lambda.start()
  await eventually(() => queue.deleted.length === 2)
  expect(lines.map(({ message }) => message).sort()).toEqual(['a', 'b'])
})

test('messages wait in the queue, visible, while the function has no room', async () => {
  declare('slow', `exports.handler = () => new Promise((done) => setTimeout(done, 60000))`, { Timeout: 60 })
  map('slow', { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } })
  lambda.start()
  queue.send('a', 'b', 'c')
  expect(queue.hidden()).toEqual(['a', 'b'])
})

test('a batching window gathers messages into one batch', async () => {
  declare('gather', 'exports.handler = async (event) => { console.log(event.Records.length) }')
  map('gather', { BatchSize: 100, MaximumBatchingWindowInSeconds: 0.1 })
  lambda.start()
  queue.send('a')
  queue.send('b', 'c')
  await eventually(() => queue.deleted.length === 3)
  expect(lines.map(({ message }) => message)).toEqual(['3'])
})

test('a function that runs out of time is ended, its message comes back, and the next try succeeds', async () => {
  declare(
    'sleepy',
    `const fs = require('node:fs')
     exports.handler = async () => {
       const file = process.env.MARK
       if (fs.existsSync(file)) return
       fs.writeFileSync(file, 'x')
       for (;;);
     }`,
    { Timeout: 1, Environment: { Variables: { MARK: join(folder, 'mark') } } },
  )
  map('sleepy', { BatchSize: 1 })
  lambda.start()
  queue.send('m')
  await eventually(() => lines.some(({ message }) => message.includes('Task timed out after 1.00 seconds')))
  expect(queue.hidden()).toEqual(['m'])
  queue.visibilityTimeoutOver()
  await eventually(() => queue.deleted.includes('m'))
})

describe('what a function starts and what it leaves in its temporary folder', () => {
  const LEAVES = `
    const { spawn } = require('node:child_process')
    const { mkdtempSync, writeFileSync } = require('node:fs')
    const { join } = require('node:path')
    exports.handler = async ({ then }) => {
      const scratch = mkdtempSync(join(require('node:os').tmpdir(), 'scratch-'))
      writeFileSync(join(scratch, 'half'), 'x')
      const { pid } = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
      console.log(JSON.stringify({ scratch, pid }))
      if (then === 'answers') return
      if (then === 'exits') process.exit(3)
      if (then === 'throws') setImmediate(() => { throw new Error('out of nowhere') })
      if (then === 'hangs') for (;;);
      await new Promise(() => {})
    }`
  const left = async (then: string) => {
    lambda = create({ idleMs: 300 })
    declare('leaves', LEAVES, { Timeout: 1 })
    const invoked = lambda.invoke('leaves', JSON.stringify({ then }))
    await eventually(() => lines.some(({ from, level }) => from === 'lambda:leaves' && level === 'info'))
    const said = lines.find(({ from, level }) => from === 'lambda:leaves' && level === 'info')?.message ?? ''
    const { scratch, pid } = JSON.parse(said) as { readonly scratch: string; readonly pid: number }
    return { scratch, pid, invoked }
  }

  test.each(['waits', 'hangs', 'exits', 'throws', 'answers'])('goes with its worker where it %s', async (then) => {
    const { scratch, pid, invoked } = await left(then)
    await invoked
    await eventually(() => !isRunning(pid) && !existsSync(scratch))
    await eventually(() => readdirSync(join(folder, 'lambda')).length === 0)
  })

  test('goes before the runtime has stopped', async () => {
    const { scratch, pid } = await left('answers')
    await lambda.stop()
    expect(existsSync(scratch)).toBe(false)
    // It was killed by then; the kernel may take a moment for it.
    await eventually(() => !isRunning(pid))
  })

  test('goes with the next start, where the runtime was killed', () => {
    const scratch = join(folder, 'lambda', 'of-the-dead')
    mkdirSync(scratch, { recursive: true })
    create()
    expect(existsSync(scratch)).toBe(false)
  })

  test('is its own: another function has another folder', async () => {
    for (const name of ['one', 'two']) declare(name, `exports.handler = async () => require('node:os').tmpdir()`)
    const folders = await Promise.all(['one', 'two'].map((name) => lambda.invoke(name, '{}')))
    const paths = folders.map((answer) => (answer.ok ? (JSON.parse(answer.payload) as string) : ''))
    expect(new Set(paths).size).toBe(2)
    for (const path of paths) expect(path.startsWith(join(folder, 'lambda'))).toBe(true)
  })

  test('is not what has ended by itself: its number may be another’s by then', async () => {
    declare(
      'tidy',
      `const { execFile } = require('node:child_process')
       exports.handler = () => new Promise((done, fail) =>
         execFile(process.execPath, ['-p', '42'], (error, stdout) => (error ? fail(error) : done(stdout.trim()))))`,
    )
    const kill = jest.spyOn(process, 'kill')
    expect(await lambda.invoke('tidy', '{}')).toMatchObject({ payload: '"42"' })
    await lambda.stop()
    expect(kill).not.toHaveBeenCalled()
    kill.mockRestore()
  })
})

test.each([
  ['process.exit', 'process.exit(3)', 'Runtime exited with exit status 3'],
  [
    'an uncaught error',
    `setImmediate(() => { throw new Error('out of nowhere') }); return new Promise(() => {})`,
    'out of nowhere',
  ],
  ['memory', 'const all = []; for (;;) all.push(new Array(1e6).fill(Math.random()))', 'out of memory (128 MB)'],
])('%s ends only the worker of its function', async (_what, crash, message) => {
  declare('crash', `exports.handler = async (event) => { if (event.crash) { ${crash} } return 'alive' }`, {
    Timeout: 30,
  })
  declare('other', `exports.handler = async () => 'well'`)
  const crashed = await lambda.invoke('crash', '{"crash":true}')
  expect(crashed).toMatchObject({ ok: false, error: { errorMessage: expect.stringContaining(message) } })
  expect(await lambda.invoke('crash', '{}')).toMatchObject({ ok: true, payload: '"alive"' })
  expect(await lambda.invoke('other', '{}')).toMatchObject({ ok: true, payload: '"well"' })
})

test('an error of the handler is answered by its name, and its worker goes on', async () => {
  declare(
    'throws',
    `let calls = 0; exports.handler = async () => { calls += 1; if (calls === 1) throw new TypeError('no'); return calls }`,
  )
  expect(await lambda.invoke('throws', '{}')).toMatchObject({
    ok: false,
    error: { errorType: 'TypeError', errorMessage: 'no' },
  })
  expect(await lambda.invoke('throws', '{}')).toMatchObject({ ok: true, payload: '2' })
})

test('a function sees its own environment, the local endpoints and nothing of the host', async () => {
  declare('environment', 'exports.handler = async () => process.env', {
    Environment: { Variables: { BUCKET: 'media' } },
  })
  const result = await lambda.invoke('environment', '{}')
  const environment: unknown = result.ok && JSON.parse(result.payload)
  expect(environment).toMatchObject({
    BUCKET: 'media',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_LAMBDA_FUNCTION_NAME: 'environment',
    FIRESTORE_EMULATOR_HOST: '127.0.0.1:8080',
  })
  expect(environment).not.toHaveProperty('JEST_WORKER_ID')
  expect(environment).not.toHaveProperty('HOME')
})

test('the context has what Lambda gives', async () => {
  declare(
    'context',
    'exports.handler = async (_, context) => ({ ...context, left: context.getRemainingTimeInMillis() })',
    { Timeout: 9 },
  )
  const result = await lambda.invoke('context', '{}')
  const context: unknown = result.ok && JSON.parse(result.payload)
  expect(context).toMatchObject({
    functionName: 'context',
    functionVersion: '$LATEST',
    memoryLimitInMB: '128',
    awsRequestId: result.requestId,
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:context',
  })
  expect((context as { left: number }).left).toBeGreaterThan(8_000)
})

test('bundles are CommonJS unless they say otherwise, whatever the project around them is', async () => {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  bundle('required', `module.exports = { value: 'chunk' }`, 'chunk.js')
  declare('required', `exports.handler = async () => require('./chunk.js').value`)
  declare('module', `export const handler = async () => 'module'`, {}, 'index.mjs')
  declare('common', `exports.handler = async () => 'common'`, {}, 'index.cjs')
  expect(await lambda.invoke('required', '{}')).toMatchObject({ payload: '"chunk"' })
  expect(await lambda.invoke('module', '{}')).toMatchObject({ payload: '"module"' })
  expect(await lambda.invoke('common', '{}')).toMatchObject({ payload: '"common"' })
})

test('a bundle that cannot be loaded fails each invocation with the reason', async () => {
  declare('broken', `require('nowhere-to-be-found')`)
  for (let i = 0; i < 2; i += 1) {
    expect(await lambda.invoke('broken', '{}')).toMatchObject({
      ok: false,
      error: { errorMessage: expect.stringContaining(`Cannot find module 'nowhere-to-be-found'`) },
    })
  }
})

test('invocations interleave up to the concurrency, and the rest wait their turn', async () => {
  declare(
    'counts',
    `let now = 0, most = 0
     exports.handler = async () => { most = Math.max(most, ++now); await new Promise((d) => setTimeout(d, 20)); now -= 1; return most }`,
    { ReservedConcurrentExecutions: 3 },
  )
  const results = await Promise.all(Array.from({ length: 9 }, () => lambda.invoke('counts', '{}')))
  expect(results.map((result) => result.ok && result.payload)).toEqual(Array.from({ length: 9 }, () => '3'))
})

test('an idle worker is ended, and the next invocation starts a new one', async () => {
  lambda = create({ idleMs: 30 })
  declare('idle', 'let calls = 0; exports.handler = async () => ++calls')
  expect(await lambda.invoke('idle', '{}')).toMatchObject({ payload: '1' })
  expect(await lambda.invoke('idle', '{}')).toMatchObject({ payload: '2' })
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(await lambda.invoke('idle', '{}')).toMatchObject({ payload: '1' })
})

test('a warmed function has loaded before anybody calls it, and is ended as any idle one', async () => {
  lambda = create({ idleMs: 200 })
  declare('warm', `let calls = 0; console.log('loaded'); exports.handler = async () => ++calls`)
  const loaded = () => lines.filter(({ message }) => message === 'loaded').length
  await lambda.warm()
  await eventually(() => loaded() === 1)
  expect(await lambda.invoke('warm', '{}')).toMatchObject({ payload: '1' })
  // A busy machine ends it later than asked: whenever it is gone, warming loads it again.
  for (let tries = 0; loaded() < 2 && tries < 20; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 300))
    await lambda.warm()
  }
  await eventually(() => loaded() === 2)
})

test('a worker that loads for longer than it may be idle is not ended before it has loaded', async () => {
  lambda = create({ idleMs: 1 })
  declare('heavy', `console.log('loaded'); exports.handler = async () => 1`)
  await lambda.warm()
  await eventually(() => lines.some(({ message }) => message === 'loaded'))
})

test('an asynchronous invocation is retried twice and then handed to the dead-letter queue', async () => {
  lambda = create({ retryDelaysMs: [1, 1] })
  const dead = 'arn:aws:sqs:us-east-1:000000000000:dead'
  declare('fails', `exports.handler = async () => { console.log('tried'); throw new Error('never') }`, {
    DeadLetterConfig: { TargetArn: dead },
  })
  lambda.start()
  lambda.invokeAsync('arn:aws:lambda:us-east-1:000000000000:function:fails', '{"a":1}')
  await eventually(() => delivered.length === 1)
  expect(delivered).toEqual([[dead, '{"a":1}']])
  expect(lines.filter(({ message }) => message === 'tried')).toHaveLength(3)
})

test('an asynchronous invocation that was accepted before a crash runs after the next start', async () => {
  declare('later', `exports.handler = async (event) => { console.log('got', event.a) }`)
  lambda.invokeAsync('later', '{"a":1}') // never started: as if the process had died here
  lambda = create()
  declare('later', `exports.handler = async (event) => { console.log('got', event.a) }`)
  lambda.start()
  await eventually(() => lines.some(({ message }) => message === 'got 1'))
})

test('stopping takes no further message and lets what runs end', async () => {
  declare(
    'brief',
    `exports.handler = async () => { console.log('began'); await new Promise((done) => setTimeout(done, 100)) }`,
  )
  map('brief', { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } })
  lambda.start()
  queue.send('a', 'b')
  await eventually(() => lines.filter(({ message }) => message === 'began').length === 2)
  queue.send('c')
  await lambda.stop()
  expect(queue.deleted).toEqual(['a', 'b'])
  expect(queue.hidden()).toEqual([])
})

test('what a function or a mapping asks for and does not run here is named', () => {
  expect(() => declare('vpc', '', { VpcConfig: {} })).toThrow('VpcConfig is not run here; allowed: Architectures')
  expect(() => declare('python', '', { Runtime: 'python3.13' })).toThrow(
    'Runtime python3.13 is not run here; allowed: nodejs*',
  )
  declare('fine', '')
  expect(() => map('fine', { FilterCriteria: {} })).toThrow('FilterCriteria is not run here')
  expect(() => map('fine', { BatchSize: 11 })).toThrow('needs a MaximumBatchingWindowInSeconds')
  expect(() => map('missing')).toThrow('no function missing runs here')
})

/** A process that has ended stays as a zombie where nobody asks for its end. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
