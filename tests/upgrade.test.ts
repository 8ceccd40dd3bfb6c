import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DescribeReplayCommand, StartReplayCommand } from '@aws-sdk/client-eventbridge'
import { defineConsumer } from '../consumers/runtime/define-consumer.ts'
import { skipped } from '../consumers/runtime/outcomes.ts'
import { settle } from '../consumers/runtime/protocol.ts'
import { makeWorld } from '../consumers/runtime/world.ts'
import {
  ThumbnailReadyV1,
  type ThumbnailReadyV1Data,
  ThumbnailReadyV2,
  type ThumbnailReadyV2Data,
} from '../contracts/generated/events.ts'
import { EVENT_SOURCE } from '../events/bus.ts'
import type { MediaEvent } from '../events/envelope.ts'
import { livePattern, replayPattern } from '../events/pattern.ts'
import { eventsArn, type ServedEvents, serveEvents, sqsArn } from '../infra/local/eventbridge/serve-for-test.ts'

const NAME = 'index-thumbnails'
const BUS = 'media'

const recorded: readonly { readonly detailType: string; readonly detail: MediaEvent<ThumbnailReadyV1Data> }[] =
  JSON.parse(readFileSync(join(import.meta.dirname, '../events/recorded.json'), 'utf8'))
const [older] = recorded.filter(({ detailType }) => detailType === ThumbnailReadyV1.detailType)
if (!older) throw new Error('no ThumbnailReady.v1 was recorded')

/** As a program of those days may have put it: in its own order, with breaks, escapes and a field of a later minor. */
const SAID = JSON.stringify({ data: { addedLater: 1.5, ...older.detail.data }, meta: older.detail.meta }, null, 2)
  .replace('1.5', '1.50')
  .replace('"image"', '"\\u0069mage"')

let served: ServedEvents
const got: ThumbnailReadyV2Data[] = []

beforeAll(async () => {
  served = await serveEvents()
})
afterAll(() => served.close())

/** What a deployment declares: the bus, its archive, and this consumer's rules as its code makes them. */
function deploy(live: object, replay: object): void {
  served.declare('AWS::Events::EventBus', { Name: BUS })
  served.declare('AWS::Events::Archive', { ArchiveName: 'all', SourceArn: `${eventsArn}:event-bus/${BUS}` })
  for (const [name, pattern] of Object.entries({ [NAME]: live, [`${NAME}-replay`]: replay })) {
    served.declare('AWS::SQS::Queue', { QueueName: name })
    const Targets = [{ Id: 'queue', Arn: `${sqsArn}:${name}` }]
    served.declare('AWS::Events::Rule', { Name: name, EventBusName: BUS, EventPattern: pattern, Targets })
  }
}

const archived = () =>
  served.db
    .prepare('select json from events_archived')
    .all()
    .map(({ json }) => String(json))

const consumer = defineConsumer({
  name: NAME,
  description: 'Reads the second major alone.',
  on: [ThumbnailReadyV2],
  emits: [],
  resources: { memoryMb: 128, timeoutSeconds: 10, batchSize: 1, concurrency: 2 },
  needs: [],
  objectAccess: {},
  async handle({ data }) {
    got.push(data)
    return skipped('seen')
  },
})

it('an event that was archived before its contract got a new major is replayed as it was said, and read as the new one', async () => {
  deploy(livePattern([ThumbnailReadyV1], []), replayPattern({ name: NAME, on: [ThumbnailReadyV1] }, []))
  await served.put({ EventBusName: BUS, Source: EVENT_SOURCE, DetailType: ThumbnailReadyV1.detailType, Detail: SAID })
  expect(served.received(NAME)).toHaveLength(1)
  const before = archived()
  expect(before).toEqual([expect.stringContaining(SAID)])

  await served.restart()
  deploy(livePattern(consumer.on), replayPattern(consumer))
  expect(archived()).toEqual(before)
  await served.client.send(
    new StartReplayCommand({
      ReplayName: 'since-the-beginning',
      EventSourceArn: `${eventsArn}:archive/all`,
      EventStartTime: new Date(served.cloud.now() - 3_600_000),
      EventEndTime: new Date(served.cloud.now() + 3_600_000),
      Destination: {
        Arn: `${eventsArn}:event-bus/${BUS}`,
        FilterArns: [`${eventsArn}:rule/${BUS}/${NAME}-replay`],
      },
    }),
  )
  for (let steps = 0; steps < 10; steps++) served.advance(1_000)
  const { State } = await served.client.send(new DescribeReplayCommand({ ReplayName: 'since-the-beginning' }))
  expect(State).toBe('COMPLETED')

  const [message, ...others] = served.received(`${NAME}-replay`)
  expect(others).toEqual([])
  expect(message?.body).toContain(SAID)
  const world = await makeWorld()
  const settled = await settle(consumer, { body: message?.body ?? '', receiveCount: 1 }, world, {})
  expect(settled).toMatchObject({ kind: 'done', outcome: 'skipped' })
  const { thumbhash, ...rest } = older.detail.data
  expect(got).toEqual([{ addedLater: 1.5, ...rest, placeholder: { kind: 'thumbhash', value: thumbhash } }])
  expect(archived()).toEqual(before)
})
