import { type App, CfnResource, Stack, Token, Validations } from 'aws-cdk-lib'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { ORIGINAL_PREFIXES } from '../producers/runtime/original-key.ts'
import type { Declarations } from './build/discover.ts'
import type { PrefixAccess } from './constructs/object-access.ts'

interface Acknowledgement {
  /** As cdk-nag prints it, `<rule>[<finding>]` where a rule can find several things at one resource. */
  readonly finding: string
  /** Paths of the resources that it is about, `<stack>/<construct>/…`. */
  readonly at: RegExp
  readonly reason: string
}

const FUNCTION_POLICIES = /^(processing|api)\/.+\/Role\/DefaultPolicy\/Resource$/

/** What the AWS Solutions rules find and we keep, each with its reason; anything else that they find fails the check. */
const ACKNOWLEDGED: readonly Acknowledgement[] = [
  {
    finding: 'AwsSolutions-IAM5[Resource::*]',
    at: FUNCTION_POLICIES,
    reason: "X-Ray's and Rekognition's actions know no resource to name; infra/policies.test.ts holds '*' to them.",
  },
  {
    finding:
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
    at: /\/CloudWatchRole\/Resource$/,
    reason:
      "The account-wide role by which API Gateway writes logs, with AWS's own policy for it, as AWS documents it.",
  },
  {
    finding: 'AwsSolutions-COG4',
    at: /^api\/Rest\/Api\//,
    reason: 'People sign in with Firebase; a Lambda authorizer verifies their tokens before any route runs.',
  },
  {
    finding: 'AwsSolutions-APIG2',
    at: /^api\/Rest\/Api\/Resource$/,
    reason: 'Every route with a body has a validator and a model on its method; the rule looks for one on the API.',
  },
  {
    finding: 'AwsSolutions-APIG3',
    at: /\/DeploymentStage\.v1\/Resource$/,
    reason: 'Every request carries a verified token, and the stage is throttled.',
  },
  {
    finding: 'AwsSolutions-SQS3',
    at: /^backbone\/Undelivered\/Resource$/,
    reason: 'It is a dead-letter queue: that of every rule. The rules that use it lie in other stacks.',
  },
]

/** Marks what is acknowledged; for the check alone, so that templates carry no word of it. */
export function acknowledge(app: App, bucket: Bucket, declarations: Declarations): void {
  const all = [...ACKNOWLEDGED, ...objectsByPrefix(bucket, declarations), ...scannerRole(bucket), ...jobs(bucket)]
  for (const node of app.node.findAll()) {
    if (!CfnResource.isCfnResource(node)) continue
    for (const { finding, reason } of all.filter(({ at }) => at.test(node.node.path))) {
      // Without the rule pack's name before it, it counts for nothing.
      Validations.of(node).acknowledge({ id: `AwsSolutions::${finding}`, reason })
    }
  }
}

/** Policies name objects by the prefixes that declarations ask for: `…/images/original/*`. */
function objectsByPrefix(bucket: Bucket, { consumers, producers }: Declarations): readonly Acknowledgement[] {
  const access: readonly PrefixAccess[] = [
    ...consumers.map(({ declaration }) => declaration.objectAccess),
    ...producers.map(({ declaration }) => declaration.access),
  ]
  const prefixes = access.flatMap(({ reads = [], writes = [], deletes = [], tags = [] }) => [
    ...reads,
    ...writes,
    ...deletes,
    ...tags,
  ])
  const stack = Stack.of(bucket)
  const imported: Readonly<Record<string, string>> = stack.resolve(stack.exportValue(bucket.bucketArn))
  return [...new Set(prefixes)].map((prefix) => ({
    finding: `AwsSolutions-IAM5[Resource::${imported['Fn::ImportValue']}/${prefix}*]`,
    at: FUNCTION_POLICIES,
    reason: 'One declared prefix of the media bucket: keys below it are made while it runs.',
  }))
}

/** What AWS documents for the role of GuardDuty's scans. */
function scannerRole(bucket: Bucket): readonly Acknowledgement[] {
  const stack = Stack.of(bucket)
  const at = /^storage\/MalwareProtection\/Role\/DefaultPolicy\/Resource$/
  const account = Token.isUnresolved(stack.account) ? '<AWS::AccountId>' : stack.account
  const [logicalId]: readonly string[] = stack.resolve(bucket.bucketArn)['Fn::GetAtt']
  return [
    {
      finding: `AwsSolutions-IAM5[Resource::arn:aws:events:${stack.region}:${account}:rule/DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3*]`,
      at,
      reason: 'GuardDuty names its rule by itself; the condition holds the role to rules that it manages.',
    },
    ...ORIGINAL_PREFIXES.map((prefix) => ({
      finding: `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/${prefix}*]`,
      at,
      reason: 'Originals of one kind: their keys are made while it runs.',
    })),
  ]
}

/** Jobs are named by MediaConvert when they are made. */
function jobs(bucket: Bucket): readonly Acknowledgement[] {
  const stack = Stack.of(bucket)
  const account = Token.isUnresolved(stack.account) ? '<AWS::AccountId>' : stack.account
  return [
    {
      finding: `AwsSolutions-IAM5[Resource::arn:aws:mediaconvert:${stack.region}:${account}:jobs/*]`,
      at: FUNCTION_POLICIES,
      reason: 'A job has the name that MediaConvert gave it; the action reads or cancels one of the account.',
    },
  ]
}
