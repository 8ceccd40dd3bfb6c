import { changesBetween } from '../compatibility/changes.ts'
import { pointerOf, publishedMinors } from '../compatibility/gate.ts'
import type { Lock } from './lock.ts'
import { definitionsOf, eventNameOf, isSchema, type Schema, type SchemaFile, versionOf } from './schema.ts'
import type { Traffic } from './traffic.ts'

/** `docs/events.md`: of each event when it is sent, by whom and for whom, its versions, its fields and an example. */
export function eventsPage(files: readonly SchemaFile[], lock: Lock, traffic: Traffic): string {
  const envelope = files.filter(({ group }) => group === 'envelope')
  const events = files.filter(({ group }) => group === 'events')
  return [
    '<!-- Made by `npm run contracts` from the schemas of contracts/; a change made here is lost. -->',
    '# Events',
    'Every event is on the bus under the source `messageai.media`, with its name and major version as the detail-type, and',
    '`{ "meta": …, "data": … }` as the detail. A newer minor may add fields and values of open lists: read what you know and',
    'ignore the rest. Whoever reads by `parseEvent` gets an older major lifted to the newest.\n',
    events.map((event) => `- [${detailTypeOf(event)}](#${anchorOf(event)})`).join('\n'),
    '',
    ...envelope.flatMap((file) => ['## meta\n', ...contract(file, versions(file, lock))]),
    ...events.flatMap((file) => {
      const about = [...versions(file, lock), ...successor(file, events), ...parties(file, traffic)]
      return [`## ${detailTypeOf(file)}\n`, ...contract(file, about)]
    }),
  ].join('\n')
}

/** The published minors, and what each added to the one before. */
function versions(file: SchemaFile, lock: Lock): readonly string[] {
  const minors = publishedMinors(file, lock)
  const news = minors.slice(1).flatMap((minor, index) => {
    const before = minors[index]
    return before === undefined ? [] : differences(before, minor, file)
  })
  const list = minors.map(({ version }) => version).join(', ') || `${versionOf(file)}, not published yet`
  return [`- versions: ${list}; [schema](../${file.path})`, ...news]
}

function successor(file: SchemaFile, events: readonly SchemaFile[]): readonly string[] {
  const next = events.find(({ slug, major }) => slug === file.slug && major === file.major + 1)
  if (!next) return []
  const versioned = (one: SchemaFile) => ({ version: versionOf(one), schema: one.schema })
  return [
    `- superseded by [${detailTypeOf(next)}](#${anchorOf(next)}), to which it is lifted when it is read`,
    ...differences(versioned(file), versioned(next), file),
  ]
}

interface Versioned {
  readonly version: string
  readonly schema: Schema
}

function differences(before: Versioned, after: Versioned, file: SchemaFile): readonly string[] {
  return changesBetween(before.schema, after.schema, pointerOf(file)).map(
    ({ pointer, what }) => `  - ${before.version} → ${after.version}: \`${pointer}\` ${what}`,
  )
}

/** Nothing where nobody is known: of the schemas alone, none are. */
function parties(file: SchemaFile, { sentBy, receivedBy, forOthers }: Traffic): readonly string[] {
  const [senders = [], receivers = []] = [sentBy, receivedBy].map((parties) => parties[detailTypeOf(file)])
  const isSent = senders.length > 0
  const isPast = !isSent && Object.keys(sentBy).length > 0
  const names = (parties: readonly string[]) => parties.map((party) => `\`${party}\``).join(', ')
  const others = forOthers[eventNameOf(file)]
  return [
    ...(isSent ? [`- sent by ${names(senders)}`] : []),
    ...(isPast ? ['- sent by nobody any more; the archive may hold some'] : []),
    ...(receivers.length > 0 ? [`- received by ${names(receivers)}`] : []),
    ...(others === undefined || isPast ? [] : [`- for ${others}`]),
  ]
}

function contract(file: SchemaFile, about: readonly string[]): readonly string[] {
  const [example] = file.schema['examples'] as readonly unknown[]
  return [
    `${file.schema['description']}\n`,
    ...about,
    '',
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
