import { onlyProperties, optionalString, requiredString } from '../assembly/properties.ts'
import type { Cloud, Provisioner, WireService } from '../cloud.ts'
import { schemasWire } from './wire.ts'

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
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

export interface Registry {
  readonly name: string
  readonly arn: string
  readonly description: string | undefined
}

/** What the templates register: what a template no longer has is gone. */
export interface Catalogue {
  /** In the order of names. */
  registries(): readonly Registry[]
  /** The names of a registry's schemas, in their order. */
  schemaNames(registryName: string): readonly string[]
  /** The versions of a schema, oldest first; empty where there is none. */
  versions(registryName: string, schemaName: string): readonly SchemaVersion[]
}

export interface Schemas extends WireService, Pick<Catalogue, 'versions'> {
  /** By CloudFormation type. */
  readonly provisioners: Readonly<Record<string, Provisioner>>
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
  // Data folders of before the registry could be asked have the table without it.
  if (!db.prepare("select 1 from pragma_table_info('schemas_version') where name = 'created_at'").get())
    db.exec('alter table schemas_version add column created_at integer not null default 0')
  const registries = new Map<string, Registry & { readonly schemas: Set<string> }>()
  const arn = (kind: string, path: string) => `arn:aws:schemas:${cloud.region}:${cloud.accountId}:${kind}/${path}`

  const versions = (registryName: string, schemaName: string): readonly SchemaVersion[] =>
    (
      db
        .prepare(
          `select version, type, content, description, created_at as createdAt
           from schemas_version where registry = ? and name = ? order by version`,
        )
        .all(registryName, schemaName) as unknown as readonly SchemaRow[]
    ).map(({ description, ...row }) => ({
      ...row,
      registryName,
      schemaName,
      schemaArn: arn('schema', `${registryName}/${schemaName}`),
      description: description ?? undefined,
    }))

  const register = (registry: string, name: string, schema: Omit<SchemaRow, 'version' | 'createdAt'>): number =>
    db.transaction(() => {
      const latest = versions(registry, name).at(-1)
      if (latest && latest.type === schema.type && latest.content === schema.content) return latest.version
      const version = (latest?.version ?? 0) + 1
      db.prepare(
        `insert into schemas_version (registry, name, version, type, content, description, created_at)
         values (?, ?, ?, ?, ?, ?, ?)`,
      ).run(registry, name, version, schema.type, schema.content, schema.description, cloud.now())
      return version
    })

  const catalogue: Catalogue = {
    registries: () => [...registries.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    schemaNames: (registry) => [...(registries.get(registry)?.schemas ?? [])].sort(),
    versions: (registry, name) => (registries.get(registry)?.schemas.has(name) ? versions(registry, name) : []),
  }

  return {
    versions: catalogue.versions,
    ...schemasWire(cloud, catalogue),
    provisioners: {
      'AWS::EventSchemas::Registry': (resource) => {
        onlyProperties(resource, ['RegistryName', 'Description'], NO_TAGS)
        const name = optionalString(resource.properties, 'RegistryName') ?? resource.generatedName
        const registryArn = arn('registry', name)
        const description = optionalString(resource.properties, 'Description')
        registries.set(name, { name, arn: registryArn, description, schemas: new Set() })
        return { ref: registryArn, attributes: { RegistryArn: registryArn, RegistryName: name } }
      },
      'AWS::EventSchemas::Schema': (resource) => {
        const { properties } = resource
        onlyProperties(resource, ['RegistryName', 'SchemaName', 'Type', 'Content', 'Description'], NO_TAGS)
        const registry = registryName(requiredString(properties, 'RegistryName'))
        const known = registries.get(registry)
        if (!known) throw new Error(`the registry ${registry} is not declared before its schema`)
        const name = optionalString(properties, 'SchemaName') ?? resource.generatedName
        const type = requiredString(properties, 'Type')
        if (!TYPES.includes(type)) throw new Error(`Type ${type} is none of ${TYPES.join(', ')}`)
        const content = requiredString(properties, 'Content')
        checkJson(content)
        const description = optionalString(properties, 'Description') ?? null
        known.schemas.add(name)
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
  readonly createdAt: number
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
