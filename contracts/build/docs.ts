import { definitionsOf, eventNameOf, isSchema, type Schema, type SchemaFile, versionOf } from './schema.ts'

/** `docs/events.md`: of each event when it is sent, its fields and an example. */
export function eventsPage(files: readonly SchemaFile[]): string {
  const envelope = files.filter(({ group }) => group === 'envelope')
  const events = files.filter(({ group }) => group === 'events')
  return [
    '<!-- Made by `npm run contracts` from the schemas of contracts/; a change made here is lost. -->',
    '# Events',
    'Every event is on the bus under the source `messageai.media`, with its name and major version as the detail-type, and',
    '`{ "meta": …, "data": … }` as the detail. A newer minor may add fields and values of open lists: read what you know and',
    'ignore the rest.\n',
    events.map((event) => `- [${detailTypeOf(event)}](#${anchorOf(event)})`).join('\n'),
    '',
    ...envelope.flatMap((file) => ['## meta\n', ...contract(file)]),
    ...events.flatMap((file) => [`## ${detailTypeOf(file)}\n`, ...contract(file)]),
  ].join('\n')
}

function contract(file: SchemaFile): readonly string[] {
  const [example] = file.schema['examples'] as readonly unknown[]
  return [
    `${file.schema['description']}\n`,
    `Version ${versionOf(file)}.\n`,
    '| field | type | |',
    '|---|---|---|',
    ...rows(file.schema, file, ''),
    '',
    '```json',
    JSON.stringify(example, undefined, 2),
    '```\n',
  ]
}

/** A row for each field, those of objects and of lists of objects under their path. */
function rows(schema: Schema, file: SchemaFile, path: string): readonly string[] {
  const resolved = resolve(schema, file)
  const { items, properties, required = [] } = resolved
  if (isSchema(items)) return rows(items, file, `${path}[]`)
  if (!isSchema(properties)) return []
  return Object.entries(properties as Record<string, Schema>).flatMap(([name, below]) => {
    const field = resolve(below, file)
    const at = path ? `${path}.${name}` : name
    const optional = (required as readonly string[]).includes(name) ? '' : ', optional'
    return [`| \`${at}\` | ${typeOf(field)}${optional} | ${cell(field['description'])} |`, ...rows(field, file, at)]
  })
}

function typeOf(schema: Schema): string {
  const values = schema['enum']
  if (Array.isArray(values)) {
    const known = values.map((value) => `\`${value}\``).join(', ')
    return schema['x-open-enum'] === true ? `${known}, more may come` : known
  }
  return schema['type'] === 'array' ? 'list' : String(schema['format'] ?? schema['type'])
}

function resolve(schema: Schema, file: SchemaFile): Schema {
  const reference = schema['$ref']
  return typeof reference === 'string' ? (definitionsOf(file)[reference.replace('#/definitions/', '')] ?? {}) : schema
}

function cell(text: unknown): string {
  return typeof text === 'string' ? text.replaceAll('|', '\\|').replaceAll('\n', ' ') : ''
}

function detailTypeOf(file: SchemaFile): string {
  return `${eventNameOf(file)}.v${file.major}`
}

/** As GitHub makes it of the heading. */
function anchorOf(file: SchemaFile): string {
  return detailTypeOf(file).toLowerCase().replace('.', '')
}
