import type { Exchange } from './exchange.ts'
import { GatewayError } from './gateway-error.ts'
import type { MockIntegration, MockResponse } from './model.ts'
import type { ApiAnswer } from './proxy.ts'
import { header } from './request.ts'

/** Answers a MOCK integration: what CORS preflights are made of. */
export function mockAnswer({ request }: Exchange, { statusCode, responses }: MockIntegration): ApiAnswer {
  const response =
    responses.find(
      ({ selectionPattern }) => selectionPattern && new RegExp(`^(?:${selectionPattern})$`).test(statusCode),
    ) ?? responses.find(({ selectionPattern }) => !selectionPattern)
  if (!response) throw new GatewayError('DEFAULT_5XX', 'Internal server error')
  const origin = header(request, 'origin')
  const headers =
    origin !== undefined && response.allowedOrigins.includes(origin)
      ? { ...response.headers, 'access-control-allow-origin': origin }
      : response.headers
  return {
    statusCode: Number(response.statusCode),
    headers: { 'content-type': 'application/json', ...headers },
    body: '',
  }
}

/**
 * The origins of the one response template that is understood: the CDK's, which answers a preflight from any of a list.
 * @throws Error for other templates; Velocity does not run here.
 */
export function readOriginsTemplate(template: string): MockResponse['allowedOrigins'] {
  const text = template.replace(/\s+/g, ' ').trim()
  const expression =
    /^#set\(\$origin = \$input\.params\(\)\.header\.get\("Origin"\)\) #if\(\$origin == ""\) #set\(\$origin = \$input\.params\(\)\.header\.get\("origin"\)\) #end #if\((.+)\) #set\(\$context\.responseOverride\.header\.Access-Control-Allow-Origin = \$origin\) #end$/
  const conditions = expression.exec(text)?.[1]?.split(' || ') ?? []
  const origins = conditions.map((condition) => /^\$origin == "([^"]+)"$/.exec(condition)?.[1])
  const known = origins.filter((origin) => origin !== undefined)
  if (known.length === 0 || known.length < origins.length) {
    throw new Error(
      'ResponseTemplates: Velocity templates are not run here; allowed: the one of defaultCorsPreflightOptions',
    )
  }
  return known
}
