import { GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import { arnOf, type ServedSqs, serveSqs } from './serve-for-test.ts'

let served: ServedSqs
let url: string

beforeEach(async () => {
  served = await serveSqs()
  url = await served.create('chat.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' })
})

afterEach(() => served.close())

const send = (body: string, MessageGroupId = 'a', MessageDeduplicationId?: string) =>
  served.send(url, body, { MessageGroupId, MessageDeduplicationId })
const bodies = async (visibility?: number) => (await served.receive(url, visibility)).map(({ Body }) => Body)

test('messages of a group come in the order in which they were sent, with the attributes of a FIFO queue', async () => {
  const sent = [await send('1'), await send('2'), await send('3')]
  const numbers = sent.map(({ SequenceNumber }) => SequenceNumber ?? '')
  expect([...numbers].sort()).toEqual(numbers)
  expect(numbers[0]).toMatch(/^\d{20}$/)
  const received = await served.receive(url)
  expect(received.map(({ Body }) => Body)).toEqual(['1', '2', '3'])
  expect(received[1]?.Attributes).toMatchObject({
    MessageGroupId: 'a',
    MessageDeduplicationId: expect.stringMatching(/^[0-9a-f]{64}$/),
    SequenceNumber: numbers[1],
  })
})

test('while one message of a group is in flight the others wait, and other groups do not', async () => {
  await send('a1')
  const [first] = await served.receive(url)
  await send('a2')
  await send('b1', 'b')
  expect(await bodies()).toEqual(['b1'])
  await served.delete(url, first)
  expect(await bodies()).toEqual(['a2'])
})

test('a message that was not deleted comes again before what was sent after it', async () => {
  await send('1')
  await send('2')
  expect(await bodies(10)).toEqual(['1', '2'])
  expect(await bodies()).toEqual([])
  served.advance(10_000)
  expect(await bodies()).toEqual(['1', '2'])
})

test('who waits for a group is woken when it is free', async () => {
  await send('1')
  await send('2')
  const [first] = served.sqs.receive(arnOf('chat.fifo'), 1)
  let woken = 0
  served.sqs.onVisible(arnOf('chat.fifo'), () => woken++)
  expect(served.sqs.receive(arnOf('chat.fifo'), 1)).toEqual([])
  served.sqs.delete(arnOf('chat.fifo'), [first?.receiptHandle ?? ''])
  expect(woken).toBe(1)
  expect(served.sqs.receive(arnOf('chat.fifo'), 1)).toMatchObject([{ body: '2' }])
})

test('the same message within five minutes is taken once, also over a restart and when it was deleted', async () => {
  const first = await send('hello')
  expect(await send('hello', 'b')).toMatchObject({
    MessageId: first.MessageId,
    SequenceNumber: first.SequenceNumber,
  })
  const [message, ...others] = await served.receive(url)
  expect(others).toEqual([])
  await served.delete(url, message)
  await served.restart()
  await send('other words', 'a', 'one-id')
  await send('other words again', 'a', 'one-id')
  await send('hello')
  expect(await bodies(0)).toEqual(['other words'])
  served.advance(300_000)
  await send('hello')
  expect(await bodies(0)).toEqual(['other words', 'hello'])
})

test('deduplication holds within a group where the queue says so', async () => {
  url = await served.create('groups.fifo', {
    FifoQueue: 'true',
    DeduplicationScope: 'messageGroup',
    FifoThroughputLimit: 'perMessageGroupId',
  })
  await send('1', 'a', 'id')
  await send('2', 'b', 'id')
  await send('3', 'a', 'id')
  expect(await bodies()).toEqual(['1', '2'])
})

test('what dies goes to a FIFO dead-letter queue, in its order', async () => {
  const dead = await served.create('dead.fifo', { FifoQueue: 'true' })
  const policy = (queue: string) => JSON.stringify({ deadLetterTargetArn: arnOf(queue), maxReceiveCount: 1 })
  const set = (queue: string) =>
    served.client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { RedrivePolicy: policy(queue) } }))
  await served.create('standard')
  await expect(set('standard')).rejects.toThrow('same type of queue')
  await set('dead.fifo')
  await send('1')
  await send('2')
  await bodies(0)
  expect(await bodies(0)).toEqual([])
  expect((await served.receive(dead)).map(({ Body }) => Body)).toEqual(['1', '2'])
})

test('what AWS refuses of FIFO queues is refused', async () => {
  const plain = await served.create('plain')
  const strict = await served.create('strict.fifo', { FifoQueue: 'true' })
  await expect(served.send(url, 'x')).rejects.toMatchObject({ name: 'MissingParameter' })
  await expect(served.send(strict, 'x', { MessageGroupId: 'a' })).rejects.toThrow('ContentBasedDeduplication')
  await expect(served.send(plain, 'x', { MessageDeduplicationId: 'a' })).rejects.toThrow('standard queue')
  await expect(served.send(url, 'x', { MessageGroupId: 'a', DelaySeconds: 5 })).rejects.toThrow('DelaySeconds')
  await expect(served.create('wrong', { FifoQueue: 'true' })).rejects.toThrow('.fifo')
  await expect(served.create('odd', { ContentBasedDeduplication: 'true' })).rejects.toThrow('ContentBasedDeduplication')
  await expect(
    served.create('fast.fifo', { FifoQueue: 'true', FifoThroughputLimit: 'perMessageGroupId' }),
  ).rejects.toThrow('DeduplicationScope')
  await send('late')
  const [message] = await served.receive(url, 1)
  served.advance(2000)
  await expect(served.delete(url, message)).rejects.toThrow('expired')
})

test('its attributes say what it is', async () => {
  const { Attributes } = await served.client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
  )
  expect(Attributes).toMatchObject({
    FifoQueue: 'true',
    ContentBasedDeduplication: 'true',
    DeduplicationScope: 'queue',
    FifoThroughputLimit: 'perQueue',
  })
})
