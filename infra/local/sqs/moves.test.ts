import {
  CancelMessageMoveTaskCommand,
  DeleteQueueCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
  type StartMessageMoveTaskCommandInput,
} from '@aws-sdk/client-sqs'
import { arnOf, type ServedSqs, serveSqs } from './serve-for-test.ts'

let served: ServedSqs
let work: string
let dead: string

beforeEach(async () => {
  served = await serveSqs()
  dead = await served.create('dead')
  work = await served.create('work', {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 1 }),
  })
})

afterEach(() => served.close())

/** Sends messages and lets them die. */
async function kill(count: number): Promise<void> {
  for (let n = 0; n < count; n++)
    await served.send(work, String(n), { MessageAttributes: { n: { DataType: 'Number', StringValue: String(n) } } })
  // Received once, each is dead at the next receive.
  for (let n = 0; n < 2; n++) await served.receive(work, 0)
}

const move = (input: Partial<StartMessageMoveTaskCommandInput> = {}) =>
  served.client.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf('dead'), ...input }))
const tasks = async (MaxResults?: number) =>
  (await served.client.send(new ListMessageMoveTasksCommand({ SourceArn: arnOf('dead'), MaxResults }))).Results ?? []

test('dead letters go back to the queue in which they died, as new messages', async () => {
  await kill(3)
  expect((await move()).TaskHandle).toBeTruthy()
  served.advance(100)
  expect(await tasks()).toMatchObject([
    { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 3, ApproximateNumberOfMessagesToMove: 3 },
  ])
  const back = await served.receive(work)
  expect(back.map(({ Body }) => Body)).toEqual(['0', '1', '2'])
  expect(back[1]).toMatchObject({
    Attributes: { ApproximateReceiveCount: '1' },
    MessageAttributes: { n: { StringValue: '1' } },
  })
  expect(back[1]?.Attributes).not.toHaveProperty('DeadLetterQueueSourceArn')
  expect(await served.receive(dead)).toEqual([])
})

test('another queue can be their destination, at a speed that somebody sets', async () => {
  await kill(5)
  const other = await served.create('other')
  await move({ DestinationArn: arnOf('other'), MaxNumberOfMessagesPerSecond: 1 })
  for (let second = 1; second <= 3; second++) {
    served.advance(1000)
    expect(await served.receive(other, 0)).toHaveLength(second)
  }
  const [task] = await tasks()
  expect(task).toMatchObject({
    Status: 'RUNNING',
    DestinationArn: arnOf('other'),
    MaxNumberOfMessagesPerSecond: 1,
    ApproximateNumberOfMessagesMoved: 3,
  })
  const cancelled = await served.client.send(new CancelMessageMoveTaskCommand({ TaskHandle: task?.TaskHandle }))
  expect(cancelled.ApproximateNumberOfMessagesMoved).toBe(3)
  served.advance(1000)
  expect(await served.receive(other, 0)).toHaveLength(3)
  expect(await tasks()).toMatchObject([{ Status: 'CANCELLED' }])
})

test('a task that is killed goes on at the next start, and moves each message once', async () => {
  await kill(5)
  await move({ MaxNumberOfMessagesPerSecond: 20 })
  served.advance(100)
  await served.restart()
  served.advance(100)
  await served.restart()
  served.advance(100)
  expect(await tasks()).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 5 }])
  expect((await served.receive(work)).map(({ Body }) => Body).sort()).toEqual(['0', '1', '2', '3', '4'])
})

test('what dies again while a task runs is not moved in a circle', async () => {
  await kill(4)
  await move({ MaxNumberOfMessagesPerSecond: 20 })
  served.advance(100)
  for (let n = 0; n < 2; n++) await served.receive(work, 0)
  for (let n = 0; n < 5; n++) served.advance(100)
  expect(await tasks()).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 4 }])
  expect(await served.receive(dead)).toHaveLength(2)
})

test('a second task adds nothing', async () => {
  await kill(2)
  await move()
  served.advance(100)
  await move()
  served.advance(100)
  expect(await served.receive(work)).toHaveLength(2)
  expect(await tasks(10)).toMatchObject([
    { ApproximateNumberOfMessagesMoved: 0, Status: 'COMPLETED' },
    { ApproximateNumberOfMessagesMoved: 2, Status: 'COMPLETED' },
  ])
})

test('what cannot go on says why', async () => {
  await kill(1)
  await served.send(dead, 'nobody knows where from')
  await served.create('gone')
  await move({ DestinationArn: arnOf('gone') })
  await served.client.send(new DeleteQueueCommand({ QueueUrl: work.replace('/work', '/gone') }))
  served.advance(100)
  expect(await tasks()).toMatchObject([
    { Status: 'FAILED', FailureReason: 'AWS.SimpleQueueService.NonExistentQueue', ApproximateNumberOfMessagesMoved: 0 },
  ])
  await move()
  served.advance(100)
  expect(await tasks()).toMatchObject([{ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' }])
  expect(await served.receive(dead)).toHaveLength(2)
})

test('what AWS refuses is refused', async () => {
  await expect(move({ SourceArn: arnOf('work') })).rejects.toThrow('must be configured as a Dead Letter Queue')
  await expect(move({ SourceArn: arnOf('nowhere') })).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  await expect(move({ MaxNumberOfMessagesPerSecond: 501 })).rejects.toMatchObject({ name: 'InvalidParameterValue' })
  await move()
  await expect(move()).rejects.toThrow('Only one active task')
  const cancel = new CancelMessageMoveTaskCommand({ TaskHandle: 'none' })
  await expect(served.client.send(cancel)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})
