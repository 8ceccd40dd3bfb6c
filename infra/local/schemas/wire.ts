import { AwsError } from '../aws-json/error.ts'
import { serveRest } from '../aws-json/serve-rest.ts'
import type { Cloud, WireService } from '../cloud.ts'
import type { Catalogue, Registry, SchemaVersion } from './schemas.ts'

const MAX_PAGE = 100
const REGISTRY = '/v1/registries/name/:registry'
const SCHEMA = `${REGISTRY}/schemas/name/:schema`

/**
 * The registry's REST API, for those who read it: templates are what writes.
 * https://docs.aws.amazon.com/eventbridge/latest/schema-reference/resources.html
 */
export function schemasWire(cloud: Cloud, catalogue: Catalogue): WireService {
  return {
    signingNames: ['schemas'],
    stop: async () => {},
    handle: serveRest(cloud, {
      signingName: 'schemas',
      // Nothing that is read takes a body.
      maxBodyBytes: 64 * 1024,
      operations: readOperations(catalogue).map(({ path, run }) => ({
        method: 'GET',
        path,
        run: ({ names, query }) => run(names, query),
      })),
      notRunning: 'schemas are registered by templates.',
      internalError: 'InternalServerErrorException',
      errorBody: (code, message) => ({ Code: code, Message: message }),
    }),
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

function notFound(what: string): AwsError {
  return new AwsError('NotFoundException', `${what} does not exist.`, 404)
}
