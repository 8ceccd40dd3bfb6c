import {
  CreateArchiveCommand,
  DeleteArchiveCommand,
  DeleteRuleCommand,
  DescribeArchiveCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  ListArchivesCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  type PutRuleCommandInput,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type Target,
  UpdateArchiveCommand,
} from '@aws-sdk/client-eventbridge'
import { declareBus, eventsArn, photo, type ServedEvents, serveEvents, sqsArn } from './serve-for-test.ts'

const bus = { EventBusName: 'media' }
const busArn = `${eventsArn}:event-bus/media`

let served: ServedEvents

beforeEach(async () => {
  served = await serveEvents()
  declareBus(served)
  served.declare('AWS::SQS::Queue', { QueueName: 'own' })
})

afterEach(() => served.close())

const putRule = (input: Partial<PutRuleCommandInput> = {}) =>
  served.client.send(new PutRuleCommand({ Name: 'own', ...bus, EventPattern: '{"source":["chat.media"]}', ...input }))
const putTargets = (Rule = 'own', ...Targets: Target[]) =>
  served.client.send(
    new PutTargetsCommand({
      Rule,
      ...bus,
      Targets: Targets.length > 0 ? Targets : [{ Id: 'q', Arn: `${sqsArn}:own` }],
    }),
  )
const describe = (Name = 'own') => served.client.send(new DescribeRuleCommand({ Name, ...bus }))
const targets = async (Rule = 'own') =>
  (await served.client.send(new ListTargetsByRuleCommand({ Rule, ...bus }))).Targets
async function restart(): Promise<void> {
  await served.restart()
  declareBus(served)
}

test('a rule made by the API sends events to its targets, and is there after a restart', async () => {
  expect((await putRule()).RuleArn).toBe(`${eventsArn}:rule/media/own`)
  expect((await putTargets()).FailedEntryCount).toBe(0)
  await served.put(photo)
  expect(served.received('own')).toHaveLength(1)
  await restart()
  await served.put(photo)
  expect(served.received('own')).toHaveLength(2)
  expect(await targets()).toEqual([{ Id: 'q', Arn: `${sqsArn}:own` }])
})

test('putting a rule again changes it and leaves its targets alone', async () => {
  await putRule({ Description: 'first' })
  await putTargets()
  await putRule({ EventPattern: '{"source":["nobody"]}', State: 'DISABLED' })
  expect(await describe()).toMatchObject({ State: 'DISABLED', EventPattern: '{"source":["nobody"]}' })
  expect((await describe()).Description).toBeUndefined()
  expect(await targets()).toHaveLength(1)
  await putTargets('own', { Id: 'q', Arn: `${sqsArn}:photos` }, { Id: 'r', Arn: `${sqsArn}:own` })
  expect((await targets())?.map(({ Arn }) => Arn)).toEqual([`${sqsArn}:photos`, `${sqsArn}:own`])
  const { RuleNames } = await served.client.send(
    new ListRuleNamesByTargetCommand({ ...bus, TargetArn: `${sqsArn}:photos` }),
  )
  expect(RuleNames).toEqual(['photos', 'own'])
})

test('a rule goes when it has no targets, and then it stays away', async () => {
  await putRule()
  await putTargets()
  const remove = () => served.client.send(new DeleteRuleCommand({ Name: 'own', ...bus }))
  await expect(remove()).rejects.toThrow('targets')
  const removed = await served.client.send(new RemoveTargetsCommand({ Rule: 'own', ...bus, Ids: ['q', 'nope'] }))
  expect(removed).toMatchObject({ FailedEntryCount: 1, FailedEntries: [{ TargetId: 'nope' }] })
  await remove()
  await remove()
  await restart()
  await expect(describe()).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})

test("what the API changes of a template's rule stands until the template says something new", async () => {
  await served.client.send(new DisableRuleCommand({ Name: 'photos', ...bus }))
  await served.put(photo)
  expect(served.received('photos')).toEqual([])
  await restart()
  expect(await describe('photos')).toMatchObject({ State: 'DISABLED' })
  await served.client.send(new EnableRuleCommand({ Name: 'photos', ...bus }))
  await served.put(photo)
  expect(served.received('photos')).toHaveLength(1)

  await served.client.send(new RemoveTargetsCommand({ Rule: 'photos', ...bus, Ids: ['queue'] }))
  await served.client.send(new DeleteRuleCommand({ Name: 'photos', ...bus }))
  await restart()
  expect((await served.client.send(new ListRulesCommand(bus))).Rules).toEqual([])
  served.declare('AWS::Events::Rule', { Name: 'photos', ...bus, EventPattern: { source: ['chat.media'] } })
  expect(await describe('photos')).toMatchObject({ State: 'ENABLED' })
})

test('what cannot run is refused, and changes nothing', async () => {
  await expect(putRule({ EventPattern: '{"source":"a"}' })).rejects.toMatchObject({
    name: 'InvalidEventPatternException',
  })
  await expect(putRule({ EventPattern: 'nonsense' })).rejects.toMatchObject({ name: 'InvalidEventPatternException' })
  await expect(putRule({ EventPattern: undefined })).rejects.toMatchObject({ name: 'ValidationException' })
  await expect(putRule({ ScheduleExpression: 'rate(1 minute)' })).rejects.toThrow('default bus')
  await expect(putRule({ Name: 'a/b' })).rejects.toMatchObject({ name: 'ValidationException' })
  await expect(putRule({ EventBusName: 'nowhere' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  await expect(describe()).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  await putRule()
  await expect(putTargets('own', { Id: 'a', Arn: 'arn:aws:sns:us-east-1:000000000000:t' })).rejects.toThrow(':sns:')
  await expect(
    putTargets('own', { Id: 'a', Arn: `${sqsArn}:own`, EcsParameters: { TaskDefinitionArn: 'x' } }),
  ).rejects.toThrow('EcsParameters')
  const six = Array.from({ length: 6 }, (_, n) => ({ Id: `t${n}`, Arn: `${sqsArn}:own` }))
  await expect(putTargets('own', ...six)).rejects.toMatchObject({ name: 'LimitExceededException' })
  expect(await targets()).toEqual([])
})

test('a schedule made by the API runs by its cron expression', async () => {
  await served.client.send(new PutRuleCommand({ Name: 'daily', ScheduleExpression: 'cron(0 3 * * ? *)' }))
  await served.client.send(new PutTargetsCommand({ Rule: 'daily', Targets: [{ Id: 'q', Arn: `${sqsArn}:own` }] }))
  served.advance(24 * 3_600_000)
  const [tick, ...more] = served.received('own')
  expect(more).toEqual([])
  expect(JSON.parse(tick?.body ?? '{}')).toMatchObject({
    'detail-type': 'Scheduled Event',
    time: expect.stringMatching(/T03:00:00Z$/),
  })
})

test('an archive can be made, changed, looked at and deleted', async () => {
  const { client } = served
  const create = () => client.send(new CreateArchiveCommand({ ArchiveName: 'mine', EventSourceArn: busArn }))
  expect(await create()).toMatchObject({ ArchiveArn: `${eventsArn}:archive/mine`, State: 'ENABLED' })
  await expect(create()).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' })
  await served.put(photo, photo)
  await client.send(
    new UpdateArchiveCommand({ ArchiveName: 'mine', RetentionDays: 3650, EventPattern: '{"source":["nobody"]}' }),
  )
  await served.put(photo)
  await restart()
  expect(await served.client.send(new DescribeArchiveCommand({ ArchiveName: 'mine' }))).toMatchObject({
    EventCount: 2,
    RetentionDays: 3650,
    EventPattern: '{"source":["nobody"]}',
  })
  await served.client.send(new DeleteArchiveCommand({ ArchiveName: 'mine' }))
  await restart()
  expect((await served.client.send(new ListArchivesCommand({}))).Archives).toEqual([])
  expect(served.db.prepare('select count(*) as n from events_archived').get()).toEqual({ n: 0 })
})
