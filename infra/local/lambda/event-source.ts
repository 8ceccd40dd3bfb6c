import {
  listProperty,
  objectProperty,
  onlyProperties,
  optionalBoolean,
  optionalNumber,
  requiredString,
} from '../assembly/properties.ts'
import type { Cloud, QueueReader, ReceivedMessage, ResourceDeclaration } from '../cloud.ts'
import type { LocalFunction } from './function.ts'
import { failedItems, sqsEvent } from './sqs-event.ts'

export interface MappingDeclaration {
  readonly queueArn: string
  /** Name or ARN. */
  readonly functionName: string
  readonly enabled: boolean
  readonly batchSize: number
  readonly windowMs: number
  readonly reportsItemFailures: boolean
  readonly maximumConcurrency: number
}

/**
 * Reads an `AWS::Lambda::EventSourceMapping` of a queue.
 * @throws Error naming the property that asks for what does not run here, or that AWS refuses.
 */
export function readMapping(resource: ResourceDeclaration): MappingDeclaration {
  const { properties } = resource
  onlyProperties(
    resource,
    [
      'EventSourceArn',
      'FunctionName',
      'Enabled',
      'BatchSize',
      'MaximumBatchingWindowInSeconds',
      'FunctionResponseTypes',
      'ScalingConfig',
    ],
    { Tags: 'nothing reads them', MetricsConfig: 'no metrics are collected' },
  )
  const queueArn = requiredString(properties, 'EventSourceArn')
  if (!queueArn.startsWith('arn:aws:sqs:'))
    throw new Error(`EventSourceArn ${queueArn} is not run here; allowed: queues`)
  const batchSize = optionalNumber(properties, 'BatchSize') ?? 10
  const windowMs = (optionalNumber(properties, 'MaximumBatchingWindowInSeconds') ?? 0) * 1000
  if (batchSize > 10 && windowMs === 0) {
    throw new Error(`BatchSize ${batchSize}: more than 10 needs a MaximumBatchingWindowInSeconds of 1 or more`)
  }
  const maximumConcurrency = optionalNumber(objectProperty(properties, 'ScalingConfig'), 'MaximumConcurrency')
  if (maximumConcurrency !== undefined && (maximumConcurrency < 2 || maximumConcurrency > 1000)) {
    throw new Error(`ScalingConfig.MaximumConcurrency ${maximumConcurrency} must be from 2 to 1000`)
  }
  return {
    queueArn,
    functionName: requiredString(properties, 'FunctionName'),
    enabled: optionalBoolean(properties, 'Enabled') ?? true,
    batchSize,
    windowMs,
    reportsItemFailures: listProperty(properties, 'FunctionResponseTypes').includes('ReportBatchItemFailures'),
    maximumConcurrency: maximumConcurrency ?? Number.POSITIVE_INFINITY,
  }
}

export interface EventSource {
  /** Takes no further message and resolves once the batches under way have ended. */
  stop(): Promise<void>
}

// SQS gives at most so many at a time.
const MAX_RECEIVE = 10

/**
 * Carries messages from a queue to a function, in batches. It takes messages only while the function has room, so that
 * they wait in the queue, visible to others, and not hidden with their time running. What fails comes back when its
 * visibility timeout is over.
 */
export function startEventSource(
  mapping: MappingDeclaration,
  target: LocalFunction,
  queues: QueueReader,
  cloud: Pick<Cloud, 'region' | 'log'>,
): EventSource {
  const { queueArn, batchSize, windowMs, maximumConcurrency } = mapping
  const underway = new Set<Promise<void>>()
  let gathering: { readonly messages: ReceivedMessage[]; readonly timer: NodeJS.Timeout } | undefined
  let stopped = false

  const flush = (): void => {
    if (!gathering) return
    clearTimeout(gathering.timer)
    const { messages } = gathering
    gathering = undefined
    launch(messages)
  }

  const launch = (messages: readonly ReceivedMessage[]): void => {
    const batch: Promise<void> = process(messages)
      .catch((error: unknown) => {
        // The messages come back when their visibility timeout is over.
        const message = `a batch of ${queueArn} could not be settled: ${String(error)}`
        cloud.log({ level: 'error', from: `lambda:${target.declaration.name}`, message })
      })
      .finally(() => {
        underway.delete(batch)
        poll()
      })
    underway.add(batch)
  }

  const process = async (messages: readonly ReceivedMessage[]): Promise<void> => {
    const result = await target.invoke(sqsEvent(messages, queueArn, cloud.region))
    if (!result.ok) return
    const failed = mapping.reportsItemFailures ? failedItems(result.payload, messages) : new Set<string>()
    if (failed === 'all') {
      const message = `the answer of request ${result.requestId} fails its whole batch: it names no item of it`
      return cloud.log({ level: 'warn', from: `lambda:${target.declaration.name}`, message })
    }
    const done = messages.filter(({ messageId }) => !failed.has(messageId))
    queues.delete(
      queueArn,
      done.map(({ receiptHandle }) => receiptHandle),
    )
  }

  const poll = (): void => {
    while (!stopped && underway.size < maximumConcurrency && target.hasRoom()) {
      const wanted = Math.min(MAX_RECEIVE, batchSize - (gathering?.messages.length ?? 0))
      const messages = queues.receive(queueArn, wanted)
      if (messages.length === 0) return
      if (windowMs === 0) {
        launch(messages)
        continue
      }
      gathering ??= { messages: [], timer: setTimeout(flush, windowMs) }
      gathering.messages.push(...messages)
      if (gathering.messages.length >= batchSize) flush()
    }
  }

  const stopListening = queues.onVisible(queueArn, poll)
  const stopWaiting = target.onRoom(poll)
  poll()

  return {
    async stop() {
      stopped = true
      stopListening()
      stopWaiting()
      if (gathering) {
        clearTimeout(gathering.timer)
        for (const { receiptHandle } of gathering.messages) queues.changeVisibility(queueArn, receiptHandle, 0)
        gathering = undefined
      }
      await Promise.all(underway)
    },
  }
}
