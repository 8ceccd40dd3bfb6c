import {
  CreateArchiveCommand,
  DeleteArchiveCommand,
  DeleteRuleCommand,
  DescribeArchiveCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  ListArchivesCommand,
  ListEventBusesCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge'
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { ACCOUNT, attempt, BUS, type Peer, REGION } from '../peer.ts'

const BUS_ARN = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${BUS}`
const QUEUE_ARN = `arn:aws:sqs:${REGION}:${ACCOUNT}:judged-events`

const EVENT: PutEventsRequestEntry = {
  EventBusName: BUS,
  Source: 'messageai.media',
  DetailType: 'MediaUploaded.v1',
  Detail: '{"meta":{"id":"1"},"data":{"kind":"image","size":5}}',
  Resources: ['arn:aws:s3:::judged'],
  Time: new Date('2026-03-04T05:06:07Z'),
}

/** A rule that takes pictures to a queue, and the events that it takes and leaves. */
export async function routeToQueue({ events, sqs }: Peer): Promise<void> {
  await events.send(new ListEventBusesCommand({ NamePrefix: BUS }))
  await events.send(new DescribeEventBusCommand({ Name: BUS }))
  await attempt(events.send(new DescribeEventBusCommand({ Name: 'nowhere' })))
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'judged-events' }))
  const on = { EventBusName: BUS, Name: 'pictures' }
  const EventPattern = JSON.stringify({ 'detail-type': ['MediaUploaded.v1'], detail: { data: { kind: ['image'] } } })
  await events.send(new PutRuleCommand({ ...on, EventPattern, Description: 'pictures' }))
  await events.send(new DescribeRuleCommand(on))
  await attempt(events.send(new DescribeRuleCommand({ ...on, Name: 'nothing' })))
  await attempt(events.send(new PutRuleCommand({ ...on, Name: 'broken', EventPattern: '{"detail":' })))
  await attempt(events.send(new PutRuleCommand({ ...on, Name: 'wrong', EventPattern: '{"source":"x"}' })))
  const target = { EventBusName: BUS, Rule: 'pictures' }
  await events.send(new PutTargetsCommand({ ...target, Targets: [{ Id: 'queue', Arn: QUEUE_ARN }] }))
  await events.send(new ListTargetsByRuleCommand(target))
  await events.send(new ListRulesCommand({ EventBusName: BUS, NamePrefix: 'pic' }))
  await events.send(new ListRuleNamesByTargetCommand({ EventBusName: BUS, TargetArn: QUEUE_ARN }))

  await events.send(new PutEventsCommand({ Entries: [EVENT, { ...EVENT, Detail: '{"data":{"kind":"video"}}' }] }))
  await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }))
  await events.send(new DisableRuleCommand(on))
  await events.send(new PutEventsCommand({ Entries: [EVENT] }))
  await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
  await events.send(new EnableRuleCommand(on))
  await attempt(events.send(new DeleteRuleCommand(on)))
  await events.send(new RemoveTargetsCommand({ ...target, Ids: ['queue'] }))
  await events.send(new DeleteRuleCommand(on))
  await events.send(new ListRulesCommand({ EventBusName: BUS }))
}

/** Entries that the bus does not take, each by itself. */
export async function refuseEntries({ events }: Peer): Promise<void> {
  const put = (...Entries: PutEventsRequestEntry[]) => attempt(events.send(new PutEventsCommand({ Entries })))
  const { Source, DetailType, Detail, ...rest } = EVENT
  await put({ ...EVENT, Detail: 'no json' }, EVENT)
  await put({ ...EVENT, Detail: '[]' })
  await put({ ...rest, DetailType, Detail })
  await put({ ...rest, Source, Detail })
  await put({ ...rest, Source, DetailType })
  await put(...Array.from({ length: 11 }, () => EVENT))
  await put()
}

/** Patterns as the service itself tests them. */
export async function testPatterns({ events }: Peer): Promise<void> {
  const event = {
    id: '1',
    account: ACCOUNT,
    source: 'messageai.media',
    time: '2026-03-04T05:06:07Z',
    region: REGION,
    resources: [],
    'detail-type': 'MediaUploaded.v1',
    detail: { kind: 'image', size: 5, name: 'a.jpg', tags: ['x', 'y'], none: null },
  }
  const patterns = [
    { source: ['messageai.media'] },
    { source: ['other'] },
    { detail: { kind: [{ prefix: 'im' }] } },
    { detail: { name: [{ suffix: '.jpg' }] } },
    { detail: { size: [{ numeric: ['>', 4, '<=', 5] }] } },
    { detail: { size: [{ numeric: ['<', 5] }] } },
    { detail: { kind: [{ 'anything-but': ['video'] }] } },
    { detail: { kind: [{ 'anything-but': { prefix: 'im' } }] } },
    { detail: { kind: [{ 'equals-ignore-case': 'IMAGE' }] } },
    { detail: { name: [{ wildcard: 'a.*' }] } },
    { detail: { nothing: [{ exists: false }] } },
    { detail: { kind: [{ exists: true }] } },
    { detail: { tags: ['y'] } },
    { detail: { none: [null] } },
    { $or: [{ source: ['other'] }, { detail: { kind: ['image'] } }] },
    { source: 'messageai.media' },
    { detail: { kind: [] } },
  ]
  for (const pattern of patterns) {
    const [EventPattern, Event] = [JSON.stringify(pattern), JSON.stringify(event)]
    await attempt(events.send(new TestEventPatternCommand({ EventPattern, Event })))
  }
}

/** An archive: made, described, listed and deleted. */
export async function archive({ events }: Peer): Promise<void> {
  const ArchiveName = 'judged'
  await events.send(new CreateArchiveCommand({ ArchiveName, EventSourceArn: BUS_ARN, RetentionDays: 7 }))
  await attempt(events.send(new CreateArchiveCommand({ ArchiveName, EventSourceArn: BUS_ARN })))
  await attempt(events.send(new CreateArchiveCommand({ ArchiveName: 'lost', EventSourceArn: `${BUS_ARN}-nowhere` })))
  await events.send(new DescribeArchiveCommand({ ArchiveName }))
  await events.send(new ListArchivesCommand({ NamePrefix: 'judged' }))
  await attempt(events.send(new DescribeArchiveCommand({ ArchiveName: 'nothing' })))
  await events.send(new DeleteArchiveCommand({ ArchiveName }))
  await attempt(events.send(new DeleteArchiveCommand({ ArchiveName })))
}
