import { isDeepStrictEqual } from 'node:util'
import { readerSchema, strictAjv, writerSchema } from './forms.ts'
import { definitionsOf, isSchema, type Schema, type SchemaFile, titleOf, typeNameOf, versionOf } from './schema.ts'

/** Keywords whose compatibility nobody can judge, and what to do instead. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['if', 'make two events instead of one with conditions'],
  ['then', 'make two events instead of one with conditions'],
  ['else', 'make two events instead of one with conditions'],
  ['not', 'say what is allowed'],
  ['const', 'use an enum of one value'],
  ['oneOf', 'make two events, or a field for each'],
  ['anyOf', 'make two events, or a field for each'],
  ['allOf', 'write the fields out'],
  ['patternProperties', 'use additionalProperties with a schema'],
  ['dependencies', 'nest the fields that belong together in an object'],
])

const KEYWORDS = new Set([
  ...[
    '$ref',
    '$schema',
    '$id',
    'title',
    'description',
    'examples',
    'definitions',
    'x-version',
    'x-open-enum',
    'x-removed',
  ],
  ...['type', 'enum', 'format', 'properties', 'required', 'additionalProperties', 'items'],
  ...['minLength', 'maxLength', 'pattern', 'minimum', 'maximum', 'minItems', 'maxItems'],
])
const FORMATS = new Set(['uuid', 'date-time'])
const TYPES = new Set(['object', 'array', 'string', 'integer', 'number', 'boolean'])
const FEWEST_EXAMPLES = { envelope: 2, events: 2, documents: 1 }

/**
 * Everything that is wrong with the schemas, one sentence each: file, JSON Pointer, what, and what would do. The
 * examples are tried against the validators only where the schemas themselves are sound.
 */
export function lint(files: readonly SchemaFile[]): readonly string[] {
  const problems = [...files.flatMap(lintFile), ...lintTogether(files)]
  return problems.length > 0 ? problems : files.flatMap(lintExamples)
}

function lintFile(file: SchemaFile): readonly string[] {
  const { schema, path, major, group } = file
  const problems: string[] = []
  const refuse = (pointer: string, problem: string) => problems.push(`${path}#${pointer}: ${problem}`)

  if (schema['$schema'] !== 'http://json-schema.org/draft-07/schema#')
    refuse('/$schema', 'must be "http://json-schema.org/draft-07/schema#"')
  const folder = group === 'envelope' ? group : `${group}/${file.slug}`
  const id = `https://contracts.messageai.media/${folder}/v${major}.schema.json`
  if (schema['$id'] !== id) refuse('/$id', `must be "${id}"`)
  const expected = expectedTitle(file)
  if (!expected.test(titleOf(file))) refuse('/title', `must match ${expected}, as the folder and file are named`)
  const description = schema['description']
  if (typeof description !== 'string' || description.length < 20)
    refuse('/description', 'must say when it is sent, and when it never is')
  if (!new RegExp(`^${major}\\.(0|[1-9]\\d*)$`).test(versionOf(file)))
    refuse('/x-version', `must be "${major}.<minor>", as the file is named v${major}`)
  const examples = schema['examples']
  const fewest = FEWEST_EXAMPLES[group]
  if (!Array.isArray(examples) || examples.length < fewest) refuse('/examples', `must list at least ${fewest}`)
  if (schema['type'] !== 'object') refuse('/type', 'must be "object": only objects can grow')

  const own = new Set(Object.keys(definitionsOf(file)))
  lintSchema(schema, '', (pointer, problem) => refuse(pointer, problem), own)
  return problems
}

type Refuse = (pointer: string, problem: string) => void

function lintSchema(schema: Schema, pointer: string, refuse: Refuse, definitions: ReadonlySet<string>): void {
  for (const keyword of Object.keys(schema)) {
    const remedy = REFUSED.get(keyword)
    if (remedy !== undefined) refuse(`${pointer}/${keyword}`, `nobody can judge its compatibility: ${remedy}`)
    else if (!KEYWORDS.has(keyword)) refuse(`${pointer}/${keyword}`, 'is no keyword that contracts use')
  }
  if ('definitions' in schema && pointer !== '') refuse(`${pointer}/definitions`, 'belongs at the top')

  const reference = schema['$ref']
  if (reference !== undefined) {
    const [, name] = /^#\/definitions\/(\w+)$/.exec(String(reference)) ?? []
    if (name === undefined) refuse(`${pointer}/$ref`, 'must be "#/definitions/<name>": a contract stands in one file')
    else if (!definitions.has(name)) refuse(`${pointer}/$ref`, `there is no definition "${name}"`)
    return
  }
  lintType(schema, pointer, refuse)
  lintRemoved(schema, pointer, refuse)
  for (const [keyword, below] of subschemas(schema)) {
    if (isSchema(below)) lintSchema(below, `${pointer}/${keyword}`, refuse, definitions)
    else refuse(`${pointer}/${keyword}`, 'must be a schema')
  }
}

function lintType(schema: Schema, pointer: string, refuse: Refuse): void {
  const { type, format, properties, required, additionalProperties, items } = schema
  const values = schema['enum']
  if (typeof type !== 'string' || !TYPES.has(type)) refuse(`${pointer}/type`, `must be one of ${[...TYPES].join(', ')}`)
  if (format !== undefined && !FORMATS.has(String(format)))
    refuse(`${pointer}/format`, `"${format}" is none of ${[...FORMATS].join(', ')}, so nothing would check it`)
  if (type === 'array' && !isSchema(items)) refuse(`${pointer}/items`, 'must be one schema for all items')
  if (
    values !== undefined &&
    !(type === 'string' && Array.isArray(values) && values.every((one) => typeof one === 'string'))
  )
    refuse(`${pointer}/enum`, 'must list strings, of type "string"')
  if ('x-open-enum' in schema && !(schema['x-open-enum'] === true && values !== undefined))
    refuse(`${pointer}/x-open-enum`, 'is true, beside an enum, or not there')
  if (properties !== undefined && additionalProperties !== false)
    refuse(`${pointer}/additionalProperties`, 'must be false: writers are closed (readers are opened by the generator)')
  if (additionalProperties === true) refuse(`${pointer}/additionalProperties`, 'must be false or a schema')
  if (Array.isArray(required))
    for (const name of required)
      if (!isSchema(properties) || !Object.hasOwn(properties, name))
        refuse(`${pointer}/required`, `"${name}" is not among the properties`)
}

/** Names that older data holds and that nothing may use again. */
function lintRemoved({ properties, 'x-removed': removed }: Schema, pointer: string, refuse: Refuse): void {
  if (removed === undefined) return
  const at = `${pointer}/x-removed`
  if (!isSchema(properties)) refuse(at, 'stands beside properties')
  else if (!Array.isArray(removed) || new Set(removed).size !== removed.length || removed.length === 0)
    refuse(at, 'must list names, each once')
  else
    for (const name of removed)
      if (typeof name !== 'string') refuse(at, 'must list names')
      else if (Object.hasOwn(properties, name))
        refuse(at, `"${name}" was removed and can't be used again: archives hold its older meaning; take another name`)
}

function subschemas({
  properties,
  definitions,
  items,
  additionalProperties,
}: Schema): readonly (readonly [string, unknown])[] {
  const named = (keyword: string, group: unknown) =>
    isSchema(group) ? Object.entries(group).map(([name, below]) => [`${keyword}/${name}`, below] as const) : []
  return [
    ...named('properties', properties),
    ...named('definitions', definitions),
    ...(items === undefined ? [] : [['items', items] as const]),
    ...(typeof additionalProperties === 'object' ? [['additionalProperties', additionalProperties] as const] : []),
  ]
}

/** Names become types and constants in one room: they must not meet, and a shared shape must be one shape. */
function lintTogether(files: readonly SchemaFile[]): readonly string[] {
  const problems: string[] = []
  const titles = new Map<string, string>()
  for (const file of files) {
    const other = titles.get(titleOf(file))
    if (other !== undefined) problems.push(`${file.path}#/title: ${other} has the same`)
    titles.set(titleOf(file), file.path)
  }
  const shapes = new Map<string, { readonly path: string; readonly schema: Schema }>()
  for (const file of files) {
    for (const [name, schema] of Object.entries(definitionsOf(file))) {
      const pointer = `${file.path}#/definitions/${name}`
      const known = shapes.get(name)
      if (titles.has(typeNameOf(name))) problems.push(`${pointer}: ${titles.get(typeNameOf(name))} is named so`)
      if (known && !isDeepStrictEqual(known.schema, schema))
        problems.push(`${pointer}: differs from that of ${known.path}; make them the same, or give it another name`)
      shapes.set(name, { path: file.path, schema })
    }
  }
  return problems
}

function lintExamples(file: SchemaFile): readonly string[] {
  const ajv = strictAjv({ allErrors: true })
  const [write, read] = [writerSchema, readerSchema].map((form) => {
    const { $id, ...schema } = form(file.schema)
    return ajv.compile(schema)
  })
  if (!write || !read) return []
  const examples = file.schema['examples'] as readonly unknown[]
  return [
    ...examples.flatMap((example, index) =>
      [write, read].flatMap((validate) =>
        validate(example)
          ? []
          : [`${file.path}#/examples/${index}: ${ajv.errorsText(validate.errors, { dataVar: '' })}`],
      ),
    ),
    ...file.invalid.flatMap(({ reason, value }, index) =>
      write(value) ? [`${file.path.replace('.schema.', '.invalid.')}#/${index}: passes, though ${reason}`] : [],
    ),
  ]
}

/** `events/media-uploaded/v1` → MediaUploadedV1; `documents/media/v1` → MediaDocument. */
function expectedTitle(file: SchemaFile): RegExp {
  if (file.group === 'envelope') return /^Meta$/
  const pascal = file.slug.replace(/(^|-)([a-z])/g, (_all, _dash, letter: string) => letter.toUpperCase())
  if (file.group === 'events') return new RegExp(`^${pascal}V${file.major}$`)
  return new RegExp(`^${pascal}Document${file.major === 1 ? '' : `V${file.major}`}$`)
}
