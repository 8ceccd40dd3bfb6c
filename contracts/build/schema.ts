import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A JSON Schema as far as the lint lets it through. */
export interface Schema {
  readonly [keyword: string]: unknown
}

/** A value that must be refused, and why. */
export interface InvalidExample {
  readonly reason: string
  readonly value: unknown
}

/** One major version of one contract, as its files give it. */
export interface SchemaFile {
  readonly group: 'envelope' | 'events' | 'documents'
  /** The folder's name: `media-uploaded`; `envelope` for the envelope. */
  readonly slug: string
  /** From the file's name. */
  readonly major: number
  /** Relative to the root, with `/`. */
  readonly path: string
  readonly schema: Schema
  readonly invalid: readonly InvalidExample[]
}

/** The problems of what was read, one sentence each, each naming its file. */
export class ContractsRefused extends Error {
  override readonly name = 'ContractsRefused'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/**
 * Reads `contracts/envelope.schema.json` and every `contracts/{events,documents}/<name>/v<major>.schema.json`, in order
 * of their paths.
 * @throws ContractsRefused where a file isn't what its name says.
 */
export function readSchemaFiles(root: string): readonly SchemaFile[] {
  const files: SchemaFile[] = []
  const envelope = 'contracts/envelope.schema.json'
  files.push({
    group: 'envelope',
    slug: 'envelope',
    major: 1,
    path: envelope,
    schema: readSchema(root, envelope),
    invalid: [],
  })
  for (const group of ['events', 'documents'] as const) {
    for (const slug of readdirSync(join(root, 'contracts', group)).sort()) {
      for (const file of readdirSync(join(root, 'contracts', group, slug)).sort()) {
        const path = `contracts/${group}/${slug}/${file}`
        const [, version, kind] = /^v([1-9]\d*)\.(schema|invalid)\.json$/.exec(file) ?? []
        if (version === undefined)
          throw new ContractsRefused([`${path}: only v<major>.schema.json and v<major>.invalid.json belong here`])
        if (kind === 'invalid') {
          const schema = path.replace('.invalid.', '.schema.')
          if (!existsSync(join(root, schema))) throw new ContractsRefused([`${path}: there is no ${schema}`])
          continue
        }
        files.push({
          group,
          slug,
          major: Number(version),
          path,
          schema: readSchema(root, path),
          invalid: readInvalid(root, path.replace('.schema.', '.invalid.')),
        })
      }
    }
  }
  return files
}

/** `events/media-uploaded`: a contract without its major, as the lock names it. */
export function contractOf({ group, slug }: SchemaFile): string {
  return group === 'envelope' ? group : `${group}/${slug}`
}

/** The name of the schema's type and constant. */
export function titleOf({ schema }: SchemaFile): string {
  return String(schema['title'])
}

/** `1.0`: major and minor. */
export function versionOf({ schema }: SchemaFile): string {
  return String(schema['x-version'])
}

export function minorOf(file: SchemaFile): number {
  return Number(versionOf(file).split('.')[1])
}

/** `MediaUploaded`: an event's name without its major. */
export function eventNameOf(file: SchemaFile): string {
  return titleOf(file).replace(/V\d+$/, '')
}

/** `storedObject` → `StoredObject`. */
export function typeNameOf(definition: string): string {
  return definition.charAt(0).toUpperCase() + definition.slice(1)
}

export function definitionsOf({ schema }: SchemaFile): Readonly<Record<string, Schema>> {
  return (schema['definitions'] ?? {}) as Record<string, Schema>
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Rewrites every subschema from the leaves up; data in `examples` and `enum` is left alone. */
export function mapSchema(schema: Schema, change: (schema: Schema) => Schema): Schema {
  const inner = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (keyword === 'properties' || keyword === 'definitions')
      return [
        keyword,
        Object.fromEntries(
          Object.entries(value as Record<string, Schema>).map(([name, below]) => [name, mapSchema(below, change)]),
        ),
      ]
    if ((keyword === 'items' || keyword === 'additionalProperties') && isSchema(value))
      return [keyword, mapSchema(value, change)]
    return [keyword, value]
  })
  return change(Object.fromEntries(inner))
}

function readSchema(root: string, path: string): Schema {
  const schema = readJson(root, path)
  if (!isSchema(schema)) throw new ContractsRefused([`${path}: a schema is a JSON object`])
  return schema
}

function readInvalid(root: string, path: string): readonly InvalidExample[] {
  if (!existsSync(join(root, path)))
    throw new ContractsRefused([`${path}: is missing; it lists values that must be refused, each with its reason`])
  const list = readJson(root, path)
  const complete = (one: unknown) => isSchema(one) && typeof one['reason'] === 'string' && 'value' in one
  if (!Array.isArray(list) || list.length === 0 || !list.every(complete))
    throw new ContractsRefused([`${path}: is a list of at least one {"reason": …, "value": …}`])
  return list
}

function readJson(root: string, path: string): unknown {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8'))
  } catch (error) {
    throw new ContractsRefused([`${path}: ${(error as Error).message}`])
  }
}
