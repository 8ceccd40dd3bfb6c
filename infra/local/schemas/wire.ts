import { AwsError } from '../aws-json/error.ts'
import type { Cloud, WireService } from '../cloud.ts'
import { verifyBuffered } from '../signature/index.ts'
import type { Catalogue, Registry, SchemaVersion } from './schemas.ts'

const MAX_PAGE = 100
const REGISTRY = '/v1/registries/name/:registry'
const SCHEMA = `${REGISTRY}/schemas/name/:schema`

/**
 * The registry's REST API, for those who read it: templates are what writes.
 * https://docs.aws.amazon.com/eventbridge/latest/schema-reference/resources.html
 */
export function schemasWire(cloud: Cloud, catalogue: Catalogue): WireService {
  const operations = readOperations(catalogue)
  return {
    signingNames: ['schemas'],
    stop: async () => {},
    async handle(request, response) {
      const requestId = cloud.uuid()
      const answer = (statusCode: number, body: object, headers: Record<string, string> = {}): void => {
        if (response.destroyed) return
        const json = Buffer.from(JSON.stringify(body))
        response.writeHead(statusCode, {
          'content-type': 'application/json',
          'content-length': json.length,
          'x-amzn-requestid': requestId,
          ...headers,
        })
        response.end(json)
      }
      try {
        const body = await readBody(request)
        const { credentials, region } = cloud
        const verdict = verifyBuffered(request, body, { credentials, region, service: 'schemas', now: cloud.now() })
        if (!verdict.ok) throw new AwsError(verdict.code, verdict.message, verdict.statusCode)
        const { pathname, searchParams } = new URL(request.url ?? '/', 'http://local')
        for (const { path, run } of operations) {
          const names = request.method === 'GET' ? matchPath(path, pathname) : undefined
          if (!names) continue
          answer(200, run(names, searchParams))
          return
        }
        throw new AwsError(
          'NotImplemented',
          `${request.method} ${pathname} does not run locally: schemas are registered by templates.`,
          501,
        )
      } catch (error) {
        if (!(error instanceof AwsError)) {
          const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
          cloud.log({ level: 'error', from: 'schemas', message, requestId })
        }
        const { code, message, statusCode } =
          error instanceof AwsError
            ? error
            : new AwsError('InternalServerErrorException', 'The local runtime failed; see its log.', 500)
        answer(statusCode, { Code: code, Message: message }, { 'x-amzn-errortype': code })
      }
    },
  }
}

interface ReadOperation {
  readonly path: string
  run(names: Readonly<Record<string, string>>, query: URLSearchParams): object
}

function readOperations(catalogue: Catalogue): readonly ReadOperation[] {
  const registryOf = ({ registry = '' }: Readonly<Record<string, string>>): Registry => {
    const found = catalogue.registries().find(({ name }) => name === registry)
    if (!found) throw notFound(`Registry with name ${registry}`)
    return found
  }
  const versionsOf = (names: Readonly<Record<string, string>>): readonly SchemaVersion[] => {
    const { name } = registryOf(names)
    const versions = catalogue.versions(name, names['schema'] ?? '')
    if (versions.length === 0) throw notFound(`Schema with name ${names['schema']}`)
    return versions
  }
  const versionOf = (names: Readonly<Record<string, string>>, query: URLSearchParams): SchemaVersion => {
    const versions = versionsOf(names)
    const wanted = query.get('schemaVersion')
    const found = wanted === null ? versions.at(-1) : versions.find(({ version }) => String(version) === wanted)
    if (!found) throw notFound(`Schema version ${wanted}`)
    return found
  }

  return [
    {
      path: '/v1/registries',
      run: (_, query) =>
        page(
          query,
          'Registries',
          withPrefix(catalogue.registries(), ({ name }) => name, query.get('registryNamePrefix')),
          ({ name }) => name,
          ({ name, arn }) => ({ RegistryName: name, RegistryArn: arn, tags: {} }),
        ),
    },
    {
      path: REGISTRY,
      run(names) {
        const { name, arn, description } = registryOf(names)
        return { RegistryName: name, RegistryArn: arn, Description: description, tags: {} }
      },
    },
    {
      path: `${REGISTRY}/schemas`,
      run(names, query) {
        const registry = registryOf(names).name
        const wanted = withPrefix(catalogue.schemaNames(registry), (name) => name, query.get('schemaNamePrefix'))
        return page(
          query,
          'Schemas',
          wanted,
          (name) => name,
          (name) => {
            const versions = catalogue.versions(registry, name)
            const latest = versions.at(-1)
            return {
              SchemaName: name,
              SchemaArn: latest?.schemaArn,
              LastModified: timestamp(latest),
              VersionCount: versions.length,
              tags: {},
            }
          },
        )
      },
    },
    {
      path: `${REGISTRY}/schemas/search`,
      run(names, query) {
        const registry = registryOf(names).name
        const keywords = (query.get('keywords') ?? '').toLowerCase().split(/\s+/).filter(Boolean)
        if (keywords.length === 0) throw new AwsError('BadRequestException', 'keywords must not be empty.')
        const has = ({ schemaName, content }: SchemaVersion): boolean => {
          const text = `${schemaName} ${content}`.toLowerCase()
          return keywords.every((keyword) => text.includes(keyword))
        }
        const found = catalogue
          .schemaNames(registry)
          .map((name) => ({ name, versions: catalogue.versions(registry, name).filter(has) }))
          .filter(({ versions }) => versions.length > 0)
        return page(
          query,
          'Schemas',
          found,
          ({ name }) => name,
          ({ name, versions }) => ({
            RegistryName: registry,
            SchemaName: name,
            SchemaArn: versions[0]?.schemaArn,
            SchemaVersions: versions.map((version) => ({
              SchemaVersion: String(version.version),
              Type: version.type,
              CreatedDate: timestamp(version),
            })),
          }),
        )
      },
    },
    {
      path: SCHEMA,
      run(names, query) {
        const version = versionOf(names, query)
        return {
          ...identity(version),
          Content: version.content,
          Description: version.description,
          LastModified: timestamp(versionsOf(names).at(-1)),
          VersionCreatedDate: timestamp(version),
          tags: {},
        }
      },
    },
    {
      path: `${SCHEMA}/versions`,
      run: (names, query) =>
        page(query, 'SchemaVersions', versionsOf(names), ({ version }) => String(version).padStart(9, '0'), identity),
    },
    {
      path: `${SCHEMA}/export`,
      run(names, query) {
        const wanted = query.get('type')
        if (wanted !== 'JSONSchemaDraft4')
          throw new AwsError('BadRequestException', `type must be JSONSchemaDraft4, not ${wanted}.`)
        const version = versionOf(names, query)
        if (version.type !== wanted)
          throw new AwsError('NotImplemented', `A schema of type ${version.type} is not converted locally.`, 501)
        return { ...identity(version), Content: version.content }
      },
    },
  ]
}

function identity({ schemaArn, schemaName, version, type }: SchemaVersion): object {
  return { SchemaArn: schemaArn, SchemaName: schemaName, SchemaVersion: String(version), Type: type }
}

function timestamp(version: SchemaVersion | undefined): string {
  return new Date(version?.createdAt ?? 0).toISOString()
}

function withPrefix<T>(items: readonly T[], nameOf: (item: T) => string, prefix: string | null): readonly T[] {
  return prefix === null ? items : items.filter((item) => nameOf(item).startsWith(prefix))
}

/** One page of items in the order of their keys; the token is the last key of the page before. */
function page<T>(
  query: URLSearchParams,
  member: string,
  items: readonly T[],
  keyOf: (item: T) => string,
  describe: (item: T) => object,
): object {
  const limit = Number(query.get('limit') ?? MAX_PAGE)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE)
    throw new AwsError('BadRequestException', `limit must be an integer from 1 to ${MAX_PAGE}.`)
  const after = Buffer.from(query.get('nextToken') ?? '', 'base64url').toString()
  const rest = items.filter((item) => keyOf(item) > after)
  const last = rest[limit - 1]
  return {
    [member]: rest.slice(0, limit).map(describe),
    NextToken: rest.length > limit && last !== undefined ? Buffer.from(keyOf(last)).toString('base64url') : undefined,
  }
}

/** The values of `:names` in a path; undefined where it is another path. */
function matchPath(path: string, actual: string): Readonly<Record<string, string>> | undefined {
  const wanted = path.split('/')
  const given = actual.replace(/\/$/, '').split('/')
  if (wanted.length !== given.length) return undefined
  const names: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? ''
    if (segment.startsWith(':')) names[segment.slice(1)] = decodeURIComponent(value)
    else if (segment !== value) return undefined
  }
  return names
}

/** Nothing that is read takes a body; it is part of the signature all the same. */
async function readBody(request: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function notFound(what: string): AwsError {
  return new AwsError('NotFoundException', `${what} does not exist.`, 404)
}
