import type { Route } from './exchange.ts'
import type { ApiResource, RestApi } from './model.ts'
import { decode } from './request.ts'

/**
 * Finds the method for a path below the stage. Text wins over `{name}`, and that over `{name+}`; a branch that ends in
 * nothing is given up for the next.
 */
export function findRoute(api: RestApi, httpMethod: string, path: string): Route | undefined {
  const root = [...api.resources.values()].find(({ parentId }) => parentId === undefined)
  if (!root) return undefined
  const segments = path.replace(/^\//, '').replace(/\/$/, '')
  return descend(api, root, segments === '' ? [] : segments.split('/').map(decode), httpMethod, {})
}

function descend(
  api: RestApi,
  resource: ApiResource,
  segments: readonly string[],
  httpMethod: string,
  parameters: Readonly<Record<string, string>>,
): Route | undefined {
  const [segment, ...rest] = segments
  if (segment === undefined) {
    const method = resource.methods.get(httpMethod) ?? resource.methods.get('ANY')
    if (!method) return undefined
    return { resource, method, pathParameters: Object.keys(parameters).length > 0 ? parameters : null }
  }
  const children = [...api.resources.values()].filter(({ parentId }) => parentId === resource.id)
  for (const child of children.sort((a, b) => rank(a) - rank(b))) {
    const [, name, greedy] = /^\{([^+}]+)(\+?)\}$/.exec(child.pathPart) ?? []
    if (name === undefined) {
      if (child.pathPart !== segment) continue
      const found = descend(api, child, rest, httpMethod, parameters)
      if (found) return found
    } else {
      const value = greedy ? segments.join('/') : segment
      const found = descend(api, child, greedy ? [] : rest, httpMethod, { ...parameters, [name]: value })
      if (found) return found
    }
  }
  return undefined
}

function rank({ pathPart }: ApiResource): number {
  if (!pathPart.startsWith('{')) return 0
  return pathPart.endsWith('+}') ? 2 : 1
}
