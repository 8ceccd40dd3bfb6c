import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs'
import { ACCOUNT, attempt, type Peer, REGION } from '../peer.ts'

const ALL = { AttributeNames: ['All'], MessageAttributeNames: ['All'] } as const

const receive = (QueueUrl: string | undefined, more: object = {}) =>
  new ReceiveMessageCommand({
    QueueUrl,
    ...ALL,
    AttributeNames: [...ALL.AttributeNames],
    MessageAttributeNames: [...ALL.MessageAttributeNames],
    ...more,
  })

/** A standard queue: made, described, filled and emptied. */
export async function standardQueue({ sqs }: Peer): Promise<void> {
  const Attributes = { VisibilityTimeout: '30', MessageRetentionPeriod: '1209600' }
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'judged', Attributes, tags: { team: 'media' } }),
  )
  await sqs.send(new CreateQueueCommand({ QueueName: 'judged', Attributes }))
  await attempt(sqs.send(new CreateQueueCommand({ QueueName: 'judged', Attributes: { VisibilityTimeout: '31' } })))
  await attempt(sqs.send(new CreateQueueCommand({ QueueName: 'no queue!' })))
  await sqs.send(new GetQueueUrlCommand({ QueueName: 'judged' }))
  await attempt(sqs.send(new GetQueueUrlCommand({ QueueName: 'nowhere' })))
  await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'judged' }))
  await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))
  await sqs.send(
    new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: '0', VisibilityTimeout: '60' } }),
  )
  await attempt(sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '50000' } })))
  await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout', 'QueueArn'] }))
  await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { env: 'local' } }))
  await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['team'] }))
  await sqs.send(new ListQueueTagsCommand({ QueueUrl }))

  const MessageAttributes = {
    kind: { DataType: 'String', StringValue: 'image' },
    size: { DataType: 'Number', StringValue: '7' },
    bytes: { DataType: 'Binary', BinaryValue: Buffer.from('abc') },
  }
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello ü', MessageAttributes }))
  const { Messages } = await sqs.send(receive(QueueUrl))
  const ReceiptHandle = Messages?.[0]?.ReceiptHandle
  await sqs.send(receive(QueueUrl))
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }))
  const again = await sqs.send(receive(QueueUrl))
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again.Messages?.[0]?.ReceiptHandle }))
  await attempt(sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'none' })))
  await attempt(sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: 'none', VisibilityTimeout: 0 })))
  await sqs.send(receive(QueueUrl))

  await attempt(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '' })))
  await attempt(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a\u0001' })))
  await attempt(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a', DelaySeconds: 901 })))
  await attempt(sqs.send(new SendMessageCommand({ QueueUrl: `${QueueUrl}-nowhere`, MessageBody: 'a' })))
  await attempt(sqs.send(receive(QueueUrl, { MaxNumberOfMessages: 11 })))
  await sqs.send(new PurgeQueueCommand({ QueueUrl }))
  await attempt(sqs.send(new PurgeQueueCommand({ QueueUrl })))
  await sqs.send(new DeleteQueueCommand({ QueueUrl }))
  await attempt(sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })))
}

/** Batches, of which some entries fail. */
export async function batches({ sqs }: Peer): Promise<void> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'judged-batches' }))
  const entry = (Id: string, MessageBody = Id) => ({ Id, MessageBody })
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [entry('a'), entry('b')] }))
  await attempt(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [] })))
  await attempt(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [entry('a'), entry('a')] })))
  await attempt(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [entry('not valid')] })))
  const eleven = Array.from({ length: 11 }, (_, index) => entry(`e${index}`))
  await attempt(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: eleven })))
  const first = await sqs.send(receive(QueueUrl))
  const second = await sqs.send(receive(QueueUrl))
  const handles = [first, second].map(({ Messages }) => Messages?.[0]?.ReceiptHandle)
  const Entries = handles.map((ReceiptHandle, index) => ({ Id: `e${index}`, ReceiptHandle }))
  await sqs.send(
    new ChangeMessageVisibilityBatchCommand({
      QueueUrl,
      Entries: Entries.map((each) => ({ ...each, VisibilityTimeout: 100 })),
    }),
  )
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
  await sqs.send(receive(QueueUrl))
}

/** What is not taken often enough goes to the dead letters. */
export async function deadLetters({ sqs }: Peer): Promise<void> {
  const dead = await sqs.send(new CreateQueueCommand({ QueueName: 'judged-dead' }))
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:judged-dead`,
    maxReceiveCount: 1,
  })
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'judged-source', Attributes: { RedrivePolicy, VisibilityTimeout: '0' } }),
  )
  await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead.QueueUrl }))
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }))
  await sqs.send(receive(QueueUrl))
  await sqs.send(receive(QueueUrl))
  await sqs.send(receive(dead.QueueUrl))
  await attempt(
    sqs.send(
      new CreateQueueCommand({
        QueueName: 'judged-other',
        Attributes: {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:nowhere`,
            maxReceiveCount: 1,
          }),
        },
      }),
    ),
  )
}

/** A FIFO queue: order by group, and no message twice. */
export async function fifoQueue({ sqs }: Peer): Promise<void> {
  await attempt(sqs.send(new CreateQueueCommand({ QueueName: 'judged-fifo', Attributes: { FifoQueue: 'true' } })))
  const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true' }
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'judged.fifo', Attributes }))
  const send = (MessageBody: string, MessageGroupId = 'g') =>
    sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId }))
  await send('1')
  await send('1')
  await send('2')
  await send('3', 'h')
  await attempt(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'groupless' })))
  const { Messages } = await sqs.send(receive(QueueUrl, { MaxNumberOfMessages: 1 }))
  await sqs.send(receive(QueueUrl, { MaxNumberOfMessages: 10 }))
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }))
  await sqs.send(receive(QueueUrl, { MaxNumberOfMessages: 10 }))
}
