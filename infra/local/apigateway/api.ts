import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Cloud } from '../cloud.ts'
import type { InvocationResult } from '../lambda/index.ts'
import { createAuthorize } from './authorizer.ts'
import type { Exchange, Route } from './exchange.ts'
import { GatewayError } from './gateway-error.ts'
import { gatewayAnswer } from './gateway-response.ts'
import { mockAnswer } from './mock.ts'
import type { ApiKey, ProxyIntegration, RestApi, Throttle, UsagePlan } from './model.ts'
import { type ApiAnswer, proxyAnswer, proxyEvent } from './proxy.ts'
import { header, readBody, readHead } from './request.ts'
import { findRoute } from './routes.ts'
import { createTokenBucket, type TokenBucket } from './throttle.ts'
import { validateRequest } from './validate.ts'

export interface ApiOptions {
  invoke(functionArn: string, payload: string): Promise<InvocationResult>
  readonly usagePlans: ReadonlyMap<string, UsagePlan>
  readonly apiKeys: ReadonlyMap<string, ApiKey>
}

/** Answers the HTTP requests of one REST API, at `/<stage>/…`; never throws. */
export type HandleApi = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/**
 * The way of a request in API Gateway: route, authorizer, API key, throttling, validation, integration. What any of
 * them refuses is worded by the API's gateway responses.
 */
export function createApi(cloud: Cloud, api: RestApi, options: ApiOptions): HandleApi {
  const buckets = new Map<string, TokenBucket>()
  const from = `api:${api.name}`
  const authorize = createAuthorize({
    now: cloud.now,
    invoke: options.invoke,
    log: (message) => cloud.log({ level: 'error', from, message: `authorizer: ${message}` }),
  })

  const take = (key: string, throttle: Throttle): void => {
    const bucket = buckets.get(key) ?? createTokenBucket(throttle, cloud.now)
    buckets.set(key, bucket)
    if (!bucket()) throw new GatewayError('THROTTLED', 'Too Many Requests')
  }

  const answer = async (exchange: Exchange, incoming: IncomingMessage): Promise<ApiAnswer> => {
    const { request } = exchange
    const stage = api.stages.get(request.stage)
    const route = stage && findRoute(api, request.method, request.path)
    // What AWS says of every route that it does not have.
    if (!route) throw new GatewayError('MISSING_AUTHENTICATION_TOKEN', 'Missing Authentication Token')
    exchange.stage = stage
    exchange.route = route

    const authorizer = api.authorizers.get(route.method.authorizerId ?? '')
    if (authorizer) exchange.authorizer = await authorize(authorizer, exchange, route)
    if (route.method.apiKeyRequired) checkApiKey(exchange)
    throttle(exchange, route)
    const body = await readBody(incoming)
    validateRequest(exchange, route, body)

    const { integration } = route.method
    return integration.type === 'MOCK' ? mockAnswer(exchange, integration) : proxy(exchange, route, integration, body)
  }

  const checkApiKey = (exchange: Exchange): void => {
    const given = header(exchange.request, 'x-api-key')
    const key = [...options.apiKeys.values()].find(({ value, enabled }) => enabled && value === given)
    const plan = [...options.usagePlans.values()].find(
      ({ keyIds, stages }) =>
        key &&
        keyIds.has(key.id) &&
        stages.some(({ apiId, stage }) => apiId === api.id && stage === exchange.request.stage),
    )
    if (!key || !plan) throw new GatewayError('INVALID_API_KEY', 'Forbidden')
    exchange.apiKey = { id: key.id, value: key.value }
    if (plan.throttle) take(`key ${key.id} ${plan.id}`, plan.throttle)
  }

  const throttle = (exchange: Exchange, { resource }: Route): void => {
    const { stage, request } = exchange
    const fits = (path: string, method: string): boolean =>
      (path === '/*' || path === resource.path) && (method === '*' || method === request.method)
    // A method's own setting stands in for the stage's, whose bucket all others share.
    const settings = stage?.settings.filter(({ path, method }) => fits(path, method)) ?? []
    const setting = settings.find(({ path }) => path === resource.path) ?? settings[0]
    if (setting) take(`${request.stage} ${setting.method} ${setting.path}`, setting.throttle)
  }

  const proxy = async (
    exchange: Exchange,
    route: Route,
    { functionArn, timeoutMs }: ProxyIntegration,
    body: Buffer,
  ): Promise<ApiAnswer> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new GatewayError('INTEGRATION_TIMEOUT', 'Endpoint request timed out')), timeoutMs)
    })
    try {
      const result = await Promise.race([options.invoke(functionArn, proxyEvent(exchange, route, body)), late])
      if (result.ok) return proxyAnswer(exchange, result.payload)
      throw new GatewayError('DEFAULT_5XX', 'Internal server error', { statusCode: 502 })
    } catch (error) {
      if (error instanceof GatewayError && error.validationErrors !== undefined) {
        const message = `malformed answer of ${functionArn}: ${error.validationErrors}`
        cloud.log({ level: 'error', from, message, requestId: exchange.requestId })
      }
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  return async (incoming, response) => {
    const requestId = cloud.uuid()
    const exchange: Exchange = {
      api,
      accountId: cloud.accountId,
      region: cloud.region,
      request: readHead(incoming),
      requestId,
      extendedRequestId: Buffer.from(requestId).toString('base64').slice(0, 15).concat('='),
      time: cloud.now(),
    }
    let result: ApiAnswer
    try {
      result = await answer(exchange, incoming)
    } catch (error) {
      if (!(error instanceof GatewayError)) {
        const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
        cloud.log({ level: 'error', from, message, requestId })
      }
      const refusal = error instanceof GatewayError ? error : new GatewayError('DEFAULT_5XX', 'Internal server error')
      result = gatewayAnswer(exchange, refusal)
    }
    const { method, path, stage } = exchange.request
    cloud.log({ level: 'debug', from, message: `${method} /${stage}${path} ${result.statusCode}`, requestId })
    send(incoming, response, result, exchange)
  }
}

function send(incoming: IncomingMessage, response: ServerResponse, answer: ApiAnswer, exchange: Exchange): void {
  if (response.destroyed) return
  // A body that was refused unread would be taken for the next request.
  if (!incoming.complete) response.setHeader('connection', 'close')
  response.setHeader('x-amzn-requestid', exchange.requestId)
  response.setHeader('x-amz-apigw-id', exchange.extendedRequestId)
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value)
  response.statusCode = answer.statusCode
  response.end(answer.body)
  if (!incoming.complete) incoming.resume()
}
