import { Duration } from 'aws-cdk-lib'
import type { IEventBus } from 'aws-cdk-lib/aws-events'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { EventRule } from './event-rule.ts'
import { patternFor, type Wanted } from './external-subscriber.ts'

export interface EventSubscriptionProps extends Wanted {
  /** The product's bus, or in another account the `SubscriberBus` that its events come to. */
  readonly bus: Pick<IEventBus, 'eventBusName'>
  /** Of the queue and the rule: `search-thumbnails`. */
  readonly name: string
  /** How long a message stays hidden while it is handled: six times the timeout of a function that reads it. 180 s. */
  readonly visibilityTimeout?: Duration
}

const MAX_RECEIVES = 5

/**
 * Another team's end of the bus, in its own stack: a rule, a queue that its program reads, and a queue for what failed
 * there five times or could not be delivered. `queue.grantConsumeMessages(…)` gives the program its rights.
 */
export class EventSubscription extends Construct {
  readonly queue: Queue
  readonly deadLetters: Queue

  constructor(scope: Construct, id: string, props: EventSubscriptionProps) {
    super(scope, id)
    const { bus, name, visibilityTimeout = Duration.minutes(3) } = props
    this.deadLetters = new Queue(this, 'DeadLetters', {
      queueName: `${name}-dlq`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    })
    this.queue = new Queue(this, 'Queue', {
      queueName: name,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    })
    const rule = new EventRule(this, 'Rule', {
      name,
      description: `Events of MessageAI Media for ${name}.`,
      busName: bus.eventBusName,
      pattern: patternFor(props),
      queue: this.queue,
      undelivered: this.deadLetters,
    })
    this.deadLetters.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.deadLetters.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
      }),
    )
  }
}
