import { isRecord } from '../assembly/template.ts'
import type { InvocationResult } from '../lambda/index.ts'
import { type Exchange, methodArn, type Route, requestContext } from './exchange.ts'
import { GatewayError } from './gateway-error.ts'
import type { Authorizer } from './model.ts'
import { requestEvent } from './proxy.ts'
import { header } from './request.ts'

export interface AuthorizerOptions {
  now(): number
  invoke(functionArn: string, payload: string): Promise<InvocationResult>
  log(message: string): void
}

/** Asks a method's authorizer, or its cached answer, and gives what integrations see of the caller. */
export type Authorize = (
  authorizer: Authorizer,
  exchange: Exchange,
  route: Route,
) => Promise<Readonly<Record<string, unknown>>>

interface Verdict {
  readonly principalId: string
  readonly statements: readonly Statement[]
  readonly context: Readonly<Record<string, unknown>>
}

interface Statement {
  readonly effect: 'Allow' | 'Deny'
  readonly resources: readonly string[]
}

// A caller who sends ever new tokens must not grow the cache for ever.
const MAX_CACHED = 10_000

/** The authorizer throws GatewayError UNAUTHORIZED, ACCESS_DENIED, AUTHORIZER_FAILURE or AUTHORIZER_CONFIGURATION_ERROR. */
export function createAuthorize(options: AuthorizerOptions): Authorize {
  const cache = new Map<string, { readonly verdict: Verdict; readonly expires: number }>()

  const ask = async (authorizer: Authorizer, exchange: Exchange, route: Route, identity: readonly string[]) => {
    const key = JSON.stringify([authorizer.id, exchange.request.stage, ...identity])
    const cached = cache.get(key)
    if (cached && cached.expires > options.now()) return cached.verdict
    const { requestContext: context, ...event } = requestEvent(exchange, route)
    const result = await options.invoke(
      authorizer.functionArn,
      JSON.stringify(
        authorizer.type === 'TOKEN'
          ? { type: 'TOKEN', methodArn: methodArn(exchange), authorizationToken: identity[0] }
          : { type: 'REQUEST', methodArn: methodArn(exchange), ...event, requestContext: context },
      ),
    )
    // The one error that an authorizer may throw on purpose.
    if (!result.ok && result.error.errorMessage === 'Unauthorized')
      throw new GatewayError('UNAUTHORIZED', 'Unauthorized')
    if (!result.ok) throw failure('AUTHORIZER_FAILURE', `it failed: ${result.error.errorMessage}`)
    const verdict = readVerdict(result.payload)
    if (authorizer.ttlMs > 0) {
      cache.delete(key)
      cache.set(key, { verdict, expires: options.now() + authorizer.ttlMs })
      for (const oldest of cache.keys()) {
        if (cache.size <= MAX_CACHED) break
        cache.delete(oldest)
      }
    }
    return verdict
  }

  const failure = (type: 'AUTHORIZER_FAILURE' | 'AUTHORIZER_CONFIGURATION_ERROR', reason: string): GatewayError => {
    options.log(reason)
    return new GatewayError(type, 'Internal server error')
  }

  const readVerdict = (payload: string): Verdict => {
    const answer: unknown = JSON.parse(payload)
    const policy = isRecord(answer) ? answer['policyDocument'] : undefined
    if (!isRecord(answer) || typeof answer['principalId'] !== 'string' || !isRecord(policy)) {
      throw failure('AUTHORIZER_CONFIGURATION_ERROR', 'its answer has no principalId (a string) and policyDocument')
    }
    const context = answer['context'] ?? {}
    if (!isRecord(context) || Object.values(context).some((value) => typeof value === 'object' && value !== null)) {
      throw failure('AUTHORIZER_CONFIGURATION_ERROR', 'its context may hold strings, numbers and booleans only')
    }
    const statements = Array.isArray(policy['Statement']) ? policy['Statement'] : [policy['Statement']]
    return { principalId: answer['principalId'], context, statements: statements.flatMap(readStatement) }
  }

  return async (authorizer, exchange, route) => {
    const identity = authorizer.identitySources.map((source) => identityValue(source, exchange))
    // A REQUEST authorizer that caches nothing is asked even where its identity is missing.
    const mustBeThere = authorizer.type === 'TOKEN' || authorizer.ttlMs > 0
    if (mustBeThere && identity.some((value) => value === undefined || value === '')) {
      throw new GatewayError('UNAUTHORIZED', 'Unauthorized')
    }
    const known = identity.map((value) => value ?? '')
    if (authorizer.identityValidation && !authorizer.identityValidation.test(known[0] ?? '')) {
      throw new GatewayError('UNAUTHORIZED', 'Unauthorized')
    }
    const verdict = await ask(authorizer, exchange, route, known)
    const arn = methodArn(exchange)
    const effects = verdict.statements
      .filter(({ resources }) => resources.some((pattern) => matches(pattern, arn)))
      .map(({ effect }) => effect)
    if (effects.includes('Deny')) {
      throw new GatewayError('ACCESS_DENIED', 'User is not authorized to access this resource with an explicit deny')
    }
    if (!effects.includes('Allow')) {
      throw new GatewayError('ACCESS_DENIED', 'User is not authorized to access this resource')
    }
    // Integrations get every value of the context as a string.
    const context = Object.entries(verdict.context).map(([name, value]): [string, string] => [name, String(value)])
    return { ...Object.fromEntries(context), principalId: verdict.principalId, integrationLatency: 0 }
  }
}

function identityValue(source: string, exchange: Exchange): string | undefined {
  const { request, stage } = exchange
  const [, kind, name = ''] =
    /^(method\.request\.header|method\.request\.querystring|stageVariables|context)\.(.+)$/.exec(source) ?? []
  switch (kind) {
    case 'method.request.header':
      return header(request, name)
    case 'method.request.querystring':
      return Object.hasOwn(request.query, name) ? request.query[name]?.at(-1) : undefined
    case 'stageVariables':
      return stage?.variables[name]
    default: {
      let value: unknown = requestContext(exchange)
      for (const part of name.split('.')) value = isRecord(value) ? value[part] : undefined
      return value === undefined || value === null ? undefined : String(value)
    }
  }
}

function readStatement(statement: unknown): Statement[] {
  if (!isRecord(statement)) return []
  const { Effect: effect, Action, Resource } = statement
  const actions = [Action].flat()
  const resources = [Resource].flat().filter((resource) => typeof resource === 'string')
  if (effect !== 'Allow' && effect !== 'Deny') return []
  if (!actions.some((action) => typeof action === 'string' && matches(action.toLowerCase(), 'execute-api:invoke')))
    return []
  return [{ effect, resources }]
}

/** IAM's wildcards: `*` for any text, `?` for one character. */
function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${expression}$`, 's').test(text)
}
