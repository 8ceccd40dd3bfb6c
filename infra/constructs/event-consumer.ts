import type { ILayerVersion } from 'aws-cdk-lib/aws-lambda'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { Consumer } from '../../consumers/runtime/define-consumer.ts'
import { deadlineSeconds, KINDS } from '../../contracts/limits.ts'
import { livePattern, replayPattern } from '../../events/pattern.ts'
import type { LayerName } from '../build/layers.ts'
import { BufferedQueue } from './buffered-queue.ts'
import { EventRule } from './event-rule.ts'
import { Failures, saysFailures } from './failures.ts'
import { physicalName } from './names.ts'
import { grantsOf } from './needs.ts'
import { NodeFunction, type Platform } from './node-function.ts'
import { objectStatements } from './object-access.ts'

/** The least that a mapping takes: a replay is paced and leaves live traffic its share. */
const REPLAY_CONCURRENCY = 2

export interface EventConsumerProps {
  readonly platform: Platform
  readonly consumer: Consumer
  readonly layers: Readonly<Record<LayerName, ILayerVersion>>
  readonly undelivered: IQueue
}

/**
 * One consumer as it is declared: live events by rule and queue, replayed ones by a rule and a slow queue of their
 * own, one function behind both, and one dead-letter queue.
 */
export class EventConsumer extends Construct {
  constructor(scope: Construct, id: string, { platform, consumer, layers, undelivered }: EventConsumerProps) {
    super(scope, id)
    const { config, bus, bucket, alarms } = platform
    const { name, resources, objectAccess } = consumer
    const queue = { config, alarms, timeoutSeconds: resources.timeoutSeconds, batchSize: resources.batchSize }
    const live = new BufferedQueue(this, 'Live', {
      ...queue,
      name,
      lateAfterMinutes: Math.min(...KINDS.map(deadlineSeconds)) / 60,
    })
    // A replay may wait for hours: only its dead letters are news.
    const replay = new BufferedQueue(this, 'Replay', {
      ...queue,
      name: `${name}-replay`,
      deadLetters: live.deadLetters,
    })
    new EventRule(this, 'LiveRule', {
      name: physicalName(config, name),
      description: consumer.description,
      busName: bus.eventBusName,
      pattern: livePattern(consumer.on),
      queue: live.queue,
      undelivered,
    })
    new EventRule(this, 'ReplayRule', {
      name: physicalName(config, name, 'replay'),
      description: `Replayed events for ${name}, on its slow lane.`,
      busName: bus.eventBusName,
      pattern: replayPattern(consumer),
      queue: replay.queue,
      undelivered,
    })
    const needed = grantsOf(consumer.needs, platform)
    const fn = new NodeFunction(this, 'Function', {
      platform,
      name,
      description: consumer.description,
      memoryMb: resources.memoryMb,
      timeoutSeconds: resources.timeoutSeconds,
      scratchMb: resources.scratchMb,
      layers: needed.layers.map((layer) => layers[layer]),
      publishes: true,
      variables: { ...needed.variables, DEAD_LETTER_QUEUE_URL: live.deadLetters.queueUrl },
    })
    fn.allow(...needed.statements)
    for (const [lane, maxConcurrency] of [
      [live, resources.concurrency],
      [replay, REPLAY_CONCURRENCY],
    ] as const) {
      fn.handler.addEventSource(
        new SqsEventSource(lane.queue, {
          batchSize: resources.batchSize,
          ...(resources.batchSize > 10 ? { maxBatchingWindow: lane.batchingWindow } : {}),
          maxConcurrency,
          reportBatchItemFailures: true,
        }),
      )
    }
    // What nobody can read goes there at once, with the reason.
    live.allowDeadLettersFrom(fn)
    // It looks whether its outputs lie there already, and deletes them by version when the media is gone meanwhile.
    const { reads = [], writes = [] } = objectAccess
    fn.allow(...objectStatements(bucket, { ...objectAccess, reads: [...reads, ...writes], deletes: writes }))
    if (saysFailures(consumer)) {
      const description = `${name} could not do its part, and no file is at fault: read why in its log, mend it, then replay those media through it by force.`
      new Failures(this, 'Failures', { platform, name, group: 'consumers', fn, description })
    }
  }
}
