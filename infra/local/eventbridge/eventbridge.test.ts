import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DescribeArchiveCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  StartReplayCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge'
import { AwsError } from '../aws-json/error.ts'
import type { Cloud, Deliver, LogLine, Provisioned } from '../cloud.ts'
import { type Database, openDatabase } from '../database.ts'
import { createSqs, type Sqs } from '../sqs/sqs.ts'
import { createEventBridge, type EventBridge } from './eventbridge.ts'

const credentials = { accessKeyId: 'AKIALOCAL', secretAccessKey: 'secret' }
const sqsArn = 'arn:aws:sqs:us-east-1:000000000000'
const MINUTE = 60_000

let dataDir: string
let db: Database
let cloud: Cloud
let sqs: Sqs
let events: EventBridge
let client: EventBridgeClient
let stop: () => Promise<void>
let logged: LogLine[]
let ahead: number
let timers: Set<() => void>
/** Stands in for functions, of which there are none here. */
let refuseLambda: Error | undefined

async function start(): Promise<void> {
  logged = []
  timers = new Set()
  db = openDatabase(dataDir)
  cloud = {
    region: 'us-east-1',
    accountId: '000000000000',
    dataDir,
    db,
    credentials,
    now: () => Date.now() + ahead,
    uuid: () => crypto.randomUUID(),
    log: (line) => logged.push(line),
  }
  sqs = createSqs(cloud, { endpoint: () => 'http://127.0.0.1' })
  const deliver: Deliver = (arn, body, options) => {
    if (arn.includes(':lambda:')) throw refuseLambda ?? new Error('no functions here')
    sqs.send(arn, body, options)
  }
  events = createEventBridge(cloud, {
    deliver,
    schedule: (_, callback) => {
      timers.add(callback)
      return () => timers.delete(callback)
    },
  })
  const server = createServer((request, response) => void events.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  client = new EventBridgeClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 })
  stop = async () => {
    await Promise.all([sqs.stop(), events.stop()])
    client.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    db.close()
  }
}

function declare(type: string, properties: Record<string, unknown>): Provisioned {
  const provisioner = { ...sqs.provisioners, ...events.provisioners }[type]
  if (!provisioner) throw new Error(type)
  return provisioner({ stack: 'Stack', logicalId: 'Thing', generatedName: 'Stack-Thing', type, properties })
}

function declareBus(): void {
  declare('AWS::SQS::Queue', { QueueName: 'photos' })
  declare('AWS::SQS::Queue', { QueueName: 'dead' })
  declare('AWS::Events::EventBus', { Name: 'media' })
  declare('AWS::Events::Rule', {
    Name: 'photos',
    EventBusName: 'media',
    EventPattern: { 'detail-type': ['Uploaded.v1'], detail: { kind: ['image'] } },
    Targets: [{ Id: 'queue', Arn: `${sqsArn}:photos` }],
  })
}

function advance(ms: number): void {
  ahead += ms
  const due = [...timers]
  timers.clear()
  for (const callback of due) callback()
}

const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }))
const received = (queue: string) => sqs.receive(`${sqsArn}:${queue}`, 10, 0)
const photo: PutEventsRequestEntry = {
  EventBusName: 'media',
  Source: 'chat.media',
  DetailType: 'Uploaded.v1',
  Detail: '{"kind":"image","size":1.50}',
  Resources: ['arn:aws:s3:::uploads'],
  Time: new Date('2026-03-04T05:06:07.890Z'),
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'events-'))
  ahead = 0
  refuseLambda = undefined
  await start()
})

afterEach(async () => {
  await stop()
  rmSync(dataDir, { recursive: true })
})

test('an event reaches the queue of the rule that it matches, in its envelope, and no other', async () => {
  declareBus()
  const answer = await put(photo, { ...photo, Detail: '{"kind":"video"}' })
  expect(answer.FailedEntryCount).toBe(0)
  const [message, ...others] = received('photos')
  expect(others).toEqual([])
  expect(JSON.parse(message?.body ?? '')).toEqual({
    version: '0',
    id: answer.Entries?.[0]?.EventId,
    'detail-type': 'Uploaded.v1',
    source: 'chat.media',
    account: '000000000000',
    time: '2026-03-04T05:06:07Z',
    region: 'us-east-1',
    resources: ['arn:aws:s3:::uploads'],
    detail: { kind: 'image', size: 1.5 },
  })
  expect(message?.body).toContain('"detail":{"kind":"image","size":1.50}}')
})

test('an event that was answered lies in its queue after a restart', async () => {
  declareBus()
  await put(photo)
  await stop()
  await start()
  expect(received('photos')).toHaveLength(1)
})

test('each entry is taken or refused by itself', async () => {
  declareBus()
  const answer = await put(
    photo,
    { ...photo, Source: 'aws.s3' },
    { ...photo, Detail: '{"kind":' },
    { ...photo, Detail: '[1]' },
    { ...photo, DetailType: undefined },
    { ...photo, DetailType: 'x'.repeat(129) },
    { ...photo, EventBusName: 'nowhere' },
    { ...photo, EventBusName: 'arn:aws:events:us-east-1:000000000000:event-bus/media' },
  )
  expect(answer.FailedEntryCount).toBe(6)
  expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    undefined,
    'NotAuthorizedForSourceException',
    'MalformedDetail',
    'MalformedDetail',
    'InvalidArgument',
    'InvalidArgument',
    'ResourceNotFoundException',
    undefined,
  ])
  expect(received('photos')).toHaveLength(2)
})

test('a request of more than ten entries or a megabyte is refused whole', async () => {
  declareBus()
  await expect(put(...Array.from({ length: 11 }, () => photo))).rejects.toMatchObject({ name: 'ValidationException' })
  const Detail = JSON.stringify({ kind: 'image', text: 'x'.repeat(600_000) })
  await expect(put({ ...photo, Detail }, { ...photo, Detail })).rejects.toMatchObject({ name: 'ValidationException' })
  expect(received('photos')).toEqual([])
})

test("what a target refuses goes to the rule's dead-letter queue, or into the log", async () => {
  declareBus()
  const rule = (Name: string, DeadLetterConfig?: object) =>
    declare('AWS::Events::Rule', {
      Name,
      EventBusName: 'media',
      EventPattern: { source: ['chat.media'] },
      Targets: [
        {
          Id: 'f',
          Arn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
          ...(DeadLetterConfig && { DeadLetterConfig }),
        },
      ],
    })
  const { Arn } = rule('with', { Arn: `${sqsArn}:dead` }).attributes
  rule('without')
  refuseLambda = new AwsError('ResourceNotFoundException', 'Function not found')
  expect((await put(photo)).FailedEntryCount).toBe(0)
  expect(received('photos')).toHaveLength(1)
  expect(received('dead')).toMatchObject([
    {
      messageAttributes: {
        RULE_ARN: { StringValue: Arn },
        TARGET_ARN: { StringValue: 'arn:aws:lambda:us-east-1:000000000000:function:f' },
        ERROR_CODE: { StringValue: 'NO_RESOURCE' },
        ERROR_MESSAGE: { StringValue: 'Function not found' },
      },
    },
  ])
  expect(JSON.parse(received('dead')[0]?.body ?? '')).toMatchObject({ detail: { kind: 'image' } })
  expect(logged).toMatchObject([{ level: 'error', rule: 'without' }])
})

test('an event that the database does not take is not answered as taken', async () => {
  declareBus()
  db.exec("create trigger full before insert on sqs_message begin select raise(abort, 'disk full'); end")
  await expect(put(photo)).rejects.toMatchObject({ name: 'InternalFailure' })
  expect(logged).toMatchObject([{ from: 'events', message: expect.stringContaining('disk full') }])
})

test('a service publishes onto the default bus within its own transaction', () => {
  declare('AWS::SQS::Queue', { QueueName: 'objects' })
  declare('AWS::Events::Rule', {
    EventPattern: { source: ['aws.s3'] },
    Targets: [{ Id: 'queue', Arn: `${sqsArn}:objects`, InputPath: '$.detail.object' }],
  })
  const publish = () =>
    events.publish({
      source: 'aws.s3',
      'detail-type': 'Object Created',
      account: '000000000000',
      time: '2026-03-04T05:06:07Z',
      region: 'us-east-1',
      resources: ['arn:aws:s3:::uploads'],
      detail: { object: { key: 'a b' } },
    })
  expect(() =>
    db.transaction(() => {
      publish()
      throw new Error('after all not')
    }),
  ).toThrow('after all not')
  expect(received('objects')).toEqual([])
  publish()
  expect(received('objects')).toMatchObject([{ body: '{"key":"a b"}' }])
})

test('an archive keeps what it is meant to keep, byte for byte, until its retention is over', async () => {
  declareBus()
  const archive = {
    ArchiveName: 'images',
    SourceArn: 'arn:aws:events:us-east-1:000000000000:event-bus/media',
    EventPattern: { detail: { kind: ['image'] } },
    RetentionDays: 1,
  }
  const { Arn = '' } = declare('AWS::Events::Archive', archive).attributes
  const at = (seconds: number) => new Date(1000 * (Math.floor(Date.now() / 1000) + seconds))
  await put({ ...photo, Time: at(-2) }, { ...photo, Time: at(-3) }, { ...photo, Detail: '{"kind":"video"}' })
  const bodies = received('photos').map(({ body }) => body)
  await stop()
  await start()
  declareBus()
  declare('AWS::Events::Archive', archive)
  const read = (from: Date, to: Date) => [...events.read(Arn, from.getTime(), to.getTime())].map(({ json }) => json)
  expect(read(at(-60), at(60))).toEqual([bodies[1], bodies[0]])
  const [{ time = 0 } = {}] = [...events.read(Arn, 0, Date.now())]
  expect([...events.read(Arn, time, time)]).toEqual([])
  expect([...events.read(Arn, time, time + 1)]).toHaveLength(1)
  const describe = () => client.send(new DescribeArchiveCommand({ ArchiveName: 'images' }))
  expect(await describe()).toMatchObject({
    EventCount: 2,
    SizeBytes: Buffer.byteLength(bodies.join('')),
    RetentionDays: 1,
    ArchiveArn: Arn,
  })
  ahead += 25 * 60 * MINUTE
  client.config.systemClockOffset = ahead
  expect(await describe()).toMatchObject({ EventCount: 0, SizeBytes: 0 })
  expect([...events.read(Arn, 0, cloud.now())]).toEqual([])
})

test('an archive of many events is read to its end, in order', () => {
  const SourceArn = 'arn:aws:events:us-east-1:000000000000:event-bus/default'
  const { Arn = '' } = declare('AWS::Events::Archive', { SourceArn }).attributes
  for (let n = 0; n < 1000; n++)
    events.publish({
      source: 'aws.test',
      'detail-type': 'Counted',
      account: '000000000000',
      time: new Date(1_000_000_000_000 + (n % 3) * 1000).toISOString(),
      region: 'us-east-1',
      resources: [],
      detail: { n },
    })
  const times = [...events.read(Arn, 0, cloud.now())].map(({ time }) => time)
  expect(times).toHaveLength(1000)
  expect(times).toEqual([...times].sort())
})

test('a scheduled rule runs once a period, also over a restart', async () => {
  const declareSchedule = () => {
    declare('AWS::SQS::Queue', { QueueName: 'ticks' })
    declare('AWS::Events::Rule', {
      Name: 'sweep',
      ScheduleExpression: 'rate(5 minutes)',
      Targets: [{ Id: 'queue', Arn: `${sqsArn}:ticks` }],
    })
  }
  declareSchedule()
  advance(4 * MINUTE)
  expect(received('ticks')).toEqual([])
  await stop()
  await start()
  declareSchedule()
  advance(1.5 * MINUTE)
  expect(received('ticks').map(({ body }) => JSON.parse(body))).toMatchObject([
    {
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      detail: {},
      resources: [expect.stringContaining('sweep')],
    },
  ])
  advance(MINUTE)
  expect(received('ticks')).toHaveLength(1)
  advance(60 * MINUTE)
  expect(received('ticks')).toHaveLength(2)
})

test('a disabled rule gets nothing', async () => {
  declareBus()
  declare('AWS::Events::Rule', {
    Name: 'photos',
    EventBusName: 'media',
    State: 'DISABLED',
    EventPattern: { source: ['chat.media'] },
    Targets: [{ Id: 'queue', Arn: `${sqsArn}:photos` }],
  })
  await put(photo)
  expect(received('photos')).toEqual([])
})

test('buses, rules and targets can be looked at', async () => {
  declareBus()
  const { EventBuses } = await client.send(new ListEventBusesCommand())
  expect(EventBuses?.map(({ Name }) => Name)).toEqual(['default', 'media'])
  const { Rules } = await client.send(new ListRulesCommand({ EventBusName: 'media' }))
  expect(Rules).toMatchObject([
    { Name: 'photos', Arn: 'arn:aws:events:us-east-1:000000000000:rule/media/photos', State: 'ENABLED' },
  ])
  const { Targets } = await client.send(new ListTargetsByRuleCommand({ EventBusName: 'media', Rule: 'photos' }))
  expect(Targets).toMatchObject([{ Id: 'queue', Arn: `${sqsArn}:photos` }])
  await expect(client.send(new DescribeRuleCommand({ Name: 'photos' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('a pattern can be tried', async () => {
  const envelope = { id: '1', account: '1', source: 's', time: 't', region: 'r', resources: [], 'detail-type': 'd' }
  const attempt = (pattern: object, event: object = envelope) =>
    client.send(new TestEventPatternCommand({ EventPattern: JSON.stringify(pattern), Event: JSON.stringify(event) }))
  expect(await attempt({ source: ['s'] })).toMatchObject({ Result: true })
  expect(await attempt({ source: ['t'] })).toMatchObject({ Result: false })
  await expect(attempt({ source: 's' })).rejects.toMatchObject({ name: 'InvalidEventPatternException' })
  await expect(attempt({ source: ['s'] }, {})).rejects.toMatchObject({ name: 'ValidationException' })
})

test('what does not run is refused by name', async () => {
  declareBus()
  const rule = (properties: object) => () =>
    declare('AWS::Events::Rule', { Name: 'bad', EventPattern: { source: ['a'] }, ...properties })
  expect(rule({ ScheduleExpression: 'cron(0 0 * * ? *)' })).toThrow('cron(0 0 * * ? *) does not run locally')
  expect(rule({ EventPattern: { source: 'a' } })).toThrow('source')
  expect(rule({ Targets: [{ Id: 'a', Arn: 'arn:aws:sns:us-east-1:000000000000:t' }] })).toThrow(':sns:')
  expect(rule({ Targets: [{ Id: 'a', Arn: `${sqsArn}:photos`, InputTransformer: {} }] })).toThrow('InputTransformer')
  expect(rule({ EventBusName: 'nowhere' })).toThrow('nowhere')
  const replay = new StartReplayCommand({
    ReplayName: 'r',
    EventSourceArn: 'a',
    EventStartTime: new Date(0),
    EventEndTime: new Date(1),
    Destination: { Arn: 'b' },
  })
  await expect(client.send(replay)).rejects.toThrow('StartReplay does not run locally')
})
