import { Duration } from 'aws-cdk-lib'
import { CfnRule } from 'aws-cdk-lib/aws-events'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import type { Producer, Trigger } from '../../producers/runtime/define-producer.ts'
import { Failures, saysFailures } from './failures.ts'
import { jobStatements } from './job-access.ts'
import { physicalName } from './names.ts'
import { NodeFunction, type Platform } from './node-function.ts'
import { objectStatements } from './object-access.ts'

export interface ScheduledProducerProps {
  readonly platform: Platform
  readonly producer: Producer
  readonly trigger: Extract<Trigger, { kind: 'schedule' }>
}

/** A function that runs every few minutes. A run that fails is not repeated: the next one does its work. */
export class ScheduledProducer extends Construct {
  constructor(scope: Construct, id: string, { platform, producer, trigger }: ScheduledProducerProps) {
    super(scope, id)
    const { name, description, resources, access } = producer
    const fn = new NodeFunction(this, 'Function', {
      platform,
      name,
      description,
      ...resources,
      publishes: access.publishes ?? false,
    })
    fn.handler.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(trigger.everyMinutes) })
    fn.allow(...objectStatements(platform.bucket, access), ...jobStatements(this, access.jobs))
    if (saysFailures(producer)) {
      const description = `${name} gave up steps that did not end in time, and no file is at fault: its log names the media and the steps; find out what was lost, then replay those media through the consumers by force.`
      new Failures(this, 'Failures', { platform, name, group: 'producers', fn, description })
    }
    const unit = trigger.everyMinutes === 1 ? 'minute' : 'minutes'
    const rule = new CfnRule(this, 'Rule', {
      name: physicalName(platform.config, name),
      description,
      scheduleExpression: `rate(${trigger.everyMinutes} ${unit})`,
      state: 'ENABLED',
      targets: [{ id: 'function', arn: fn.handler.functionArn }],
    })
    fn.handler.addPermission('Schedule', {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceArn: rule.attrArn,
    })
  }
}
