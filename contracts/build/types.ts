import { compile } from 'json-schema-to-typescript'
import {
  definitionsOf,
  eventNameOf,
  mapSchema,
  minorOf,
  type Schema,
  type SchemaFile,
  titleOf,
  typeNameOf,
  versionOf,
} from './schema.ts'

const BANNER = '// Made by `npm run contracts` from the schemas of contracts/; a change made here is lost.\n'

/** `shapes.ts`: what several schemas define under one name. */
export async function shapesModule(files: readonly SchemaFile[]): Promise<string> {
  const shapes = new Map(files.flatMap((file) => Object.entries(definitionsOf(file))))
  const names = [...shapes.keys()].sort()
  const types = await Promise.all(names.map((name) => interfaceOf(typeNameOf(name), shapes.get(name) ?? {})))
  return [BANNER, ...types].join('\n')
}

/** `events.ts`: the envelope's type; of each event the type of its data and its contract. */
export async function eventsModule(files: readonly SchemaFile[]): Promise<string> {
  const events = files.filter(({ group }) => group === 'events')
  const envelope = files.filter(({ group }) => group === 'envelope')
  const types = await Promise.all([
    ...envelope.map((file) => interfaceOf(titleOf(file), file.schema)),
    ...events.map(async (file) => `${await interfaceOf(`${titleOf(file)}Data`, file.schema)}\n${contractOf(file)}`),
  ])
  const titles = events.map(titleOf)
  return [
    BANNER,
    `import { EventContract } from '../event-contract.ts'`,
    shapesImport([...envelope, ...events]),
    `import {\n${titles.flatMap((title) => [`  read${title},`, `  write${title},`]).join('\n')}\n} from './validators.js'\n`,
    `export type * from './shapes.ts'\n`,
    ...types,
    '/** Every event, each major of it. */',
    `export const EVENTS: readonly EventContract<never>[] = [\n${titles.map((title) => `  ${title},`).join('\n')}\n]`,
    '',
  ].join('\n')
}

/** `documents.ts`: the type and the version of each Firestore document. */
export async function documentsModule(files: readonly SchemaFile[]): Promise<string> {
  const documents = files.filter(({ group }) => group === 'documents')
  const types = await Promise.all(documents.map((file) => interfaceOf(titleOf(file), file.schema)))
  return [
    BANNER,
    shapesImport(documents),
    '',
    `export type * from './shapes.ts'\n`,
    ...types,
    '/** What a document that is written today says in its `version`. */',
    `export const DOCUMENT_VERSIONS = {\n${documents.map((file) => `  ${titleOf(file)}: '${versionOf(file)}',`).join('\n')}\n} as const`,
    '',
  ].join('\n')
}

/** `validators.d.ts`: what stands in `validators.js`. */
export function validatorsDeclaration(files: readonly SchemaFile[]): string {
  const typed = files.map((file) => ({
    name: titleOf(file),
    type: file.group === 'events' ? `${titleOf(file)}Data` : titleOf(file),
    module: file.group === 'documents' ? './documents.ts' : './events.ts',
  }))
  const imports = [...new Set(typed.map(({ module }) => module))].sort().map((module) => {
    const names = typed.filter((one) => one.module === module).map(({ type }) => type)
    return `import type { ${names.sort().join(', ')} } from '${module}'`
  })
  return [
    BANNER,
    `import type { SchemaError } from '../event-contract.ts'`,
    ...imports,
    '',
    'interface Validator<T> {',
    '  (value: unknown): value is T',
    '  readonly errors?: readonly SchemaError[] | null',
    '}',
    '',
    '// write…: closed, for what we say. read…: open, for what we are told by a minor that may be newer.',
    ...typed.flatMap(({ name, type }) => [
      `export declare const write${name}: Validator<${type}>`,
      `export declare const read${name}: Validator<${type}>`,
    ]),
    '',
  ].join('\n')
}

function contractOf(file: SchemaFile): string {
  const title = titleOf(file)
  return `${docComment(String(file.schema['description']))}
export const ${title} = new EventContract<${title}Data>({
  name: '${eventNameOf(file)}',
  major: ${file.major},
  minor: ${minorOf(file)},
  dataschema: '${file.schema['$id']}',
  writer: write${title},
  reader: read${title},
})
`
}

function shapesImport(files: readonly SchemaFile[]): string {
  const used = new Set<string>()
  for (const file of files) {
    const { definitions, ...own } = file.schema
    mapSchema(own, (schema) => {
      const definition = referenced(schema)
      if (definition !== undefined) used.add(typeNameOf(definition))
      return schema
    })
  }
  return used.size === 0 ? '' : `import type { ${[...used].sort().join(', ')} } from './shapes.ts'`
}

/** An exported, deeply readonly interface for one schema; what it refers to keeps its own name. */
async function interfaceOf(name: string, schema: Schema): Promise<string> {
  const { $id, title, definitions, examples, ...own } = schema
  const source = await compile(mapSchema(own, withTypeScript), name, {
    bannerComment: '',
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    unknownAny: true,
    style: { semi: false, singleQuote: true, printWidth: 120, trailingComma: 'all' },
  })
  return readonlyOf(source)
}

/** Says in json-schema-to-typescript's own keyword what it can't know: named shapes, open enums, bare objects. */
function withTypeScript(schema: Schema): Schema {
  const { description } = schema
  const typed = (tsType: string): Schema => (description === undefined ? { tsType } : { description, tsType })
  const definition = referenced(schema)
  if (definition !== undefined) return typed(typeNameOf(definition))
  if (schema['x-open-enum'] === true) {
    const known = (schema['enum'] as readonly unknown[]).map((value) => `'${String(value)}'`)
    return typed([...known, '(string & {})'].join(' | '))
  }
  const bare = schema['type'] === 'object' && !('properties' in schema) && !('additionalProperties' in schema)
  return bare ? typed('object') : schema
}

function referenced(schema: Schema): string | undefined {
  const reference = schema['$ref']
  return typeof reference === 'string' ? reference.replace('#/definitions/', '') : undefined
}

/** Properties, index signatures and lists of prettier's output, line by line; comments are left alone. */
function readonlyOf(source: string): string {
  return source
    .split('\n')
    .map((line) =>
      /^\s*(\/\*|\*)/.test(line)
        ? line
        : line
            .replace(/^(\s+)(\w+\??|'[^']+'\??|\[\w+: string\]): /, '$1readonly $2: ')
            .replace(/(: |\| )([\w.]+)\[\]/g, '$1readonly $2[]'),
    )
    .join('\n')
}

function docComment(text: string): string {
  return `/** ${text.replaceAll('*/', '*\\/')} */`
}
