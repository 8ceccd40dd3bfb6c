import { AwsError } from '../aws-json/error.ts'
import type { Input } from '../aws-json/input.ts'
import type { Operation } from '../aws-json/serve.ts'
import type { Cloud, ReceivedMessage } from '../cloud.ts'
import { FIFO_ATTRIBUTE_NAMES, MAX_MESSAGE_BYTES, MAX_VISIBILITY_SECONDS, MAX_WAIT_SECONDS } from './attributes.ts'
import { readBatch, settle } from './batch.ts'
import { queueDoesNotExist, wording } from './errors.ts'
import { md5OfAttributes, selectAttributes } from './message-attributes.ts'
import type { Draft, Messages } from './messages.ts'
import { type Moves, moveOperations } from './moves.ts'
import type { Polls } from './polls.ts'
import type { Queue, Queues } from './queues.ts'
import { bytesOfDraft, checkDraft, readDraft, sentSystemAttributes } from './send.ts'
import type { Signals } from './signals.ts'

export interface Parts {
  readonly queues: Queues
  readonly messages: Messages
  readonly signals: Signals
  readonly polls: Polls
  readonly moves: Moves
  urlOf(name: string): string
}

const PURGE_PAUSE_MS = 60_000

const PERMISSION = 'set the Policy attribute instead.'
export const notRunning: Readonly<Record<string, string>> = {
  AddPermission: PERMISSION,
  RemovePermission: PERMISSION,
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html */
export function createOperations(cloud: Cloud, parts: Parts): Readonly<Record<string, Operation>> {
  const { queues, messages, signals, polls, urlOf, moves } = parts

  const queueOf = (input: Input): Queue => {
    const queue = queues.find(nameInUrl(cloud, input.text('QueueUrl')))
    if (!queue) throw queueDoesNotExist()
    return queue
  }

  const send = (queue: Queue, draft: Draft): object => {
    checkDraft(queue, draft)
    const { messageId, md5OfBody, visibleAt, sequenceNumber } = messages.send(queue, draft)
    signals.visibleAt(queue, visibleAt)
    return {
      MessageId: messageId,
      MD5OfMessageBody: md5OfBody,
      MD5OfMessageAttributes: md5OfAttributes(draft.attributes),
      MD5OfMessageSystemAttributes: md5OfAttributes(sentSystemAttributes(draft)),
      SequenceNumber: sequenceNumber,
    }
  }

  const changeVisibility = (queue: Queue, input: Input): void => {
    const seconds = input.integer('VisibilityTimeout', 0, MAX_VISIBILITY_SECONDS)
    signals.visibleAt(queue, messages.changeVisibility(queue, input.text('ReceiptHandle'), seconds))
  }

  const operations: Readonly<Record<string, Operation>> = {
    CreateQueue: (input) => ({
      QueueUrl: urlOf(queues.create(input.text('QueueName'), input.textMap('Attributes'), input.textMap('tags')).name),
    }),
    DeleteQueue(input) {
      const queue = queueOf(input)
      messages.clear(queue)
      queues.delete(queue)
      // Whoever polls it learns that it is gone.
      signals.visibleAt(queue, cloud.now())
      return {}
    },
    GetQueueUrl(input) {
      const queue = queues.find(input.text('QueueName'))
      const owner = input.optionalText('QueueOwnerAWSAccountId')
      if (!queue || (owner !== undefined && owner !== cloud.accountId)) throw queueDoesNotExist()
      return { QueueUrl: urlOf(queue.name) }
    },
    ListQueues(input) {
      const prefix = input.optionalText('QueueNamePrefix') ?? ''
      const names = queues.list().flatMap(({ name }) => (name.startsWith(prefix) ? [name] : []))
      return page(input, names, 'QueueUrls', urlOf)
    },
    ListDeadLetterSourceQueues(input) {
      const { arn } = queueOf(input)
      const sources = queues.list().filter(({ settings }) => settings.redrive?.deadLetterTargetArn === arn)
      return page(
        input,
        sources.map(({ name }) => name),
        'queueUrls',
        urlOf,
      )
    },
    GetQueueAttributes: (input) => getAttributes(queueOf(input), input.texts('AttributeNames'), messages),
    SetQueueAttributes(input) {
      const queue = queueOf(input)
      const attributes = input.textMap('Attributes')
      if (Object.keys(attributes).length === 0) throw wording.missing('Attributes')
      queues.setAttributes(queue, attributes)
      return {}
    },
    ListQueueTags: (input) => ({ Tags: queueOf(input).tags }),
    TagQueue(input) {
      const queue = queueOf(input)
      queues.setTags(queue, { ...queue.tags, ...input.textMap('Tags') })
      return {}
    },
    UntagQueue(input) {
      const queue = queueOf(input)
      const gone = input.texts('TagKeys')
      queues.setTags(queue, Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !gone.includes(key))))
      return {}
    },
    PurgeQueue(input) {
      const queue = queueOf(input)
      if (queue.purgedAt !== undefined && cloud.now() - queue.purgedAt < PURGE_PAUSE_MS)
        throw new AwsError(
          'PurgeQueueInProgress',
          `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
        )
      messages.clear(queue)
      queues.setPurged(queue)
      return {}
    },
    SendMessage(input) {
      return send(queueOf(input), readDraft(input))
    },
    SendMessageBatch(input) {
      const queue = queueOf(input)
      const entries = readBatch(input)
      const drafts = new Map<string, Draft>()
      const read = settle(entries, (entry, id) => {
        drafts.set(id, readDraft(entry))
        return {}
      })
      const bytes = [...drafts.values()].reduce((sum, draft) => sum + bytesOfDraft(draft), 0)
      if (bytes > MAX_MESSAGE_BYTES)
        throw new AwsError(
          'BatchRequestTooLong',
          `Batch requests cannot be longer than ${MAX_MESSAGE_BYTES} bytes. You have sent ${bytes} bytes.`,
        )
      const sendable = entries.filter(({ id }) => drafts.has(id))
      const sent = settle(sendable, (_, id) => {
        const draft = drafts.get(id)
        return draft ? send(queue, draft) : {}
      })
      return { Successful: sent.Successful, Failed: [...read.Failed, ...sent.Failed] }
    },
    async ReceiveMessage(input, { signal }) {
      const queue = queueOf(input)
      const wanted = [...input.texts('AttributeNames'), ...input.texts('MessageSystemAttributeNames')]
      checkSystemAttributeNames(wanted)
      const wantedAttributes = input.texts('MessageAttributeNames')
      if (input.optionalText('ReceiveRequestAttemptId') !== undefined)
        throw new AwsError('UnsupportedOperation', 'ReceiveRequestAttemptId does not run locally: leave it out.', 501)
      const received = await polls.poll(queue, {
        max: input.optionalInteger('MaxNumberOfMessages', 1, 10) ?? 1,
        visibilitySeconds: input.optionalInteger('VisibilityTimeout', 0, MAX_VISIBILITY_SECONDS),
        waitSeconds: input.optionalInteger('WaitTimeSeconds', 0, MAX_WAIT_SECONDS) ?? queue.settings.waitTimeSeconds,
        signal,
      })
      if (received.length === 0) return {}
      return { Messages: received.map((message) => onWire(message, wanted, wantedAttributes)) }
    },
    DeleteMessage(input) {
      const queue = queueOf(input)
      messages.delete(queue, input.text('ReceiptHandle'))
      signals.freed(queue)
      return {}
    },
    DeleteMessageBatch(input) {
      const queue = queueOf(input)
      return settle(readBatch(input), (entry) => {
        messages.delete(queue, entry.text('ReceiptHandle'))
        signals.freed(queue)
        return {}
      })
    },
    ChangeMessageVisibility(input) {
      changeVisibility(queueOf(input), input)
      return {}
    },
    ChangeMessageVisibilityBatch(input) {
      const queue = queueOf(input)
      return settle(readBatch(input), (entry) => {
        changeVisibility(queue, entry)
        return {}
      })
    },
    ...moveOperations(queues, moves),
  }

  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      // ReceiveMessage waits, and opens its own.
      name === 'ReceiveMessage' ? operation : (input, call) => cloud.db.transaction(() => operation(input, call)),
    ]),
  )
}

function nameInUrl(cloud: Cloud, url: string): string {
  const path = URL.parse(url)?.pathname
  if (path === undefined)
    throw new AwsError('InvalidAddress', `The address ${url} is not valid for this endpoint.`, 404)
  const [, account, name = '', ...rest] = path.split('/')
  if (account !== cloud.accountId || rest.length > 0) throw queueDoesNotExist()
  return name
}

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
]
const SETTABLE = [
  ...FIFO_ATTRIBUTE_NAMES,
  'DelaySeconds',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'Policy',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
]
const QUEUE_ATTRIBUTE_NAMES = new Set([
  'All',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'QueueArn',
  ...COUNTS,
  ...SETTABLE,
])

function getAttributes(queue: Queue, names: readonly string[], messages: Messages): object {
  const unknown = names.find((name) => !QUEUE_ATTRIBUTE_NAMES.has(name))
  if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`)
  if (names.length === 0) return {}
  const all: Record<string, string> = {
    ...queue.attributes,
    QueueArn: queue.arn,
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
  }
  if (names.includes('All') || names.some((name) => COUNTS.includes(name))) {
    const { visible, notVisible, delayed } = messages.count(queue)
    all['ApproximateNumberOfMessages'] = String(visible)
    all['ApproximateNumberOfMessagesNotVisible'] = String(notVisible)
    all['ApproximateNumberOfMessagesDelayed'] = String(delayed)
  }
  if (names.includes('All')) return { Attributes: all }
  return { Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))) }
}

const SYSTEM_ATTRIBUTE_NAMES = new Set([
  'All',
  'SenderId',
  'SentTimestamp',
  'ApproximateReceiveCount',
  'ApproximateFirstReceiveTimestamp',
  'SequenceNumber',
  'MessageDeduplicationId',
  'MessageGroupId',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
])

function checkSystemAttributeNames(names: readonly string[]): void {
  const unknown = names.find((name) => !SYSTEM_ATTRIBUTE_NAMES.has(name))
  if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`)
}

function onWire(message: ReceivedMessage, wanted: readonly string[], wantedAttributes: readonly string[]): object {
  const attributes = wanted.includes('All')
    ? message.attributes
    : Object.fromEntries(Object.entries(message.attributes).filter(([name]) => wanted.includes(name)))
  const messageAttributes = selectAttributes(message.messageAttributes, wantedAttributes)
  const some = (record: object) => (Object.keys(record).length > 0 ? record : undefined)
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: message.md5OfBody,
    Body: message.body,
    Attributes: some(attributes),
    MD5OfMessageAttributes: md5OfAttributes(messageAttributes),
    MessageAttributes: some(messageAttributes),
  }
}

/** One page of names, as URLs; the token is the last name of the page before. */
function page(input: Input, names: readonly string[], member: string, urlOf: (name: string) => string): object {
  const max = input.optionalInteger('MaxResults', 1, 1000)
  const after = Buffer.from(input.optionalText('NextToken') ?? '', 'base64url').toString()
  const rest = names.filter((name) => name > after)
  const size = max ?? 1000
  const last = rest[size - 1]
  return {
    [member]: rest.slice(0, size).map(urlOf),
    // Without MaxResults AWS answers a thousand and no token.
    NextToken:
      max !== undefined && rest.length > size && last !== undefined
        ? Buffer.from(last).toString('base64url')
        : undefined,
  }
}
