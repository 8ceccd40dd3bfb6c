import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Cloud, Provisioner, ResourceDeclaration } from '../cloud.ts'
import type { InvocationResult } from '../lambda/index.ts'
import { createApi, type HandleApi } from './api.ts'
import { type Apis, restApiProvisioners } from './provision.ts'

export interface ApiGatewayOptions {
  /** Where the API of a resource answers: `http://127.0.0.1:<port>`. */
  origin(resource: Pick<ResourceDeclaration, 'stack' | 'logicalId'>): string
  /** Runs a function by its ARN; never rejects. */
  invoke(functionArn: string, payload: string): Promise<InvocationResult>
}

/** Where one stage of an API answers. */
export interface ApiEndpoint {
  readonly name: string
  readonly stage: string
  /** `http://127.0.0.1:<port>/<stage>`. */
  readonly url: string
}

export interface ApiGateway {
  readonly provisioners: Readonly<Record<string, Provisioner>>
  /** Answers a request that came in at an API's own origin. */
  handle(origin: string, request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Puts the local origin in the place of `https://<id>.execute-api.<region>.amazonaws.com`. */
  localize(text: string): string
  endpoints(): readonly ApiEndpoint[]
}

/** API Gateway's REST APIs, each at an origin of its own, since their paths begin with the stage. */
export function createApiGateway(cloud: Cloud, options: ApiGatewayOptions): ApiGateway {
  const target: Apis = { apis: new Map(), usagePlans: new Map(), apiKeys: new Map(), origin: options.origin }
  const handlers = new Map<string, HandleApi>()
  return {
    provisioners: restApiProvisioners(target),
    async handle(origin, request, response) {
      const api = [...target.apis.values()].find((candidate) => candidate.origin === origin)
      if (!api) throw new Error(`no REST API answers at ${origin}`)
      const { usagePlans, apiKeys } = target
      const handle = handlers.get(api.id) ?? createApi(cloud, api, { invoke: options.invoke, usagePlans, apiKeys })
      handlers.set(api.id, handle)
      await handle(request, response)
    },
    localize(text) {
      return text.replace(/https:\/\/([a-z0-9]{10})\.execute-api\.[a-z0-9-]+\.amazonaws\.com/g, (whole, id: string) => {
        return target.apis.get(id)?.origin ?? whole
      })
    },
    endpoints() {
      return [...target.apis.values()].flatMap(({ name, origin, stages }) =>
        [...stages.keys()].map((stage) => ({ name, stage, url: `${origin}/${stage}` })),
      )
    },
  }
}
