import { CfnRule } from 'aws-cdk-lib/aws-events'
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IQueue, Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'

export interface EventRuleProps {
  readonly name: string
  readonly description: string
  /** Left out, the account's default bus, where AWS's own services speak. */
  readonly busName?: string
  readonly pattern: Readonly<Record<string, unknown>>
  readonly queue: Queue
  /** Takes what could not be delivered for 24 hours, or was not allowed to be. */
  readonly undelivered: IQueue
}

/**
 * A rule that sends the events of a pattern, whole, to one queue. The CDK's own `Rule` would write the undelivered
 * queue's policy too, which lies in another stack that this one needs.
 */
export class EventRule extends Construct {
  readonly ruleArn: string

  constructor(scope: Construct, id: string, props: EventRuleProps) {
    super(scope, id)
    const rule = new CfnRule(this, 'Rule', {
      name: props.name,
      description: props.description,
      ...(props.busName === undefined ? {} : { eventBusName: props.busName }),
      eventPattern: props.pattern,
      state: 'ENABLED',
      targets: [{ id: 'queue', arn: props.queue.queueArn, deadLetterConfig: { arn: props.undelivered.queueArn } }],
    })
    this.ruleArn = rule.attrArn
    props.queue.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [props.queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.attrArn } },
      }),
    )
  }
}
