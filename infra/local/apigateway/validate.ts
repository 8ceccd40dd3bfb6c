import type { ErrorObject } from 'ajv'
import type { Exchange, Route } from './exchange.ts'
import { GatewayError } from './gateway-error.ts'
import { header } from './request.ts'

/**
 * Holds a request to what its method's validator asks for.
 * @throws GatewayError BAD_REQUEST_PARAMETERS or BAD_REQUEST_BODY.
 */
export function validateRequest({ api, request }: Exchange, { method, pathParameters }: Route, body: Buffer): void {
  const validator = method.requestValidatorId ? api.validators.get(method.requestValidatorId) : undefined
  if (validator?.parameters) {
    const missing = Object.entries(method.requestParameters).flatMap(([source, required]) => {
      const [, location, name = ''] = /^method\.request\.(header|querystring|path)\.(.+)$/.exec(source) ?? []
      if (!required) return []
      const present =
        location === 'header'
          ? header(request, name) !== undefined
          : location === 'querystring'
            ? Object.hasOwn(request.query, name)
            : pathParameters !== null && Object.hasOwn(pathParameters, name)
      return present ? [] : [name]
    })
    if (missing.length > 0) {
      throw new GatewayError('BAD_REQUEST_PARAMETERS', `Missing required request parameters: [${missing.join(', ')}]`)
    }
  }
  if (!validator?.body) return

  // Only the content types that have a model are checked, as in AWS; without one, application/json is meant.
  const contentType = (header(request, 'content-type') ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? ''
  const model = api.models.get(method.requestModels[contentType] ?? method.requestModels['$default'] ?? '')
  if (!model) return
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    throw new GatewayError('BAD_REQUEST_BODY', 'Invalid request body', { validationErrors: '[Unable to parse body]' })
  }
  if (model(value)) return
  const reasons = (model.errors ?? []).map(explain)
  throw new GatewayError('BAD_REQUEST_BODY', 'Invalid request body', { validationErrors: `[${reasons.join(', ')}]` })
}

/** Words an error as the gateway's own validator does. */
function explain({ keyword, params, data, message, instancePath }: ErrorObject): string {
  const at = instancePath === '' ? '' : ` at ${instancePath}`
  switch (keyword) {
    case 'required':
      return `object has missing required properties (["${params['missingProperty']}"])${at}`
    case 'additionalProperties':
      return `object instance has properties which are not allowed by the schema: ["${params['additionalProperty']}"]${at}`
    case 'type':
      return `instance type (${typeName(data)}) does not match any allowed primitive type (allowed: ["${params['type']}"])${at}`
    case 'enum':
      return `instance value (${JSON.stringify(data)}) not found in enum (possible values: ${JSON.stringify(params['allowedValues'])})${at}`
    case 'minLength':
      return `string ${JSON.stringify(data)} is too short (required minimum: ${params['limit']})${at}`
    case 'maxLength':
      return `string is too long (maximum allowed: ${params['limit']})${at}`
    case 'pattern':
      return `ECMA 262 regex "${params['pattern']}" does not match input string ${JSON.stringify(data)}${at}`
    case 'minimum':
      return `numeric instance is lower than the required minimum (minimum: ${params['limit']}, found: ${data})${at}`
    case 'maximum':
      return `numeric instance is greater than the required maximum (maximum: ${params['limit']}, found: ${data})${at}`
  }
  return `${message ?? keyword}${at}`
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}
