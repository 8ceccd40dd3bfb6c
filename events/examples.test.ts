import { join } from 'node:path'
import { isSchema, mapSchema, readSchemaFiles, type SchemaFile, titleOf } from '../contracts/build/schema.ts'
import type { EventContract } from '../contracts/event-contract.ts'
import { EVENTS } from '../contracts/generated/events.ts'
import { createEvent, detailTypeOf } from './envelope.ts'
import { uploadedEvent } from './fixtures.ts'
import { parseEvent } from './parse.ts'
import { toEntry } from './publish.ts'

const files = readSchemaFiles(join(import.meta.dirname, '..')).filter(({ group }) => group !== 'documents')
const named = files.map((file): [string, SchemaFile] => [file.path, file])
const { time, ...origin } = uploadedEvent().meta

/** Every text in a value, however deep. */
function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : []
}

function fieldsOf(file: SchemaFile): readonly string[] {
  const fields = new Set<string>()
  mapSchema(file.schema, (schema) => {
    if (isSchema(schema['properties'])) for (const field of Object.keys(schema['properties'])) fields.add(field)
    return schema
  })
  return [...fields]
}

describe.each(EVENTS.map((contract): [string, EventContract<never>] => [contract.detailType, contract]))(
  'every example of %s',
  (detailType, contract) => {
    const file = files.find((one) => titleOf(one) === detailType.replace('.v', 'V'))
    const examples = (file?.schema['examples'] ?? []) as readonly never[]

    it('goes out and comes back as it was', () => {
      expect(examples.length).toBeGreaterThan(1)
      for (const example of examples) {
        const event = createEvent(contract, example, { ...origin, time: Date.parse(time) })
        expect(detailTypeOf(event)).toBe(detailType)
        const asItIs = { contracts: EVENTS, upcasters: [] }
        expect(parseEvent(toEntry(event).detail, detailType, asItIs)).toEqual({ ok: true, event, contract })
      }
    })
  },
)

describe.each(named)('%s', (_path, file) => {
  const examples = file.schema['examples'] as readonly Readonly<Record<string, unknown>>[]

  it('shows no address of a person, a machine or a page', () => {
    // `dataschema` is a name in the form of a URL, as CloudEvents wants it; nothing is fetched from it.
    const shown = examples.flatMap(({ dataschema, ...rest }) => texts(rest))
    expect(shown.filter((text) => /:\/\/|@|X-Amz-|\b\d{1,3}(\.\d{1,3}){3}\b/.test(text))).toEqual([])
  })

  it('has no field that would hold who somebody is, where they are, or a URL', () => {
    const personal =
      /(^|[a-z])(url|uri|href|token|secret|signature|email|phone|address|latitude|longitude|lat|lon|gps|location|owner|user|uid|fileName|displayName|ip)(Id)?$/i
    expect(fieldsOf(file).filter((field) => personal.test(field))).toEqual([])
  })
})
