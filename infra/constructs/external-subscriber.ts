import { CfnEventBusPolicy, CfnRule, EventBus, type IEventBus } from 'aws-cdk-lib/aws-events'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { EVENT_SOURCE } from '../../events/bus.ts'
import { type Interest, inclusivePattern, livePattern } from '../../events/pattern.ts'

/** Which events somebody beside the product's own consumers gets. */
export interface Wanted {
  /** Contracts, or some of their events by `contract.where(…)`. */
  readonly on: readonly Interest[]
  /** Left out, nothing that a replay brings comes: neither the archive's events again nor what was made of them. */
  readonly replays?: 'include'
}

/** The pattern of a rule for others. */
export function patternFor({ on, replays }: Wanted): Readonly<Record<string, unknown>> {
  return replays === 'include' ? inclusivePattern(on) : livePattern(on)
}

export interface ExternalSubscriberProps extends Wanted {
  /** The product's bus. */
  readonly bus: Pick<IEventBus, 'eventBusName'>
  readonly ruleName: string
  /** The other account's bus, which lets this account put events: `arn:aws:events:eu-central-1:222222222222:event-bus/media`. */
  readonly targetBusArn: string
  /** Takes what their bus refused for 24 hours. */
  readonly undelivered: IQueue
}

/**
 * In the product's account: sends events on to the bus of another account, where an `EventSubscription` takes them off.
 * What crosses loses its `replay-name`, so whether replays go along is decided here.
 */
export class ExternalSubscriber extends Construct {
  constructor(scope: Construct, id: string, props: ExternalSubscriberProps) {
    super(scope, id)
    const { bus, ruleName, targetBusArn, undelivered } = props
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('events.amazonaws.com'),
      description: `Puts events onto ${targetBusArn}.`,
    })
    role.addToPolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [targetBusArn] }))
    new CfnRule(this, 'Rule', {
      name: ruleName,
      description: `Events for ${targetBusArn}.`,
      eventBusName: bus.eventBusName,
      eventPattern: patternFor(props),
      state: 'ENABLED',
      targets: [
        { id: 'bus', arn: targetBusArn, roleArn: role.roleArn, deadLetterConfig: { arn: undelivered.queueArn } },
      ],
    })
  }
}

export interface SubscriberBusProps {
  readonly busName: string
  /** The account that the product runs in: twelve digits. */
  readonly publisherAccount: string
}

/** In the subscriber's account: a bus that takes the product's events from the product's account, and nothing else of it. */
export class SubscriberBus extends Construct {
  readonly bus: EventBus

  constructor(scope: Construct, id: string, { busName, publisherAccount }: SubscriberBusProps) {
    super(scope, id)
    this.bus = new EventBus(this, 'Bus', { eventBusName: busName, description: 'Events of MessageAI Media.' })
    new CfnEventBusPolicy(this, 'Policy', {
      eventBusName: this.bus.eventBusName,
      statementId: 'messageai-media',
      statement: {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${publisherAccount}:root` },
        Action: 'events:PutEvents',
        Resource: this.bus.eventBusArn,
        Condition: { StringEquals: { 'events:source': EVENT_SOURCE } },
      },
    })
  }
}
