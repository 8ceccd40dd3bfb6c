import type { ValidateFunction } from 'ajv'

/** A REST API as its resources declare it. https://docs.aws.amazon.com/apigateway/latest/developerguide/ */
export interface RestApi {
  readonly id: string
  readonly name: string
  /** `http://127.0.0.1:<port>`, without the stage. */
  readonly origin: string
  readonly binaryMediaTypes: readonly string[]
  readonly resources: Map<string, ApiResource>
  readonly authorizers: Map<string, Authorizer>
  readonly validators: Map<string, { readonly body: boolean; readonly parameters: boolean }>
  readonly models: Map<string, ValidateFunction>
  readonly gatewayResponses: Map<string, GatewayResponse>
  readonly stages: Map<string, Stage>
}

export interface ApiResource {
  readonly id: string
  readonly parentId?: string
  /** One segment: text, `{name}` or `{name+}`; empty for the root. */
  readonly pathPart: string
  /** From the root: `/media/{id}`. */
  readonly path: string
  /** By HTTP method, `ANY` among them. */
  readonly methods: Map<string, Method>
}

export interface Method {
  readonly apiKeyRequired: boolean
  readonly authorizerId?: string
  readonly requestValidatorId?: string
  /** `method.request.header.X` → whether it is required. */
  readonly requestParameters: Readonly<Record<string, boolean>>
  /** Content type → name of the model. */
  readonly requestModels: Readonly<Record<string, string>>
  readonly integration: ProxyIntegration | MockIntegration
}

export interface ProxyIntegration {
  readonly type: 'AWS_PROXY'
  readonly functionArn: string
  readonly timeoutMs: number
}

export interface MockIntegration {
  readonly type: 'MOCK'
  readonly statusCode: string
  readonly responses: readonly MockResponse[]
}

export interface MockResponse {
  readonly statusCode: string
  /** A regular expression over the mock's status code; none makes it the default response. */
  readonly selectionPattern?: string
  readonly headers: Readonly<Record<string, string>>
  /** Further origins that may be answered in place of `Access-Control-Allow-Origin`. */
  readonly allowedOrigins: readonly string[]
}

export interface Authorizer {
  readonly id: string
  readonly type: 'TOKEN' | 'REQUEST'
  readonly functionArn: string
  /** `method.request.header.Authorization` and so on. */
  readonly identitySources: readonly string[]
  readonly identityValidation?: RegExp
  readonly ttlMs: number
}

export interface GatewayResponse {
  readonly statusCode?: number
  /** Header name → `'literal'`, `context.x` or `method.request.header.x`. */
  readonly headers: Readonly<Record<string, string>>
  /** Content type → template. */
  readonly templates: Readonly<Record<string, string>>
}

export interface Throttle {
  /** Requests a second. */
  readonly rateLimit: number
  /** How many may come at once. */
  readonly burstLimit: number
}

export interface Stage {
  readonly name: string
  readonly deploymentId: string
  readonly variables: Readonly<Record<string, string>>
  readonly settings: readonly { readonly path: string; readonly method: string; readonly throttle: Throttle }[]
}

export interface UsagePlan {
  readonly id: string
  readonly stages: readonly { readonly apiId: string; readonly stage: string }[]
  readonly throttle?: Throttle
  readonly keyIds: Set<string>
}

export interface ApiKey {
  readonly id: string
  readonly value: string
  readonly enabled: boolean
}
