import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import {
  AccessLogField,
  AccessLogFormat,
  AuthorizationType,
  RestApi as CdkRestApi,
  CfnModel,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  type MethodOptions,
  Model,
  TokenAuthorizer,
} from 'aws-cdk-lib/aws-apigateway'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import type { EnvironmentConfig } from '../config/config.ts'
import { ALARM_PERIOD, raiseAlarm } from './alarm.ts'
import { answerRefusals } from './gateway-problems.ts'
import { logRetention } from './log-retention.ts'
import { physicalName } from './names.ts'

export interface RestApiProps {
  readonly config: EnvironmentConfig
  readonly alarms: ITopic
  readonly authorizer: IFunction
  readonly routes: readonly Route[]
}

export interface Route {
  readonly name: string
  readonly method: string
  /** `/media/{id}`. */
  readonly path: string
  /** JSON Schema (draft 4) of the body. */
  readonly body?: Readonly<Record<string, unknown>>
  readonly handler: IFunction
}

/** How long a token that was accepted counts without being looked at again: what a revoked one can still do. */
const AUTHORIZER_CACHE = Duration.minutes(1)

/**
 * The API that the app calls: who calls is known before anything runs, bodies fit their schema, and everybody shares a
 * limit of requests. Any page may call it: callers prove who they are by a token, never by a cookie.
 */
export class RestApi extends Construct {
  readonly api: CdkRestApi

  constructor(scope: Construct, id: string, { config, alarms, authorizer, routes }: RestApiProps) {
    super(scope, id)
    const accessLog = new LogGroup(this, 'AccessLog', {
      logGroupName: `/aws/apigateway/${physicalName(config, 'api')}`,
      retention: logRetention(config),
      removalPolicy: RemovalPolicy.DESTROY,
    })
    this.api = new CdkRestApi(this, 'Api', {
      restApiName: physicalName(config, 'api'),
      description: 'What the app asks for becomes an event or a refusal.',
      endpointTypes: [EndpointType.REGIONAL],
      // API Gateway writes no log at all before the account has a role for it.
      cloudWatchRole: true,
      deployOptions: {
        stageName: 'v1',
        throttlingRateLimit: config.api.requestsPerSecond,
        throttlingBurstLimit: config.api.burst,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: ACCESS_LOG,
        loggingLevel: MethodLoggingLevel.ERROR,
        metricsEnabled: true,
        tracingEnabled: true,
      },
      defaultCorsPreflightOptions: {
        allowOrigins: ['*'],
        allowMethods: [...new Set(routes.map(({ method }) => method))],
        allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'traceparent'],
        maxAge: Duration.hours(1),
      },
    })
    answerRefusals(this.api)
    raiseAlarm(this, 'ServerErrors', {
      name: physicalName(config, 'api', 'server-errors'),
      description:
        'More than 1 % of the requests end in a 5xx: the access log names the routes, their logs the reasons.',
      // An average of zeros and ones: the share of requests.
      metric: this.api.metricServerError({ period: ALARM_PERIOD, statistic: 'Average' }),
      above: 0.01,
      topic: alarms,
    })

    const callers = new TokenAuthorizer(this, 'Callers', {
      handler: authorizer,
      authorizerName: 'firebase',
      // Turned away before any function runs.
      validationRegex: '^[Bb]earer [A-Za-z0-9_.~+/=-]+$',
      resultsCacheTtl: AUTHORIZER_CACHE,
    })
    const validator = this.api.addRequestValidator('Bodies', { validateRequestBody: true })
    for (const route of routes) {
      const body: MethodOptions =
        route.body === undefined
          ? {}
          : { requestValidator: validator, requestModels: { 'application/json': this.#model(route.name, route.body) } }
      this.api.root
        .resourceForPath(route.path)
        .addMethod(route.method, new LambdaIntegration(route.handler, { allowTestInvoke: false }), {
          authorizationType: AuthorizationType.CUSTOM,
          authorizer: callers,
          ...body,
        })
    }
  }

  /** As it is written: the CDK's own JSON Schema type would rename some of its words. */
  #model(name: string, schema: Readonly<Record<string, unknown>>) {
    const model = new CfnModel(this, `Body-${name}`, {
      restApiId: this.api.restApiId,
      name: `${name.replaceAll(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())}Body`,
      contentType: 'application/json',
      schema: { $schema: 'http://json-schema.org/draft-04/schema#', ...schema },
    })
    // A stage serves what its deployment saw: a changed schema needs a new one.
    this.api.latestDeployment?.node.addDependency(model)
    this.api.latestDeployment?.addToLogicalId({ [name]: schema })
    return Model.fromModelName(this, `BodyName-${name}`, model.ref)
  }
}

/** One line of JSON a request; never a token, nor a body. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    time: AccessLogField.contextRequestTime(),
    requestId: AccessLogField.contextRequestId(),
    method: AccessLogField.contextHttpMethod(),
    path: AccessLogField.contextResourcePath(),
    status: AccessLogField.contextStatus(),
    error: AccessLogField.contextErrorResponseType(),
    latencyMs: AccessLogField.contextResponseLatency(),
    integrationMs: AccessLogField.contextIntegrationLatency(),
    bytes: AccessLogField.contextResponseLength(),
    uid: AccessLogField.contextAuthorizer('uid'),
    sourceIp: AccessLogField.contextIdentitySourceIp(),
    userAgent: AccessLogField.contextIdentityUserAgent(),
    traceId: AccessLogField.contextXrayTraceId(),
  }),
)
