import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib'
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch'
import type { EventBus } from 'aws-cdk-lib/aws-events'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  Code,
  type ILayerVersion,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { EVENT_SOURCE } from '../../events/bus.ts'
import type { EnvironmentConfig } from '../config/config.ts'
import { ALARM_PERIOD, raiseAlarm } from './alarm.ts'
import { EXTERNAL_ACCOUNT_FILE } from './google-identity-layer.ts'
import { logRetention } from './log-retention.ts'
import { physicalName } from './names.ts'
import type { Transcoding } from './transcoding.ts'

/** What every function of an environment stands on. */
export interface Platform {
  readonly config: EnvironmentConfig
  readonly bus: EventBus
  readonly bucket: Bucket
  readonly alarms: ITopic
  /** Absolute; the folder of a function's bundle, by its name. */
  readonly codeOf: (name: string) => string
  /** How Google's libraries find who the function is; undefined where an emulator asks nobody. */
  readonly googleIdentity: ILayerVersion | undefined
  /** In the stack of those who have videos streamed. */
  readonly transcoding?: Transcoding
}

export interface NodeFunctionProps {
  readonly platform: Platform
  readonly name: string
  readonly description: string
  readonly memoryMb: number
  readonly timeoutSeconds: number
  /** Of its temporary folder; 512 where left out. */
  readonly scratchMb?: number | undefined
  readonly layers?: readonly ILayerVersion[]
  /** May put events on the product's bus. */
  readonly publishes: boolean
  /** An authorizer fails by design where it turns a caller away: left out, every failure counts. */
  readonly failsByDesign?: boolean
  /** What it is told beside the names of the platform. */
  readonly variables?: Readonly<Record<string, string>>
}

/**
 * A function of one bundle, with its own role and log group. The role may write its log and traces; everything else
 * is granted one statement at a time.
 */
export class NodeFunction extends Construct {
  readonly handler: LambdaFunction

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id)
    const { config, bus, bucket, codeOf, googleIdentity } = props.platform
    const functionName = physicalName(config, props.name)
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: logRetention(config),
      removalPolicy: RemovalPolicy.DESTROY,
    })
    // Named, so that Google's side can say whom it trusts: docs/decisions/010-firestore-from-lambda.md.
    const role = new Role(this, 'Role', {
      roleName: functionName,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    })
    logGroup.grantWrite(role)
    this.handler = new LambdaFunction(this, 'Function', {
      functionName,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(codeOf(props.name)),
      handler: 'index.handler',
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds),
      ...(props.scratchMb === undefined ? {} : { ephemeralStorageSize: Size.mebibytes(props.scratchMb) }),
      role,
      logGroup,
      tracing: Tracing.ACTIVE,
      layers: [...(props.layers ?? []), ...(googleIdentity ? [googleIdentity] : [])],
      environment: {
        ENVIRONMENT: config.environment,
        BUS_NAME: bus.eventBusName,
        MEDIA_BUCKET: bucket.bucketName,
        PROJECT_ID: config.firebase.projectId,
        AUTH_MODE: config.authMode,
        CHECKS: config.checks.join(',') || 'none',
        ...(googleIdentity ? { GOOGLE_APPLICATION_CREDENTIALS: EXTERNAL_ACCOUNT_FILE } : {}),
        ...props.variables,
      },
    })
    if (props.publishes) {
      this.allow(
        new PolicyStatement({
          actions: ['events:PutEvents'],
          resources: [bus.eventBusArn],
          // A call has up to ten entries, each with its source.
          conditions: { 'ForAllValues:StringEquals': { 'events:source': EVENT_SOURCE } },
        }),
      )
    }
    if (!props.failsByDesign) this.#watchErrors(props)
  }

  allow(...statements: readonly PolicyStatement[]): void {
    for (const statement of statements) this.handler.addToRolePolicy(statement)
  }

  #watchErrors({ platform: { config, alarms }, name }: NodeFunctionProps): void {
    raiseAlarm(this, 'Errors', {
      name: physicalName(config, name, 'errors'),
      description: `More than 1 % of the invocations of ${name} fail or time out: read its log.`,
      metric: new MathExpression({
        label: 'errors, % of invocations',
        expression: 'IF(invocations > 0, 100 * errors / invocations, 0)',
        usingMetrics: {
          errors: this.handler.metricErrors({ period: ALARM_PERIOD }),
          invocations: this.handler.metricInvocations({ period: ALARM_PERIOD }),
        },
        period: ALARM_PERIOD,
      }),
      above: 1,
      topic: alarms,
    })
  }
}
