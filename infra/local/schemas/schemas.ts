import { onlyProperties, optionalString, requiredString } from '../assembly/properties.ts'
import type { Cloud, Provisioner } from '../cloud.ts'

/** One version of a schema, as it was declared. */
export interface SchemaVersion {
  readonly registryName: string
  readonly schemaName: string
  readonly schemaArn: string
  /** Counts from 1; a new content is a new version. */
  readonly version: number
  /** `OpenApi3` or `JSONSchemaDraft4` */
  readonly type: string
  readonly content: string
  readonly description: string | undefined
}

export interface Schemas {
  /** By CloudFormation type. */
  readonly provisioners: Readonly<Record<string, Provisioner>>
  /** The versions of a schema, oldest first; empty where there is none. */
  versions(registryName: string, schemaName: string): readonly SchemaVersion[]
}

const TYPES = ['OpenApi3', 'JSONSchemaDraft4']
const NO_TAGS = { Tags: 'kept nowhere' }

/** The EventBridge schema registry: what templates register, with every version that they ever had. */
export function createSchemas(cloud: Cloud): Schemas {
  const { db } = cloud
  db.exec(`create table if not exists schemas_version (
    registry text not null,
    name text not null,
    version integer not null,
    type text not null,
    content text not null,
    description text,
    primary key (registry, name, version)
  ) strict`)
  const arn = (kind: string, path: string) => `arn:aws:schemas:${cloud.region}:${cloud.accountId}:${kind}/${path}`

  const versions = (registryName: string, schemaName: string): readonly SchemaVersion[] =>
    (
      db
        .prepare(
          'select version, type, content, description from schemas_version where registry = ? and name = ? order by version',
        )
        .all(registryName, schemaName) as unknown as readonly SchemaRow[]
    ).map(({ description, ...row }) => ({
      ...row,
      registryName,
      schemaName,
      schemaArn: arn('schema', `${registryName}/${schemaName}`),
      description: description ?? undefined,
    }))

  const register = (registry: string, name: string, schema: Omit<SchemaRow, 'version'>): number =>
    db.transaction(() => {
      const latest = versions(registry, name).at(-1)
      if (latest && latest.type === schema.type && latest.content === schema.content) return latest.version
      const version = (latest?.version ?? 0) + 1
      db.prepare(
        'insert into schemas_version (registry, name, version, type, content, description) values (?, ?, ?, ?, ?, ?)',
      ).run(registry, name, version, schema.type, schema.content, schema.description)
      return version
    })

  return {
    versions,
    provisioners: {
      'AWS::EventSchemas::Registry': (resource) => {
        onlyProperties(resource, ['RegistryName', 'Description'], NO_TAGS)
        const name = optionalString(resource.properties, 'RegistryName') ?? resource.generatedName
        const registryArn = arn('registry', name)
        return { ref: registryArn, attributes: { RegistryArn: registryArn, RegistryName: name } }
      },
      'AWS::EventSchemas::Schema': (resource) => {
        const { properties } = resource
        onlyProperties(resource, ['RegistryName', 'SchemaName', 'Type', 'Content', 'Description'], NO_TAGS)
        const registry = registryName(requiredString(properties, 'RegistryName'))
        const name = optionalString(properties, 'SchemaName') ?? resource.generatedName
        const type = requiredString(properties, 'Type')
        if (!TYPES.includes(type)) throw new Error(`Type ${type} is none of ${TYPES.join(', ')}`)
        const content = requiredString(properties, 'Content')
        checkJson(content)
        const description = optionalString(properties, 'Description') ?? null
        const version = register(registry, name, { type, content, description })
        const schemaArn = arn('schema', `${registry}/${name}`)
        return {
          ref: schemaArn,
          attributes: { SchemaArn: schemaArn, SchemaName: name, SchemaVersion: String(version) },
        }
      },
    },
  }
}

interface SchemaRow {
  readonly version: number
  readonly type: string
  readonly content: string
  readonly description: string | null
}

/** Templates name the registry, or give its ARN. */
function registryName(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1) : nameOrArn
}

function checkJson(content: string): void {
  try {
    JSON.parse(content)
  } catch (error) {
    throw new Error(`Content is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}
