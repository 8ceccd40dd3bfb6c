import {
  AddPermissionCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { arnOf, type ServedSqs, serveSqs } from './serve-for-test.ts'

let served: ServedSqs
let client: SQSClient
let endpoint: string

const makeQueue = (name: string, attributes?: Record<string, string>) => served.create(name, attributes)

async function attributesOf(QueueUrl: string): Promise<Partial<Record<string, string>>> {
  return (await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes ?? {}
}

beforeEach(async () => {
  served = await serveSqs({ timers: 'real' })
  client = served.client
  endpoint = served.endpoint
})

afterEach(() => served.close())

test('a message comes with its attributes and digests, and is gone once deleted', async () => {
  const QueueUrl = await makeQueue('photos')
  const sent = await client.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: 'grüße 📷',
      MessageAttributes: {
        kind: { DataType: 'String', StringValue: 'image' },
        size: { DataType: 'Number', StringValue: '12' },
        hash: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 255]) },
      },
      MessageSystemAttributes: {
        AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' },
      },
    }),
  )
  const { Messages: [message] = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }),
  )
  expect(message).toMatchObject({
    MessageId: sent.MessageId,
    Body: 'grüße 📷',
    Attributes: { ApproximateReceiveCount: '1', AWSTraceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793' },
    MessageAttributes: { hash: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 255]) } },
    MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
  })
  expect(await attributesOf(QueueUrl)).toMatchObject({
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '1',
    ApproximateNumberOfMessagesDelayed: '0',
    QueueArn: arnOf('photos'),
    MaximumMessageSize: '1048576',
  })
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }))
  expect(await attributesOf(QueueUrl)).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '0' })
})

test('what a queue holds is known by a text in it, in flight or not, until it is deleted', async () => {
  const QueueUrl = await makeQueue('held')
  await makeQueue('empty')
  await served.send(QueueUrl, 'photo 7')
  const holds = (text: string) => ['held', 'empty'].map((name) => served.sqs.holds(arnOf(name), text))
  expect([holds('photo 7'), holds('photo 8')]).toEqual([
    [true, false],
    [false, false],
  ])
  const [message] = await served.receive(QueueUrl)
  expect(holds('photo 7')).toEqual([true, false])
  await served.delete(QueueUrl, message)
  expect(holds('photo 7')).toEqual([false, false])
})

test('the digest of attributes is the one that AWS gives', async () => {
  const QueueUrl = await makeQueue('digests')
  const { MD5OfMessageAttributes } = await client.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: 'derp',
      MessageAttributes: {
        timestamp: { DataType: 'Number.java.lang.Long', StringValue: '1493147359900' },
      },
    }),
  )
  expect(MD5OfMessageAttributes).toBe('2e2e4876d8e0bd6b8c2c8f556831c349')
})

test('a long poll is answered by a send, and by a visibility timeout that is over', async () => {
  const QueueUrl = await makeQueue('slow', { VisibilityTimeout: '1' })
  const poll = () => client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }))
  const first = poll()
  await new Promise((resolve) => setTimeout(resolve, 50))
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }))
  expect((await first).Messages).toMatchObject([{ Body: 'a' }])
  const started = Date.now()
  expect((await poll()).Messages).toMatchObject([{ Body: 'a' }])
  expect(Date.now() - started).toBeGreaterThan(700)
  expect(Date.now() - started).toBeLessThan(3000)
})

test('a poller that went away takes no message with it', async () => {
  const QueueUrl = await makeQueue('left')
  const leaving = new AbortController()
  const poll = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }), {
    abortSignal: leaving.signal,
  })
  await new Promise((resolve) => setTimeout(resolve, 100))
  leaving.abort()
  await expect(poll).rejects.toThrow()
  await new Promise((resolve) => setTimeout(resolve, 50))
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }))
  expect(await attributesOf(QueueUrl)).toMatchObject({ ApproximateNumberOfMessages: '1' })
})

test('what was sent, received and hidden is the same after a restart', async () => {
  const QueueUrl = await makeQueue('kept', { VisibilityTimeout: '2' })
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hidden' }))
  const { Messages: [before] = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }))
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'waiting' }))
  await served.restart()
  expect((await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))).Messages).toMatchObject([
    { Body: 'waiting' },
  ])
  const { Messages: [again] = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5, AttributeNames: ['All'] }),
  )
  expect(again).toMatchObject({ MessageId: before?.MessageId, Attributes: { ApproximateReceiveCount: '2' } })
})

test('a message goes to the dead-letter queue at the receive that would be one too many', async () => {
  const deadLetters = await makeQueue('dead')
  const QueueUrl = await makeQueue('work', {
    VisibilityTimeout: '0',
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: arnOf('dead'),
      maxReceiveCount: 2,
    }),
  })
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }))
  const receive = async (url: string) =>
    (await client.send(new ReceiveMessageCommand({ QueueUrl: url, AttributeNames: ['All'] }))).Messages
  expect(await receive(QueueUrl)).toHaveLength(1)
  expect(await receive(QueueUrl)).toHaveLength(1)
  expect(await attributesOf(deadLetters)).toMatchObject({ ApproximateNumberOfMessages: '0' })
  expect(await receive(QueueUrl)).toBeUndefined()
  expect(await receive(deadLetters)).toMatchObject([
    { Body: 'poison', Attributes: { DeadLetterQueueSourceArn: arnOf('work') } },
  ])
})

test('a delayed message counts as delayed until it is due', async () => {
  const QueueUrl = await makeQueue('later', { DelaySeconds: '1' })
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }))
  expect(await attributesOf(QueueUrl)).toMatchObject({
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesDelayed: '1',
  })
  expect((await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 3 }))).Messages).toHaveLength(1)
})

test('what is in flight can be shown at once, and counts as received; what is delayed stays delayed', async () => {
  const QueueUrl = await makeQueue('jobs')
  const receive = () =>
    client.send(new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['ApproximateReceiveCount'] }))
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'held' }))
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'delayed', DelaySeconds: 60 }))
  await receive()
  const waiting = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, MaxNumberOfMessages: 10 }))
  await new Promise((resolve) => setTimeout(resolve, 50))
  served.sqs.releaseInFlight(arnOf('jobs'))

  const { Messages = [] } = await waiting
  expect(Messages.map(({ Body }) => Body)).toEqual(['held'])
  served.sqs.releaseInFlight(arnOf('jobs'))
  expect((await receive()).Messages?.[0]).toMatchObject({
    Body: 'held',
    Attributes: { ApproximateReceiveCount: '3' },
  })
})

test('a batch answers each entry by itself', async () => {
  const QueueUrl = await makeQueue('batches', { MaximumMessageSize: '1024' })
  const sent = await client.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: [
        { Id: 'good', MessageBody: 'a' },
        { Id: 'long', MessageBody: 'x'.repeat(1025) },
        { Id: 'control', MessageBody: 'a\u0000' },
      ],
    }),
  )
  expect(sent.Successful).toMatchObject([{ Id: 'good' }])
  expect(sent.Failed).toMatchObject([
    { Id: 'long', SenderFault: true, Code: 'InvalidParameterValue' },
    { Id: 'control', SenderFault: true, Code: 'InvalidMessageContents' },
  ])
  const { Messages: [message] = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }))
  const deleted = await client.send(
    new DeleteMessageBatchCommand({
      QueueUrl,
      Entries: [
        { Id: '1', ReceiptHandle: message?.ReceiptHandle },
        { Id: '2', ReceiptHandle: 'nonsense' },
      ],
    }),
  )
  expect(deleted.Successful).toMatchObject([{ Id: '1' }])
  expect(deleted.Failed).toMatchObject([{ Id: '2', Code: 'ReceiptHandleIsInvalid' }])
})

test('what AWS refuses is refused by the same name', async () => {
  const QueueUrl = await makeQueue('strict')
  const name = async (send: Promise<unknown>) => {
    const error: unknown = await send.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    return error instanceof Error ? error.name : undefined
  }
  const entry = { Id: 'a', MessageBody: 'x' }
  const batch = (Entries: { Id: string; MessageBody: string }[]) =>
    client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
  expect(await name(batch([]))).toBe('EmptyBatchRequest')
  expect(await name(batch([entry, entry]))).toBe('BatchEntryIdsNotDistinct')
  expect(await name(batch(Array.from({ length: 11 }, (_, n) => ({ ...entry, Id: `${n}` }))))).toBe(
    'TooManyEntriesInBatchRequest',
  )
  expect(await name(batch([{ ...entry, Id: 'a b' }]))).toBe('InvalidBatchEntryId')
  const half = 'x'.repeat(524_289)
  expect(
    await name(
      batch([
        { ...entry, MessageBody: half },
        { Id: 'b', MessageBody: half },
      ]),
    ),
  ).toBe('BatchRequestTooLong')
  expect(await name(client.send(new GetQueueUrlCommand({ QueueName: 'nowhere' })))).toBe('QueueDoesNotExist')
  expect(await name(makeQueue('strict', { VisibilityTimeout: '1' }))).toBe('QueueNameExists')
  expect(await makeQueue('strict', { VisibilityTimeout: '30' })).toBe(QueueUrl)
  expect(await name(makeQueue('ordered', { FifoQueue: 'true' }))).toBe('InvalidParameterValue')
  expect(await name(makeQueue('plain.fifo'))).toBe('InvalidParameterValue')
  expect(await name(client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 })))).toBe(
    'InvalidParameterValue',
  )
  const permission = { Label: 'all', AWSAccountIds: ['000000000000'], Actions: ['*'] }
  expect(await name(client.send(new AddPermissionCommand({ QueueUrl, ...permission })))).toBe('NotImplemented')
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }))
  const { Messages: [message] = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }))
  const hide = (VisibilityTimeout: number) =>
    client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout }),
    )
  await hide(0)
  expect(await name(hide(10))).toBe('MessageNotInflight')
  await client.send(new PurgeQueueCommand({ QueueUrl }))
  expect(await name(client.send(new PurgeQueueCommand({ QueueUrl })))).toBe('PurgeQueueInProgress')
  await client.send(new DeleteQueueCommand({ QueueUrl }))
  expect(await name(client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' })))).toBe('QueueDoesNotExist')
})

test('a stale receipt handle deletes nothing, and says so to nobody', async () => {
  const QueueUrl = await makeQueue('stale', { VisibilityTimeout: '0' })
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }))
  const { Messages: [first] = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }))
  await client.send(new ReceiveMessageCommand({ QueueUrl }))
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }))
  expect(await attributesOf(QueueUrl)).toMatchObject({ ApproximateNumberOfMessages: '1' })
})

test('a wrong secret is refused', async () => {
  const credentials = { ...(await client.config.credentials()), secretAccessKey: 'wrong' }
  const stranger = new SQSClient({ endpoint, region: 'us-east-1', credentials })
  await expect(stranger.send(new ListQueuesCommand())).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
})

test('queues are listed by prefix and in pages', async () => {
  for (const name of ['b2', 'a1', 'b1', 'b3']) await makeQueue(name)
  const first = await client.send(new ListQueuesCommand({ QueueNamePrefix: 'b', MaxResults: 2 }))
  expect(first.QueueUrls).toEqual([`${endpoint}/000000000000/b1`, `${endpoint}/000000000000/b2`])
  const { NextToken } = first
  const second = await client.send(new ListQueuesCommand({ QueueNamePrefix: 'b', MaxResults: 2, NextToken }))
  expect(second.QueueUrls).toEqual([`${endpoint}/000000000000/b3`])
  expect(second.NextToken).toBeUndefined()
})

test('sending joins the open transaction: what is rolled back was never sent', () => {
  const { sqs, db } = served
  const declare = (properties: Record<string, unknown>) =>
    sqs.provisioners['AWS::SQS::Queue']?.({
      stack: 'S',
      logicalId: 'Q',
      type: 'AWS::SQS::Queue',
      generatedName: 'S-Q',
      properties,
    })
  const arn = declare({ VisibilityTimeout: 5 })?.attributes['Arn'] ?? ''
  const woken = jest.fn()
  sqs.onVisible(arn, woken)
  expect(() =>
    db.transaction(() => {
      sqs.send(arn, 'a')
      throw new Error('after all not')
    }),
  ).toThrow('after all not')
  expect(woken).not.toHaveBeenCalled()
  expect(sqs.receive(arn, 10)).toEqual([])
  sqs.send(arn, 'b')
  expect(woken).toHaveBeenCalledTimes(1)
  expect(declare({ VisibilityTimeout: '7', Tags: [{ Key: 'a', Value: 'b' }] })?.ref).toBe(
    `${endpoint}/000000000000/S-Q`,
  )
  expect(sqs.receive(arn, 10)).toMatchObject([{ body: 'b' }])
  expect(() => declare({ QueueName: 'ordered', FifoQueue: true })).toThrow('ends with .fifo')
  expect(() => declare({ Nonsense: 1 })).toThrow('Nonsense')
})

test('what the API sets of a declared queue stands until its template says something new', async () => {
  const declare = (VisibilityTimeout: number) =>
    served.sqs.provisioners['AWS::SQS::Queue']?.({
      stack: 'S',
      logicalId: 'Q',
      type: 'AWS::SQS::Queue',
      generatedName: 'S-Q',
      properties: { QueueName: 'work', VisibilityTimeout },
    })
  declare(5)
  const QueueUrl = `${endpoint}/000000000000/work`
  await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '6' } }))
  declare(5)
  expect((await attributesOf(QueueUrl))['VisibilityTimeout']).toBe('6')
  declare(7)
  expect((await attributesOf(QueueUrl))['VisibilityTimeout']).toBe('7')
})
