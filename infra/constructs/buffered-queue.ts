import { Duration } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { EnvironmentConfig } from '../config/config.ts'
import { ALARM_PERIOD, raiseAlarm } from './alarm.ts'
import { physicalName } from './names.ts'
import type { NodeFunction } from './node-function.ts'

/** How often a message is tried before it counts as dead; below 5, throttling alone could kill it. */
const MAX_RECEIVES = 5
const DEAD_LETTER_RETENTION = Duration.days(14)
/** A mapping takes more than 10 messages a batch only where it may wait for them. */
const LARGE_BATCH_WINDOW = Duration.seconds(1)

export interface BufferedQueueProps {
  readonly config: EnvironmentConfig
  readonly alarms: ITopic
  /** Its own part of the queue's name: `generate-thumbnail`. */
  readonly name: string
  /** Of the function that reads it. */
  readonly timeoutSeconds: number
  readonly batchSize: number
  /** Where another queue of the same function sends its dead letters already. */
  readonly deadLetters?: Queue
  /** Minutes after which the oldest message is late; left out, nobody waits for it. */
  readonly lateAfterMinutes?: number
}

/** A standard queue before a function, with a dead-letter queue, and alarms for what is dead or late. */
export class BufferedQueue extends Construct {
  readonly queue: Queue
  readonly deadLetters: Queue
  readonly batchingWindow: Duration

  constructor(scope: Construct, id: string, props: BufferedQueueProps) {
    super(scope, id)
    const { config, alarms, name } = props
    this.batchingWindow = props.batchSize > 10 ? LARGE_BATCH_WINDOW : Duration.seconds(0)
    this.deadLetters = props.deadLetters ?? this.#deadLetterQueue(props)
    this.queue = new Queue(this, 'Queue', {
      queueName: physicalName(config, name),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(config.queueRetention),
      // Six times the function's timeout, as Lambda's mapping may hold a batch through its own retries of throttled invocations.
      visibilityTimeout: Duration.seconds(6 * props.timeoutSeconds + this.batchingWindow.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    })
    if (props.lateAfterMinutes !== undefined) {
      raiseAlarm(this, 'Late', {
        name: physicalName(config, name, 'late'),
        description: `Messages wait for ${name} longer than ${props.lateAfterMinutes} minutes: look at its errors and its concurrency.`,
        metric: this.queue.metricApproximateAgeOfOldestMessage({ period: ALARM_PERIOD, statistic: 'Maximum' }),
        above: props.lateAfterMinutes * 60,
        topic: alarms,
      })
    }
  }

  /** The function may put messages there that it can't read, instead of failing on them five times. */
  allowDeadLettersFrom(fn: NodeFunction): void {
    fn.allow(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.deadLetters.queueArn] }))
  }

  #deadLetterQueue({ config, alarms, name }: BufferedQueueProps): Queue {
    const queue = new Queue(this, 'DeadLetters', {
      queueName: physicalName(config, name, 'dlq'),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // A message keeps its age when it dies: what keeps it must keep longer than the queue did.
      retentionPeriod: DEAD_LETTER_RETENTION,
    })
    raiseAlarm(this, 'Dead', {
      name: physicalName(config, name, 'dead-letters'),
      description: `${name} gave up on messages: read why in its log, mend it, then redrive ${physicalName(config, name, 'dlq')}.`,
      metric: queue.metricApproximateNumberOfMessagesVisible({ period: ALARM_PERIOD, statistic: 'Maximum' }),
      above: 0,
      topic: alarms,
    })
    return queue
  }
}
