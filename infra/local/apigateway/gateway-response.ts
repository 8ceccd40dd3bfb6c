import { isRecord } from '../assembly/template.ts'
import { type Exchange, requestContext } from './exchange.ts'
import { type GatewayError, responseTypes } from './gateway-error.ts'
import type { GatewayResponse } from './model.ts'
import type { ApiAnswer } from './proxy.ts'
import { header } from './request.ts'

const NAME = '(?:context|stageVariables|method)(?:\\.[A-Za-z0-9_-]+)+'
const VARIABLE = new RegExp(`\\$(?:\\{(${NAME})\\}|(${NAME}))`, 'g')

const DEFAULT: GatewayResponse = {
  headers: {},
  templates: { 'application/json': '{"message":$context.error.messageString}' },
}

/** Words a refusal of the gateway as the API's GatewayResponse for it says, else as AWS does. */
export function gatewayAnswer(exchange: Exchange, error: GatewayError): ApiAnswer {
  const responses = exchange.api.gatewayResponses
  const declared =
    responses.get(error.type) ?? responses.get(error.statusCode < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX') ?? DEFAULT
  const templates = Object.keys(declared.templates).length > 0 ? declared.templates : DEFAULT.templates
  const accept = header(exchange.request, 'accept') ?? ''
  const accepted = accept.split(',').map((type) => type.split(';')[0]?.trim() ?? '')
  const contentType =
    accepted.find((type) => Object.hasOwn(templates, type)) ??
    (Object.hasOwn(templates, 'application/json') ? 'application/json' : Object.keys(templates)[0]) ??
    'application/json'

  const headers: Record<string, string> = {
    'content-type': contentType,
    'x-amzn-errortype': responseTypes[error.type][1],
  }
  for (const [name, expression] of Object.entries(declared.headers)) {
    const value = expression.startsWith("'") ? expression.slice(1, -1) : lookUp(expression, exchange, error)
    if (value !== undefined) headers[name.toLowerCase()] = value
  }
  const template = templates[contentType] ?? ''
  const body = template.replace(
    VARIABLE,
    (_, braced: string | undefined, bare: string) => lookUp(braced ?? bare, exchange, error) ?? '',
  )
  return { statusCode: declared.statusCode ?? error.statusCode, headers, body }
}

/**
 * Refuses what a gateway response cannot say here.
 * @throws Error naming the variable, and that there is no more than variables: loops and functions do not run.
 */
export function checkGatewayResponse({ headers, templates }: GatewayResponse): void {
  for (const [contentType, template] of Object.entries(templates)) {
    const rest = template.replace(VARIABLE, '')
    const other = /\$[a-zA-Z{!]\S*|#(?:set|if|foreach|macro)\b/.exec(rest)?.[0]
    if (other)
      throw new Error(`ResponseTemplates ${contentType}: ${other} is not run here; allowed: $context.… variables`)
  }
  for (const [name, expression] of Object.entries(headers)) {
    if (!/^'.*'$/s.test(expression) && !/^(context|method\.request|stageVariables)\./.test(expression)) {
      throw new Error(
        `ResponseParameters ${name}: ${expression} is not run here; allowed: 'text', context.…, method.request.…`,
      )
    }
  }
}

function lookUp(name: string, exchange: Exchange, error: GatewayError): string | undefined {
  switch (name) {
    case 'context.error.message':
      return error.message
    case 'context.error.messageString':
      return JSON.stringify(error.message)
    case 'context.error.responseType':
      return error.type
    case 'context.error.validationErrorString':
      return error.validationErrors ?? ''
  }
  const [source, ...path] = name.split('.')
  if (source === 'stageVariables') return exchange.stage?.variables[path.join('.')]
  if (source === 'method') {
    const [, location, parameter = ''] = path
    if (location === 'header') return header(exchange.request, parameter)
    if (location === 'querystring') return exchange.request.query[parameter]?.at(-1)
    return exchange.route?.pathParameters?.[parameter]
  }
  let value: unknown = requestContext(exchange)
  for (const part of path) value = isRecord(value) ? value[part] : undefined
  return value === undefined || value === null ? undefined : String(value)
}
