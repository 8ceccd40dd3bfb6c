import { createHash } from 'node:crypto'
import {
  listProperty,
  objectProperty,
  onlyProperties,
  optionalBoolean,
  optionalNumber,
  optionalString,
  requiredString,
  stringMap,
} from '../assembly/properties.ts'
import { isRecord } from '../assembly/template.ts'
import type { Provisioner, ResourceDeclaration } from '../cloud.ts'
import { responseTypes, unusedResponseTypes } from './gateway-error.ts'
import { checkGatewayResponse } from './gateway-response.ts'
import { readOriginsTemplate } from './mock.ts'
import type {
  ApiKey,
  ApiResource,
  Authorizer,
  Method,
  MockResponse,
  RestApi,
  Stage,
  Throttle,
  UsagePlan,
} from './model.ts'
import { type CompileModel, createModelCompiler } from './models.ts'

export interface Apis {
  readonly apis: Map<string, RestApi>
  readonly usagePlans: Map<string, UsagePlan>
  readonly apiKeys: Map<string, ApiKey>
  /** Where the API of a resource answers: `http://127.0.0.1:<port>`. */
  origin(resource: ResourceDeclaration): string
}

const LONGEST_INTEGRATION_MS = 29_000

/** Provisioners of API Gateway's REST APIs (version 1); they fill `target`. */
export function restApiProvisioners(target: Apis): Readonly<Record<string, Provisioner>> {
  const compilers = new Map<string, CompileModel>()
  const apiOf = (resource: ResourceDeclaration): RestApi => {
    const id = requiredString(resource.properties, 'RestApiId')
    const api = target.apis.get(id)
    if (!api) throw new Error(`RestApiId ${id} is no REST API of this assembly`)
    return api
  }

  return {
    'AWS::ApiGateway::RestApi': (resource) => {
      const { properties } = resource
      onlyProperties(resource, ['Name', 'BinaryMediaTypes', 'ApiKeySourceType', 'DisableExecuteApiEndpoint'], {
        Description: 'nothing reads it',
        EndpointConfiguration: 'everything is on loopback',
        FailOnWarnings: 'only for imported definitions',
        MinimumCompressionSize: 'answers are not compressed',
        Tags: 'nothing reads them',
      })
      if ((optionalString(properties, 'ApiKeySourceType') ?? 'HEADER') !== 'HEADER') {
        throw new Error('ApiKeySourceType must be HEADER: API keys from authorizers are not run here')
      }
      if (optionalBoolean(properties, 'DisableExecuteApiEndpoint') === true) {
        throw new Error('DisableExecuteApiEndpoint: custom domains are not run here, so nothing would answer')
      }
      const id = shortId(resource)
      const root: ApiResource = { id: shortId(resource, 'root'), pathPart: '', path: '/', methods: new Map() }
      target.apis.set(id, {
        id,
        name: optionalString(properties, 'Name') ?? resource.generatedName,
        origin: target.origin(resource),
        binaryMediaTypes: listProperty(properties, 'BinaryMediaTypes').map(String),
        resources: new Map([[root.id, root]]),
        authorizers: new Map(),
        validators: new Map(),
        models: new Map(),
        gatewayResponses: new Map(),
        stages: new Map(),
      })
      compilers.set(id, createModelCompiler(id))
      return { ref: id, attributes: { RestApiId: id, RootResourceId: root.id } }
    },

    'AWS::ApiGateway::Resource': (resource) => {
      onlyProperties(resource, ['RestApiId', 'ParentId', 'PathPart'])
      const { resources } = apiOf(resource)
      const parentId = requiredString(resource.properties, 'ParentId')
      const parent = resources.get(parentId)
      if (!parent) throw new Error(`ParentId ${parentId} is no resource of this API`)
      const pathPart = requiredString(resource.properties, 'PathPart')
      const id = shortId(resource)
      const path = `${parent.path === '/' ? '' : parent.path}/${pathPart}`
      resources.set(id, { id, parentId, pathPart, path, methods: new Map() })
      return { ref: id, attributes: { ResourceId: id } }
    },

    'AWS::ApiGateway::Method': (resource) => {
      const api = apiOf(resource)
      const resourceId = requiredString(resource.properties, 'ResourceId')
      const httpMethod = requiredString(resource.properties, 'HttpMethod')
      const owner = api.resources.get(resourceId)
      if (!owner) throw new Error(`ResourceId ${resourceId} is no resource of this API`)
      owner.methods.set(httpMethod, readMethod(resource))
      return { ref: `${api.id}-${resourceId}-${httpMethod}`, attributes: {} }
    },

    'AWS::ApiGateway::Model': (resource) => {
      const { properties, logicalId } = resource
      onlyProperties(resource, ['RestApiId', 'Name', 'Schema'], {
        ContentType: 'a method says for which content type it uses the model',
        Description: 'nothing reads it',
      })
      const api = apiOf(resource)
      const name = optionalString(properties, 'Name') ?? logicalId
      const given = properties['Schema']
      const schema: unknown = typeof given === 'string' ? JSON.parse(given) : given
      const compile = compilers.get(api.id)
      if (compile) api.models.set(name, compile(name, schema))
      return { ref: name, attributes: {} }
    },

    'AWS::ApiGateway::RequestValidator': (resource) => {
      const { properties } = resource
      onlyProperties(resource, ['RestApiId', 'ValidateRequestBody', 'ValidateRequestParameters'], {
        Name: 'methods refer to it by its id',
      })
      const id = shortId(resource)
      apiOf(resource).validators.set(id, {
        body: optionalBoolean(properties, 'ValidateRequestBody') ?? false,
        parameters: optionalBoolean(properties, 'ValidateRequestParameters') ?? false,
      })
      return { ref: id, attributes: { RequestValidatorId: id } }
    },

    'AWS::ApiGateway::Authorizer': (resource) => {
      const authorizer = readAuthorizer(resource)
      apiOf(resource).authorizers.set(authorizer.id, authorizer)
      return { ref: authorizer.id, attributes: { AuthorizerId: authorizer.id } }
    },

    'AWS::ApiGateway::GatewayResponse': (resource) => {
      const { properties } = resource
      onlyProperties(resource, ['RestApiId', 'ResponseType', 'StatusCode', 'ResponseParameters', 'ResponseTemplates'])
      const type = requiredString(properties, 'ResponseType')
      const known = [...Object.keys(responseTypes), ...unusedResponseTypes]
      if (!known.includes(type)) throw new Error(`ResponseType ${type} is not known; allowed: ${known.join(', ')}`)
      const statusCode = optionalNumber(properties, 'StatusCode')
      const headers = Object.entries(stringMap(properties, 'ResponseParameters')).map(([name, value]) => [
        name.replace(/^gatewayresponse\.header\./, ''),
        value,
      ])
      const response = {
        ...(statusCode === undefined ? {} : { statusCode }),
        headers: Object.fromEntries(headers),
        templates: stringMap(properties, 'ResponseTemplates'),
      }
      checkGatewayResponse(response)
      apiOf(resource).gatewayResponses.set(type, response)
      return { ref: shortId(resource), attributes: { Id: shortId(resource) } }
    },

    // A deployment is a snapshot in AWS; here each start reads the whole template anew, so there is but one.
    'AWS::ApiGateway::Deployment': (resource) => {
      onlyProperties(resource, ['RestApiId'], { Description: 'nothing reads it' })
      apiOf(resource)
      return { ref: shortId(resource), attributes: { DeploymentId: shortId(resource) } }
    },

    'AWS::ApiGateway::Stage': (resource) => {
      const stage = readStage(resource)
      apiOf(resource).stages.set(stage.name, stage)
      return { ref: stage.name, attributes: {} }
    },

    'AWS::ApiGateway::ApiKey': (resource) => {
      const { properties } = resource
      onlyProperties(resource, ['Enabled', 'Value'], {
        Name: 'nothing reads it',
        Description: 'nothing reads it',
        StageKeys: 'usage plans say for which stages a key is',
        GenerateDistinctId: 'every key has its own',
        CustomerId: 'nothing reads it',
        Tags: 'nothing reads them',
      })
      const id = shortId(resource)
      target.apiKeys.set(id, {
        id,
        value:
          optionalString(properties, 'Value') ?? createHash('sha256').update(`key ${id}`).digest('hex').slice(0, 40),
        enabled: optionalBoolean(properties, 'Enabled') ?? false,
      })
      return { ref: id, attributes: { APIKeyId: id } }
    },

    'AWS::ApiGateway::UsagePlan': (resource) => {
      const { properties } = resource
      onlyProperties(resource, ['ApiStages', 'Throttle'], {
        UsagePlanName: 'nothing reads it',
        Description: 'nothing reads it',
        Tags: 'nothing reads them',
      })
      const id = shortId(resource)
      const throttle = readThrottle(objectProperty(properties, 'Throttle'), 'RateLimit', 'BurstLimit')
      const stages = listProperty(properties, 'ApiStages').filter(isRecord)
      if (stages.some((stage) => Object.keys(objectProperty(stage, 'Throttle')).length > 0)) {
        throw new Error('ApiStages.Throttle is not run here; allowed: Throttle of the whole plan')
      }
      target.usagePlans.set(id, {
        id,
        stages: stages.map((stage) => ({
          apiId: requiredString(stage, 'ApiId'),
          stage: requiredString(stage, 'Stage'),
        })),
        ...(throttle ? { throttle } : {}),
        keyIds: new Set(),
      })
      return { ref: id, attributes: { Id: id } }
    },

    'AWS::ApiGateway::UsagePlanKey': (resource) => {
      onlyProperties(resource, ['KeyId', 'UsagePlanId'], { KeyType: 'API_KEY is the only one there is' })
      const planId = requiredString(resource.properties, 'UsagePlanId')
      const plan = target.usagePlans.get(planId)
      if (!plan) throw new Error(`UsagePlanId ${planId} is no usage plan of this assembly`)
      plan.keyIds.add(requiredString(resource.properties, 'KeyId'))
      return { ref: shortId(resource), attributes: { Id: shortId(resource) } }
    },
  }
}

function readMethod(resource: ResourceDeclaration): Method {
  const { properties } = resource
  onlyProperties(
    resource,
    [
      'RestApiId',
      'ResourceId',
      'HttpMethod',
      'AuthorizationType',
      'AuthorizerId',
      'ApiKeyRequired',
      'RequestValidatorId',
      'RequestParameters',
      'RequestModels',
      'Integration',
    ],
    { OperationName: 'nothing reads it', MethodResponses: 'integrations answer by themselves' },
  )
  const authorization = optionalString(properties, 'AuthorizationType') ?? 'NONE'
  const authorizerId = optionalString(properties, 'AuthorizerId')
  if (authorization !== 'NONE' && authorization !== 'CUSTOM') {
    throw new Error(`AuthorizationType ${authorization} is not run here; allowed: NONE, CUSTOM`)
  }
  if (authorization === 'CUSTOM' && authorizerId === undefined) throw new Error('AuthorizerId is required')
  const requestValidatorId = optionalString(properties, 'RequestValidatorId')
  const parameters = Object.keys(objectProperty(properties, 'RequestParameters'))
  return {
    apiKeyRequired: optionalBoolean(properties, 'ApiKeyRequired') ?? false,
    ...(authorization === 'CUSTOM' && authorizerId !== undefined ? { authorizerId } : {}),
    ...(requestValidatorId === undefined ? {} : { requestValidatorId }),
    requestParameters: Object.fromEntries(
      parameters.map((name) => [name, optionalBoolean(objectProperty(properties, 'RequestParameters'), name) ?? false]),
    ),
    requestModels: stringMap(properties, 'RequestModels'),
    integration: readIntegration(objectProperty(properties, 'Integration')),
  }
}

function readIntegration(integration: Readonly<Record<string, unknown>>): Method['integration'] {
  const type = requiredString(integration, 'Type')
  if (type === 'AWS_PROXY') {
    refuseOthers(integration, [
      'Type',
      'Uri',
      'IntegrationHttpMethod',
      'TimeoutInMillis',
      'PassthroughBehavior',
      'Credentials',
      'CacheKeyParameters',
      'CacheNamespace',
      'ContentHandling',
    ])
    const timeoutMs = optionalNumber(integration, 'TimeoutInMillis') ?? LONGEST_INTEGRATION_MS
    return { type, functionArn: functionOfUri(requiredString(integration, 'Uri')), timeoutMs }
  }
  if (type === 'MOCK') {
    refuseOthers(integration, [
      'Type',
      'RequestTemplates',
      'IntegrationResponses',
      'PassthroughBehavior',
      'CacheKeyParameters',
      'CacheNamespace',
      'TimeoutInMillis',
    ])
    const template = stringMap(integration, 'RequestTemplates')['application/json'] ?? ''
    const statusCode = /^\s*\{\s*"?statusCode"?\s*:\s*"?(\d{3})"?\s*\}\s*$/.exec(template)?.[1]
    if (statusCode === undefined) {
      throw new Error(
        `Integration.RequestTemplates ${JSON.stringify(template)} is not run here; allowed: { statusCode: 200 }`,
      )
    }
    return {
      type,
      statusCode,
      responses: listProperty(integration, 'IntegrationResponses').filter(isRecord).map(readMockResponse),
    }
  }
  throw new Error(`Integration.Type ${type} is not run here; allowed: AWS_PROXY, MOCK`)
}

function readMockResponse(response: Readonly<Record<string, unknown>>): MockResponse {
  refuseOthers(response, ['StatusCode', 'SelectionPattern', 'ResponseParameters', 'ResponseTemplates'])
  const selectionPattern = optionalString(response, 'SelectionPattern')
  const headers = Object.entries(stringMap(response, 'ResponseParameters')).map(([name, value]): [string, string] => {
    if (!/^'.*'$/s.test(value)) throw new Error(`ResponseParameters ${name}: ${value} is not run here; allowed: 'text'`)
    return [name.replace(/^method\.response\.header\./, '').toLowerCase(), value.slice(1, -1)]
  })
  const templates = Object.values(stringMap(response, 'ResponseTemplates')).filter((template) => template.trim() !== '')
  return {
    statusCode: requiredString(response, 'StatusCode'),
    ...(selectionPattern === undefined ? {} : { selectionPattern }),
    headers: Object.fromEntries(headers),
    allowedOrigins: templates.flatMap(readOriginsTemplate),
  }
}

function readAuthorizer(resource: ResourceDeclaration): Authorizer {
  const { properties } = resource
  onlyProperties(
    resource,
    [
      'RestApiId',
      'Type',
      'AuthorizerUri',
      'IdentitySource',
      'IdentityValidationExpression',
      'AuthorizerResultTtlInSeconds',
    ],
    {
      Name: 'methods refer to it by its id',
      AuthorizerCredentials: 'every caller may invoke here',
      AuthType: 'only for imports',
    },
  )
  const type = requiredString(properties, 'Type')
  if (type !== 'TOKEN' && type !== 'REQUEST') throw new Error(`Type ${type} is not run here; allowed: TOKEN, REQUEST`)
  const validation = optionalString(properties, 'IdentityValidationExpression')
  const sources = (optionalString(properties, 'IdentitySource') ?? '').split(',').map((source) => source.trim())
  const identitySources = sources.filter((source) => source !== '')
  for (const source of identitySources) {
    if (!/^(method\.request\.(header|querystring)|stageVariables|context)\../.test(source)) {
      throw new Error(
        `IdentitySource ${source} is not run here; allowed: method.request.header.…, method.request.querystring.…, stageVariables.…, context.…`,
      )
    }
  }
  if (type === 'TOKEN' && identitySources.length !== 1) throw new Error('IdentitySource must be one header')
  return {
    id: shortId(resource),
    type,
    functionArn: functionOfUri(requiredString(properties, 'AuthorizerUri')),
    identitySources,
    ...(validation === undefined ? {} : { identityValidation: new RegExp(`^(?:${validation})$`) }),
    ttlMs: (optionalNumber(properties, 'AuthorizerResultTtlInSeconds') ?? 300) * 1000,
  }
}

function readStage(resource: ResourceDeclaration): Stage {
  const { properties } = resource
  onlyProperties(resource, ['RestApiId', 'StageName', 'DeploymentId', 'Variables', 'MethodSettings'], {
    AccessLogSetting: "requests are in the runtime's log",
    Description: 'nothing reads it',
    Tags: 'nothing reads them',
    TracingEnabled: 'no traces are collected',
  })
  const settings = listProperty(properties, 'MethodSettings').filter(isRecord)
  return {
    name: requiredString(properties, 'StageName'),
    deploymentId: requiredString(properties, 'DeploymentId'),
    variables: stringMap(properties, 'Variables'),
    settings: settings.flatMap((setting) => {
      refuseOthers(setting, [
        'HttpMethod',
        'ResourcePath',
        'ThrottlingRateLimit',
        'ThrottlingBurstLimit',
        'CachingEnabled',
        'DataTraceEnabled',
        'LoggingLevel',
        'MetricsEnabled',
      ])
      if (optionalBoolean(setting, 'CachingEnabled')) throw new Error('MethodSettings.CachingEnabled is not run here')
      const throttle = readThrottle(setting, 'ThrottlingRateLimit', 'ThrottlingBurstLimit')
      // `/~1media~1{id}` is a JSON pointer's spelling of `/media/{id}`.
      const path = (optionalString(setting, 'ResourcePath') ?? '/*').replace(/^\/(?=~1)/, '').replaceAll('~1', '/')
      return throttle ? [{ path, method: optionalString(setting, 'HttpMethod') ?? '*', throttle }] : []
    }),
  }
}

// An account's own limits, where a template gives only one of the two.
const ACCOUNT_RATE = 10_000
const ACCOUNT_BURST = 5_000

function readThrottle(holder: Readonly<Record<string, unknown>>, rate: string, burst: string): Throttle | undefined {
  const rateLimit = optionalNumber(holder, rate)
  const burstLimit = optionalNumber(holder, burst)
  if (rateLimit === undefined && burstLimit === undefined) return undefined
  return { rateLimit: rateLimit ?? ACCOUNT_RATE, burstLimit: burstLimit ?? ACCOUNT_BURST }
}

function functionOfUri(uri: string): string {
  const arn = /:lambda:path\/2015-03-31\/functions\/(arn:aws:lambda:[^/]+)\/invocations$/.exec(uri)?.[1]
  if (arn === undefined) throw new Error(`${uri} is not run here; allowed: the invocation URI of a function`)
  return arn
}

function refuseOthers(holder: Readonly<Record<string, unknown>>, allowed: readonly string[]): void {
  onlyProperties({ properties: holder }, allowed)
}

/** Ten letters and digits as AWS gives, the same at each start. */
function shortId({ stack, logicalId }: ResourceDeclaration, suffix = ''): string {
  const digest = createHash('sha256').update(`${stack}/${logicalId}/${suffix}`).digest('hex')
  return BigInt(`0x${digest}`).toString(36).slice(0, 10)
}
