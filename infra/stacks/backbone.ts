import { ArnFormat, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import { Archive, type CfnArchive, EventBus } from 'aws-cdk-lib/aws-events'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { EVENT_SOURCE } from '../../events/bus.ts'
import type { EnvironmentConfig } from '../config/config.ts'
import { ALARM_PERIOD, raiseAlarm } from '../constructs/alarm.ts'
import { physicalName } from '../constructs/names.ts'
import { type RegistryDocument, SchemaRegistry } from '../constructs/schema-registry.ts'

export interface BackboneStackProps extends StackProps {
  readonly config: EnvironmentConfig
  readonly schemas: readonly RegistryDocument[]
}

/** What everything else hangs on: the bus with its archive and schemas, what it could not deliver, and who hears alarms. */
export class BackboneStack extends Stack {
  readonly bus: EventBus
  readonly alarms: Topic
  readonly undelivered: Queue

  constructor(scope: Construct, id: string, { config, schemas, ...props }: BackboneStackProps) {
    super(scope, id, props)
    const name = `messageai-media-${config.environment}`
    this.alarms = new Topic(this, 'Alarms', { topicName: physicalName(config, 'alarms'), enforceSSL: true })
    if (config.alarmEmail !== undefined) this.alarms.addSubscription(new EmailSubscription(config.alarmEmail))

    this.bus = new EventBus(this, 'Bus', { eventBusName: name, description: 'What happens to media.' })
    const archive = new Archive(this, 'Archive', {
      archiveName: name,
      description: 'Every event of the product, to be replayed.',
      sourceEventBus: this.bus,
      eventPattern: { source: [EVENT_SOURCE] },
      ...(config.archive === 'forever' ? {} : { retention: Duration.days(config.archive) }),
    })
    // The read model can be built again from it: it outlives its stack.
    ;(archive.node.defaultChild as CfnArchive).applyRemovalPolicy(RemovalPolicy.RETAIN)

    new SchemaRegistry(this, 'Schemas', { name, schemas })
    this.undelivered = this.#undelivered(config)
    new CfnOutput(this, 'EventBusArn', { value: this.bus.eventBusArn })
    new CfnOutput(this, 'ArchiveName', { value: name })
  }

  /** One for all rules: each message says in its attributes which rule and target it was for, and why it failed. */
  #undelivered(config: EnvironmentConfig): Queue {
    const queue = new Queue(this, 'Undelivered', {
      queueName: physicalName(config, 'undelivered'),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    })
    // Rules lie in stacks that need this one, so they are named by a wildcard: this account's, in this region.
    queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: {
          StringEquals: { 'aws:SourceAccount': this.account },
          ArnLike: {
            'aws:SourceArn': this.formatArn({
              service: 'events',
              resource: 'rule',
              resourceName: '*',
              arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
            }),
          },
        },
      }),
    )
    raiseAlarm(this, 'NotDelivered', {
      name: physicalName(config, 'undelivered'),
      description:
        'A rule could not deliver events: the attributes of the messages in the queue say which rule and why.',
      metric: queue.metricApproximateNumberOfMessagesVisible({ period: ALARM_PERIOD, statistic: 'Maximum' }),
      above: 0,
      topic: this.alarms,
    })
    return queue
  }
}
