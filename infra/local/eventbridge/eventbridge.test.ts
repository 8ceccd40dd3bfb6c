import {
  DescribeArchiveCommand,
  DescribeRuleCommand,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge'
import { AwsError } from '../aws-json/error.ts'
import { declareBus, photo, type ServedEvents, serveEvents, sqsArn } from './serve-for-test.ts'

const MINUTE = 60_000

let served: ServedEvents
const { declare, put, received, advance } = {
  declare: (type: string, properties: Record<string, unknown>) => served.declare(type, properties),
  put: (...entries: Parameters<ServedEvents['put']>) => served.put(...entries),
  received: (queue: string) => served.received(queue),
  advance: (ms: number) => served.advance(ms),
}

beforeEach(async () => {
  served = await serveEvents()
})

afterEach(() => served.close())

test('an event reaches the queue of the rule that it matches, in its envelope, and no other', async () => {
  declareBus(served)
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
  declareBus(served)
  await put(photo)
  await served.restart()
  expect(received('photos')).toHaveLength(1)
})

test('each entry is taken or refused by itself', async () => {
  declareBus(served)
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
  declareBus(served)
  await expect(put(...Array.from({ length: 11 }, () => photo))).rejects.toMatchObject({ name: 'ValidationException' })
  const Detail = JSON.stringify({ kind: 'image', text: 'x'.repeat(600_000) })
  await expect(put({ ...photo, Detail }, { ...photo, Detail })).rejects.toMatchObject({ name: 'ValidationException' })
  expect(received('photos')).toEqual([])
})

test("what a target refuses goes to the rule's dead-letter queue, or into the log", async () => {
  declareBus(served)
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
  served.refusal = new AwsError('ResourceNotFoundException', 'Function not found')
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
  expect(served.logged).toMatchObject([{ level: 'error', rule: 'without' }])
})

test('an event that the database does not take is not answered as taken', async () => {
  declareBus(served)
  served.db.exec("create trigger full before insert on sqs_message begin select raise(abort, 'disk full'); end")
  await expect(put(photo)).rejects.toMatchObject({ name: 'InternalFailure' })
  expect(served.logged).toMatchObject([{ from: 'events', message: expect.stringContaining('disk full') }])
})

test('a service publishes onto the default bus within its own transaction', () => {
  declare('AWS::SQS::Queue', { QueueName: 'objects' })
  declare('AWS::Events::Rule', {
    EventPattern: { source: ['aws.s3'] },
    Targets: [{ Id: 'queue', Arn: `${sqsArn}:objects`, InputPath: '$.detail.object' }],
  })
  const publish = () =>
    served.events.publish({
      source: 'aws.s3',
      'detail-type': 'Object Created',
      account: '000000000000',
      time: '2026-03-04T05:06:07Z',
      region: 'us-east-1',
      resources: ['arn:aws:s3:::uploads'],
      detail: { object: { key: 'a b' } },
    })
  expect(() =>
    served.db.transaction(() => {
      publish()
      throw new Error('after all not')
    }),
  ).toThrow('after all not')
  expect(received('objects')).toEqual([])
  publish()
  expect(received('objects')).toMatchObject([{ body: '{"key":"a b"}' }])
})

test('an archive keeps what it is meant to keep, byte for byte, until its retention is over', async () => {
  declareBus(served)
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
  await served.restart()
  declareBus(served)
  declare('AWS::Events::Archive', archive)
  const read = (from: Date, to: Date) =>
    [...served.events.read(Arn, from.getTime(), to.getTime())].map(({ json }) => json)
  expect(read(at(-60), at(60))).toEqual([bodies[1], bodies[0]])
  const [{ time = 0 } = {}] = [...served.events.read(Arn, 0, Date.now())]
  expect([...served.events.read(Arn, time, time)]).toEqual([])
  expect([...served.events.read(Arn, time, time + 1)]).toHaveLength(1)
  const describe = () => served.client.send(new DescribeArchiveCommand({ ArchiveName: 'images' }))
  expect(await describe()).toMatchObject({
    EventCount: 2,
    SizeBytes: Buffer.byteLength(bodies.join('')),
    RetentionDays: 1,
    ArchiveArn: Arn,
  })
  advance(25 * 60 * MINUTE)
  expect(await describe()).toMatchObject({ EventCount: 0, SizeBytes: 0 })
  expect([...served.events.read(Arn, 0, served.cloud.now())]).toEqual([])
})

test('an archive of many events is read to its end, in order', () => {
  const SourceArn = 'arn:aws:events:us-east-1:000000000000:event-bus/default'
  const { Arn = '' } = declare('AWS::Events::Archive', { SourceArn }).attributes
  for (let n = 0; n < 1000; n++)
    served.events.publish({
      source: 'aws.test',
      'detail-type': 'Counted',
      account: '000000000000',
      time: new Date(1_000_000_000_000 + (n % 3) * 1000).toISOString(),
      region: 'us-east-1',
      resources: [],
      detail: { n },
    })
  const times = [...served.events.read(Arn, 0, served.cloud.now())].map(({ time }) => time)
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
  await served.restart()
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
  declareBus(served)
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
  declareBus(served)
  const { EventBuses } = await served.client.send(new ListEventBusesCommand())
  expect(EventBuses?.map(({ Name }) => Name)).toEqual(['default', 'media'])
  const { Rules } = await served.client.send(new ListRulesCommand({ EventBusName: 'media' }))
  expect(Rules).toMatchObject([
    { Name: 'photos', Arn: 'arn:aws:events:us-east-1:000000000000:rule/media/photos', State: 'ENABLED' },
  ])
  const { Targets } = await served.client.send(new ListTargetsByRuleCommand({ EventBusName: 'media', Rule: 'photos' }))
  expect(Targets).toMatchObject([{ Id: 'queue', Arn: `${sqsArn}:photos` }])
  await expect(served.client.send(new DescribeRuleCommand({ Name: 'photos' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('a pattern can be tried', async () => {
  const envelope = { id: '1', account: '1', source: 's', time: 't', region: 'r', resources: [], 'detail-type': 'd' }
  const attempt = (pattern: object, event: object = envelope) =>
    served.client.send(
      new TestEventPatternCommand({ EventPattern: JSON.stringify(pattern), Event: JSON.stringify(event) }),
    )
  expect(await attempt({ source: ['s'] })).toMatchObject({ Result: true })
  expect(await attempt({ source: ['t'] })).toMatchObject({ Result: false })
  await expect(attempt({ source: 's' })).rejects.toMatchObject({ name: 'InvalidEventPatternException' })
  await expect(attempt({ source: ['s'] }, {})).rejects.toMatchObject({ name: 'ValidationException' })
})

test('what does not run is refused by name', () => {
  declareBus(served)
  const rule = (properties: object) => () =>
    declare('AWS::Events::Rule', { Name: 'bad', EventPattern: { source: ['a'] }, ...properties })
  expect(rule({ ScheduleExpression: 'cron(0 0 * * *)' })).toThrow('cron(0 0 * * *) is no schedule')
  expect(rule({ EventPattern: { source: 'a' } })).toThrow('source')
  expect(rule({ Targets: [{ Id: 'a', Arn: 'arn:aws:sns:us-east-1:000000000000:t' }] })).toThrow(':sns:')
  expect(rule({ Targets: [{ Id: 'a', Arn: `${sqsArn}:photos`, InputTransformer: {} }] })).toThrow('InputTransformer')
  expect(rule({ EventBusName: 'nowhere' })).toThrow('nowhere')
})
