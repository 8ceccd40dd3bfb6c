import {
  CancelReplayCommand,
  DescribeReplayCommand,
  ListReplaysCommand,
  type ListReplaysCommandInput,
  StartReplayCommand,
  type StartReplayCommandInput,
} from '@aws-sdk/client-eventbridge'
import { declareBus, eventsArn, photo, type ServedEvents, serveEvents, sqsArn } from './serve-for-test.ts'

const archiveArn = `${eventsArn}:archive/all`
const busArn = `${eventsArn}:event-bus/media`
const HOUR = 3_600_000
const START = Date.parse('2026-03-04T00:00:00Z')

let served: ServedEvents

/** The pictures' rule, which takes replays too, another that takes none, and an archive of all. */
function declareAll(): void {
  declareBus(served)
  served.declare('AWS::SQS::Queue', { QueueName: 'live' })
  served.declare('AWS::Events::Rule', {
    Name: 'live',
    EventBusName: 'media',
    EventPattern: { source: ['chat.media'], 'replay-name': [{ exists: false }] },
    Targets: [{ Id: 'queue', Arn: `${sqsArn}:live` }],
  })
  served.declare('AWS::SQS::Queue', { QueueName: 'other' })
  served.declare('AWS::Events::Rule', {
    Name: 'other',
    EventBusName: 'media',
    EventPattern: { source: ['chat.media'], 'replay-name': [{ exists: true }] },
    Targets: [{ Id: 'queue', Arn: `${sqsArn}:other` }],
  })
  served.declare('AWS::Events::Archive', { ArchiveName: 'all', SourceArn: busArn })
}

/** Puts `count` events, one a minute from START on. */
async function archive(count: number): Promise<void> {
  for (let n = 0; n < count; n += 10) {
    const entries = Array.from({ length: Math.min(10, count - n) }, (_, index) => ({
      ...photo,
      Detail: `{"kind":"image","n":${n + index}}`,
      Time: new Date(START + (n + index) * 60_000),
    }))
    await served.put(...entries)
  }
}

function start(input: Partial<StartReplayCommandInput> = {}) {
  return served.client.send(
    new StartReplayCommand({
      ReplayName: 'again',
      EventSourceArn: archiveArn,
      EventStartTime: new Date(START),
      EventEndTime: new Date(START + 24 * HOUR),
      Destination: { Arn: busArn },
      ...input,
    }),
  )
}

const describe = (ReplayName = 'again') => served.client.send(new DescribeReplayCommand({ ReplayName }))

interface Message {
  readonly id: string
  readonly time: string
  readonly 'replay-name'?: string
  readonly detail: { readonly n: number }
}

/** What lies in a queue, and no longer does. */
function drain(queue: string): Message[] {
  const rows = served.db
    .prepare(
      'select body from sqs_message join sqs_queue on sqs_queue.id = queue where name = ? order by sqs_message.id',
    )
    .all(queue)
  served.db.prepare('delete from sqs_message where queue = (select id from sqs_queue where name = ?)').run(queue)
  return rows.map(({ body }) => JSON.parse(String(body)) as Message)
}

beforeEach(async () => {
  served = await serveEvents()
  declareAll()
})

afterEach(() => served.close())

test('a replay sends what its archive has of a span of time, marked, to the rules that match, and archives nothing again', async () => {
  await archive(250)
  const original = drain('photos')
  drain('live')
  expect(await start({ EventEndTime: new Date(START + 205 * 60_000) })).toMatchObject({
    ReplayArn: `${eventsArn}:replay/again`,
    State: 'STARTING',
  })
  served.advance(5)
  expect((await describe()).State).toBe('RUNNING')
  for (let page = 0; page < 3; page++) served.advance(5)

  const { ReplayStartTime, ReplayEndTime, ...facts } = await describe()
  expect(facts).toMatchObject({
    State: 'COMPLETED',
    EventSourceArn: archiveArn,
    Destination: { Arn: busArn },
    EventLastReplayedTime: new Date(START + 204 * 60_000),
  })
  expect(ReplayEndTime?.getTime()).toBeGreaterThanOrEqual(ReplayStartTime?.getTime() ?? Number.NaN)
  const sent = drain('photos')
  expect(sent.map(({ detail }) => detail.n)).toEqual(original.slice(0, 205).map(({ detail }) => detail.n))
  expect(new Set(sent.map((event) => event['replay-name']))).toEqual(new Set(['again']))
  expect(sent[7]).toEqual({ ...original[7], id: expect.any(String), 'replay-name': 'again' })
  expect(sent[7]?.id).not.toBe(original[7]?.id)
  expect(drain('other')).toHaveLength(205)
  expect(drain('live')).toEqual([])
  expect([...served.events.read(archiveArn, 0, START + 48 * HOUR)]).toHaveLength(250)
})

test('with FilterArns it reaches these rules alone', async () => {
  await archive(3)
  drain('photos')
  await start({ Destination: { Arn: busArn, FilterArns: [`${eventsArn}:rule/media/other`] } })
  for (let page = 0; page < 3; page++) served.advance(5)
  expect(drain('other')).toHaveLength(3)
  expect(drain('photos')).toEqual([])
  expect((await describe()).Destination).toEqual({ Arn: busArn, FilterArns: [`${eventsArn}:rule/media/other`] })
})

test('killed at any moment it goes on where it was: nothing is lost, and nothing sent twice', async () => {
  await archive(350)
  drain('photos')
  await start()
  for (let life = 0; life < 5; life++) {
    served.advance(5)
    await served.restart()
    declareAll()
    served.events.start()
  }
  expect((await describe()).State).toBe('COMPLETED')
  expect(drain('photos').map(({ detail }) => detail.n)).toEqual(Array.from({ length: 350 }, (_, n) => n))
})

test('a page that the database does not take is sent again, whole', async () => {
  await archive(150)
  drain('photos')
  await start()
  served.advance(5)
  served.db.exec(
    "create trigger full before insert on sqs_message when new.body like '%\"n\":70%' begin select raise(abort, 'disk full'); end",
  )
  served.advance(5)
  served.advance(5000)
  expect(served.logged).toMatchObject([{ level: 'error' }, { level: 'error' }])
  expect(drain('photos')).toEqual([])
  served.db.exec('drop trigger full')
  served.advance(5000)
  served.advance(5)
  expect(drain('photos').map(({ detail }) => detail.n)).toEqual(Array.from({ length: 150 }, (_, n) => n))
  expect((await describe()).State).toBe('COMPLETED')
})

test('events that come while it runs are not part of it', async () => {
  await archive(100)
  await start({ EventEndTime: new Date(START + 1000 * HOUR) })
  await archive(20)
  drain('photos')
  for (let page = 0; page < 4; page++) served.advance(5)
  expect(drain('photos')).toHaveLength(100)
})

test('cancelled it ends with what was sent, and cannot be cancelled again', async () => {
  await archive(350)
  drain('photos')
  await start()
  served.advance(5)
  served.advance(5)
  const cancel = () => served.client.send(new CancelReplayCommand({ ReplayName: 'again' }))
  expect(await cancel()).toMatchObject({ State: 'CANCELLING', ReplayArn: `${eventsArn}:replay/again` })
  await expect(cancel()).rejects.toMatchObject({ name: 'IllegalStatusException' })
  served.advance(5)
  expect((await describe()).State).toBe('CANCELLED')
  served.advance(5)
  expect(drain('photos')).toHaveLength(100)
  await expect(cancel()).rejects.toMatchObject({ name: 'IllegalStatusException' })
})

test('replays are listed by name, state and archive, and forgotten after 90 days', async () => {
  await start({ ReplayName: 'b' })
  await start({ ReplayName: 'a' })
  const names = async (input: ListReplaysCommandInput) =>
    (await served.client.send(new ListReplaysCommand(input))).Replays?.map(({ ReplayName }) => ReplayName)
  expect(await names({})).toEqual(['a', 'b'])
  expect(await names({ NamePrefix: 'b' })).toEqual(['b'])
  expect(await names({ State: 'COMPLETED' })).toEqual([])
  expect(await names({ EventSourceArn: `${eventsArn}:archive/none` })).toEqual([])
  for (let page = 0; page < 2; page++) served.advance(5)
  expect(await names({ State: 'COMPLETED' })).toEqual(['a', 'b'])
  served.advance(91 * 24 * HOUR)
  expect(await names({})).toEqual([])
})

test('what AWS refuses is refused', async () => {
  const refusal = async (input: Partial<StartReplayCommandInput>) => {
    const outcome = await start(input).then(
      () => 'taken',
      (error: Error) => `${error.name}: ${error.message}`,
    )
    return outcome
  }
  expect(await refusal({ ReplayName: 'a b' })).toContain('ValidationException')
  expect(await refusal({ EventSourceArn: busArn })).toContain('Must contain an archive ARN')
  expect(await refusal({ EventSourceArn: `${eventsArn}:archive/none` })).toContain('Archive none does not exist')
  expect(await refusal({ Destination: { Arn: archiveArn } })).toContain('Must contain an event bus ARN')
  expect(await refusal({ Destination: { Arn: `${eventsArn}:event-bus/default` } })).toContain('Cross event bus replay')
  expect(await refusal({ Destination: { Arn: busArn, FilterArns: [`${eventsArn}:rule/media/none`] } })).toContain(
    'rule/media/none',
  )
  expect(await refusal({ EventEndTime: new Date(START) })).toContain('EventStartTime must be before EventEndTime')
  expect(await refusal({})).toBe('taken')
  expect(await refusal({})).toContain('ResourceAlreadyExistsException')
  for (let n = 0; n < 9; n++) expect(await refusal({ ReplayName: `r${n}` })).toBe('taken')
  expect(await refusal({ ReplayName: 'eleventh' })).toContain('LimitExceededException')
  await expect(describe('none')).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})
