import { join } from 'node:path'
import { readSchemaFiles, type SchemaFile, titleOf } from './build/schema.ts'
import * as validators from './generated/validators.js'

const files = readSchemaFiles(join(import.meta.dirname, '..')).map((file): [string, SchemaFile] => [file.path, file])
const byName: Readonly<Record<string, (value: unknown) => boolean>> = { ...validators }

function validator(verb: 'read' | 'write', file: SchemaFile): (value: unknown) => boolean {
  const found = byName[`${verb}${titleOf(file)}`]
  if (!found) throw new Error(`${titleOf(file)} has no ${verb} validator`)
  return found
}

/** Puts a property that no schema knows into every object, at every depth. */
function grown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(grown)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, below]) => [key, grown(below)])
  return { ...Object.fromEntries(entries), fromANewerMinor: { a: [1] } }
}

describe.each(files)('the validators of %s', (_path, file) => {
  const read = validator('read', file)
  const write = validator('write', file)
  const examples = file.schema['examples'] as readonly object[]

  it('pass every example', () => {
    for (const example of examples) expect([write(example), read(example)]).toEqual([true, true])
  })

  it('refuse every bad value as a writer', () => {
    expect(file.invalid.filter(({ value }) => write(value)).map(({ reason }) => reason)).toEqual([])
  })

  it('are closed for a writer and open for a reader', () => {
    for (const example of examples) {
      const known = { ...example, fromANewerMinor: 1 }
      expect([write(known), read(known)]).toEqual([false, true])
    }
  })

  it('refuse what is no object', () => {
    for (const value of [undefined, null, 'text', 5, [], [examples[0]]])
      expect([write(value), read(value)]).toEqual([false, false])
  })
})

describe('a reader', () => {
  const events = files.filter(([, { group }]) => group === 'events')

  it.each(events)('of %s ignores what a newer minor adds at any depth', (_path, file) => {
    for (const example of file.schema['examples'] as readonly object[]) {
      expect(validator('read', file)(grown(example))).toBe(true)
      expect(validator('write', file)(grown(example))).toBe(false)
    }
  })

  it.each(events)('of %s takes a kind that is not made yet, a writer does not', (_path, file) => {
    for (const example of file.schema['examples'] as readonly object[]) {
      const later = { ...example, kind: 'hologram' }
      expect([validator('read', file)(later), validator('write', file)(later)]).toEqual([true, false])
    }
  })

  it('takes no other value where a list is closed', () => {
    const step = files.find(([, { slug }]) => slug === 'step')?.[1]
    const [example] = (step?.schema['examples'] ?? []) as readonly object[]
    expect(validators.readStepDocument(example)).toBe(true)
    expect(validators.readStepDocument({ ...example, outcome: 'maybe' })).toBe(false)
  })
})

describe('a time', () => {
  const [envelope] = files.map(([, file]) => file)
  const [meta] = (envelope?.schema['examples'] ?? []) as readonly object[]

  it.each([
    ['2026-03-01T10:00:05.000Z', true],
    ['2024-02-29T23:59:59+05:30', true],
    ['2026-02-29T10:00:00Z', false],
    ['2026-13-01T10:00:00Z', false],
    ['2026-03-01T25:00:00Z', false],
    ['2026-03-01T10:00:00', false],
    ['2026-03-01', false],
    ['tomorrow', false],
  ])('of %s is one: %s', (time, passes) => {
    expect(validators.readMeta({ ...meta, time })).toBe(passes)
  })
})
