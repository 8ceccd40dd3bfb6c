import type { ApiResource, Method, RestApi, Stage } from './model.ts'
import type { ApiRequest } from './request.ts'

/** One request on its way through the gateway, and what is known of it so far. */
export interface Exchange {
  readonly api: RestApi
  readonly accountId: string
  readonly region: string
  readonly request: ApiRequest
  readonly requestId: string
  readonly extendedRequestId: string
  /** Milliseconds since 1970. */
  readonly time: number
  stage?: Stage
  route?: Route
  /** What the authorizer said of the caller, as integrations see it. */
  authorizer?: Readonly<Record<string, unknown>>
  apiKey?: { readonly id: string; readonly value: string }
}

export interface Route {
  readonly resource: ApiResource
  readonly method: Method
  /** Decoded, by the name in the path; null without any. */
  readonly pathParameters: Readonly<Record<string, string>> | null
}

/** The `requestContext` of events. */
export function requestContext(exchange: Exchange): Record<string, unknown> {
  const { api, request, route, stage } = exchange
  return {
    resourceId: route?.resource.id ?? null,
    resourcePath: route?.resource.path ?? null,
    httpMethod: request.method,
    extendedRequestId: exchange.extendedRequestId,
    requestTime: commonLogTime(exchange.time),
    path: `/${request.stage}${request.path}`,
    accountId: exchange.accountId,
    protocol: request.protocol,
    stage: request.stage,
    domainPrefix: api.id,
    requestTimeEpoch: exchange.time,
    requestId: exchange.requestId,
    identity: {
      cognitoIdentityPoolId: null,
      accountId: null,
      cognitoIdentityId: null,
      caller: null,
      sourceIp: request.sourceIp,
      principalOrgId: null,
      accessKey: null,
      cognitoAuthenticationType: null,
      cognitoAuthenticationProvider: null,
      userArn: null,
      userAgent: request.userAgent,
      user: null,
      ...(exchange.apiKey ? { apiKey: exchange.apiKey.value, apiKeyId: exchange.apiKey.id } : {}),
    },
    domainName: request.host,
    deploymentId: stage?.deploymentId ?? null,
    apiId: api.id,
    ...(exchange.authorizer ? { authorizer: exchange.authorizer } : {}),
  }
}

/** The ARN by which policies name the called method. */
export function methodArn({ api, accountId, region, request }: Exchange): string {
  return `arn:aws:execute-api:${region}:${accountId}:${api.id}/${request.stage}/${request.method}${request.path}`
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `09/Apr/2015:12:34:56 +0000` */
function commonLogTime(time: number): string {
  const date = new Date(time)
  const day = String(date.getUTCDate()).padStart(2, '0')
  return `${day}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`
}
