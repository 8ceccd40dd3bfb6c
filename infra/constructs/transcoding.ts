import { Stack } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnJobTemplate, CfnQueue } from 'aws-cdk-lib/aws-mediaconvert'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import { jobTemplateSettings } from '../../ports/transcoder/job-template.ts'
import type { EnvironmentConfig } from '../config/config.ts'
import { jobStatements } from './job-access.ts'
import { physicalName } from './names.ts'

export interface TranscodingProps {
  readonly config: EnvironmentConfig
  readonly bucket: Bucket
}

const SERVICE = 'mediaconvert.amazonaws.com'

/** MediaConvert for one environment: its queue, the ladder as its job template, and the role as which it works. */
export class Transcoding extends Construct {
  readonly #role: Role
  readonly #queue: CfnQueue
  readonly #template: CfnJobTemplate

  constructor(scope: Construct, id: string, { config, bucket }: TranscodingProps) {
    super(scope, id)
    this.#role = new Role(this, 'Role', {
      roleName: physicalName(config, 'transcoder'),
      description: 'MediaConvert reads copies of videos, and writes their streams.',
      assumedBy: new ServicePrincipal(SERVICE, {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    })
    for (const [action, prefix] of [
      ['s3:GetObject', 'videos/source/'],
      ['s3:PutObject', 'videos/hls/'],
    ] as const) {
      this.#role.addToPolicy(
        new PolicyStatement({ actions: [action], resources: [bucket.arnForObjects(`${prefix}*`)] }),
      )
    }
    this.#queue = new CfnQueue(this, 'Queue', {
      name: physicalName(config, 'videos'),
      description: 'Streams of videos.',
      pricingPlan: 'ON_DEMAND',
      status: 'ACTIVE',
    })
    this.#template = new CfnJobTemplate(this, 'Ladder', {
      name: physicalName(config, 'ladder'),
      description: 'The ladder of ports/transcoder/ladder.ts; jobs are cut from it.',
      category: 'messageai-media',
      queue: this.#queue.attrArn,
      // The shortest that there is: people watch it.
      statusUpdateInterval: 'SECONDS_10',
      settingsJson: jobTemplateSettings(),
    })
  }

  /** What a function is told that starts jobs. */
  get variables(): Readonly<Record<string, string>> {
    return {
      MEDIACONVERT_ROLE_ARN: this.#role.roleArn,
      MEDIACONVERT_JOB_TEMPLATE: this.#template.ref,
      MEDIACONVERT_QUEUE_ARN: this.#queue.attrArn,
    }
  }

  /** For whoever starts jobs, and ends those of a media that went meanwhile. */
  startStatements(): readonly PolicyStatement[] {
    return [
      new PolicyStatement({ actions: ['mediaconvert:CreateJob'], resources: [this.#queue.attrArn] }),
      new PolicyStatement({ actions: ['mediaconvert:GetJobTemplate'], resources: [this.#template.attrArn] }),
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [this.#role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': SERVICE } },
      }),
      ...jobStatements(this, 'cancel'),
    ]
  }
}
