import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { EventPattern } from '../../events/pattern.ts'
import type { Producer, Trigger } from '../../producers/runtime/define-producer.ts'
import type { EnvironmentConfig } from '../config/config.ts'
import { BufferedQueue } from './buffered-queue.ts'
import { EventRule } from './event-rule.ts'
import { jobStatements } from './job-access.ts'
import { physicalName } from './names.ts'
import { NodeFunction, type Platform } from './node-function.ts'
import { objectStatements } from './object-access.ts'

export interface NotifiedProducerProps {
  readonly platform: Platform
  readonly producer: Producer
  readonly trigger: Extract<Trigger, { kind: 'object-created' | 'aws-event' }>
  readonly undelivered: IQueue
}

/** How long news may wait before somebody is told, in minutes: people look at their photo. */
const LATE_AFTER_MINUTES = 5

/** What S3 or another AWS service says on the account's default bus, through a queue to a function. */
export class NotifiedProducer extends Construct {
  constructor(scope: Construct, id: string, props: NotifiedProducerProps) {
    super(scope, id)
    const { platform, producer, trigger, undelivered } = props
    const { config, bucket, alarms } = platform
    const { name, resources, access } = producer
    const buffer = new BufferedQueue(this, 'News', {
      config,
      alarms,
      name,
      timeoutSeconds: resources.timeoutSeconds,
      batchSize: trigger.batchSize,
      lateAfterMinutes: LATE_AFTER_MINUTES,
    })
    new EventRule(this, 'Rule', {
      name: physicalName(config, name),
      description: producer.description,
      pattern: patternOf(trigger, config),
      queue: buffer.queue,
      undelivered,
    })
    const fn = new NodeFunction(this, 'Function', {
      platform,
      name,
      description: producer.description,
      ...resources,
      publishes: access.publishes ?? false,
      variables: { DEAD_LETTER_QUEUE_URL: buffer.deadLetters.queueUrl },
    })
    fn.handler.addEventSource(
      new SqsEventSource(buffer.queue, {
        batchSize: trigger.batchSize,
        ...(trigger.batchSize > 10 ? { maxBatchingWindow: buffer.batchingWindow } : {}),
        maxConcurrency: trigger.concurrency,
        reportBatchItemFailures: true,
      }),
    )
    buffer.allowDeadLettersFrom(fn)
    fn.allow(...objectStatements(bucket, access), ...jobStatements(this, access.jobs))
  }
}

function patternOf(trigger: NotifiedProducerProps['trigger'], { storage }: EnvironmentConfig): EventPattern {
  if (trigger.kind === 'aws-event') {
    const { source, detailTypes, detail } = trigger
    return { source: [source], 'detail-type': detailTypes, ...(detail && { detail }) }
  }
  return {
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
    detail: {
      bucket: { name: [storage.bucketName] },
      object: { key: trigger.prefixes.map((prefix) => ({ prefix })) },
    },
  }
}
