import { App, Stack } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { EventBus } from 'aws-cdk-lib/aws-events'
import { Queue } from 'aws-cdk-lib/aws-sqs'
import { ThumbnailReadyV1 } from '../../contracts/generated/events.ts'
import { inclusivePattern, livePattern } from '../../events/pattern.ts'
import { EventSubscription } from './event-subscription.ts'
import { ExternalSubscriber, SubscriberBus } from './external-subscriber.ts'

const PUBLISHER = '111111111111'
const SUBSCRIBER = '222222222222'
const on = [ThumbnailReadyV1]

function stackIn(account: string): Stack {
  const app = new App({ analyticsReporting: false, builtinCloudFormationValidation: false })
  return new Stack(app, 'Stack', { env: { account, region: 'eu-central-1' } })
}

describe('a subscription in the same account', () => {
  const synthesize = (replays: { replays?: 'include' } = {}) => {
    const stack = stackIn(PUBLISHER)
    const bus = EventBus.fromEventBusName(stack, 'Bus', 'messageai-media-prod')
    new EventSubscription(stack, 'Thumbnails', { bus, name: 'search-thumbnails', on, ...replays })
    return Template.fromStack(stack)
  }

  it('is a rule on the bus that sends to a queue of its own, and leaves replays out', () => {
    const template = synthesize()
    const [queue = ''] = Object.keys(template.findResources('AWS::SQS::Queue', nameIs('search-thumbnails')))
    const [dead = ''] = Object.keys(template.findResources('AWS::SQS::Queue', nameIs('search-thumbnails-dlq')))
    template.resourceCountIs('AWS::Events::Rule', 1)
    template.hasResourceProperties('AWS::Events::Rule', {
      Name: 'search-thumbnails',
      EventBusName: 'messageai-media-prod',
      EventPattern: livePattern(on),
      Targets: [
        {
          Id: 'queue',
          Arn: { 'Fn::GetAtt': [queue, 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [dead, 'Arn'] } },
        },
      ],
    })
    expect(JSON.stringify(livePattern(on))).toContain('"replay-name":[{"exists":false}]')
  })

  it('keeps what failed five times for two weeks, and lets its own rule in alone', () => {
    const template = synthesize()
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'search-thumbnails',
      RedrivePolicy: { maxReceiveCount: 5 },
      VisibilityTimeout: 180,
    })
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'search-thumbnails-dlq',
      MessageRetentionPeriod: 1_209_600,
    })
    const [rule = ''] = Object.keys(template.findResources('AWS::Events::Rule'))
    const policies = Object.values(template.findResources('AWS::SQS::QueuePolicy'))
    expect(policies).toHaveLength(2)
    for (const policy of policies) {
      expect(policy).toMatchObject({
        Properties: {
          PolicyDocument: {
            Statement: expect.arrayContaining([
              expect.objectContaining({
                Action: 'sqs:SendMessage',
                Effect: 'Allow',
                Principal: { Service: 'events.amazonaws.com' },
                Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [rule, 'Arn'] } } },
              }),
            ]),
          },
        },
      })
    }
  })

  it('gets replays where it asks for them', () => {
    synthesize({ replays: 'include' }).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: inclusivePattern(on),
    })
  })
})

describe('a subscriber in another account', () => {
  const targetBusArn = `arn:aws:events:eu-central-1:${SUBSCRIBER}:event-bus/media`

  it('gets events from a rule on the bus whose role may put them onto theirs, and nothing more', () => {
    const stack = stackIn(PUBLISHER)
    new ExternalSubscriber(stack, 'Search', {
      bus: EventBus.fromEventBusName(stack, 'Bus', 'messageai-media-prod'),
      ruleName: 'messageai-prod-to-search',
      on,
      targetBusArn,
      undelivered: new Queue(stack, 'Undelivered'),
    })
    const template = Template.fromStack(stack)
    const [role = ''] = Object.keys(template.findResources('AWS::IAM::Role'))
    template.hasResourceProperties('AWS::Events::Rule', {
      EventBusName: 'messageai-media-prod',
      EventPattern: livePattern(on),
      Targets: [
        { Arn: targetBusArn, RoleArn: { 'Fn::GetAtt': [role, 'Arn'] }, DeadLetterConfig: { Arn: Match.anyValue() } },
      ],
    })
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [{ Action: 'events:PutEvents', Effect: 'Allow', Resource: targetBusArn }] },
    })
  })

  it('has a bus that takes the product’s events from its account alone, and a subscription on it', () => {
    const stack = stackIn(SUBSCRIBER)
    const { bus } = new SubscriberBus(stack, 'Media', { busName: 'media', publisherAccount: PUBLISHER })
    new EventSubscription(stack, 'Thumbnails', { bus, name: 'search-thumbnails', on })
    const template = Template.fromStack(stack)
    const [logicalId = ''] = Object.keys(template.findResources('AWS::Events::EventBus'))
    template.hasResourceProperties('AWS::Events::EventBusPolicy', {
      EventBusName: { Ref: logicalId },
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${PUBLISHER}:root` },
        Action: 'events:PutEvents',
        Resource: { 'Fn::GetAtt': [logicalId, 'Arn'] },
        Condition: { StringEquals: { 'events:source': 'messageai.media' } },
      },
    })
    template.hasResourceProperties('AWS::Events::Rule', { EventBusName: { Ref: logicalId } })
  })
})

function nameIs(QueueName: string): object {
  return { Properties: { QueueName } }
}
