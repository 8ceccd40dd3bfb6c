import fc from 'fast-check'
import { readerSchema, strictAjv, writerSchema } from '../build/forms.ts'
import { isSchema, type Schema } from '../build/schema.ts'
import { changesBetween } from './changes.ts'

// One for all: an ajv takes longer to make than a schema to compile.
const ajv = strictAjv()

/** Two versions of one schema. */
type Pair = readonly [older: Schema, newer: Schema]

const optional = <T>(name: string, value: fc.Arbitrary<T>): fc.Arbitrary<Schema> =>
  fc.option(value, { nil: undefined }).map((found) => (found === undefined ? {} : { [name]: found }))
const merged = (...parts: fc.Arbitrary<Schema>[]): fc.Arbitrary<Schema> =>
  fc.tuple(...parts).map((schemas) => Object.assign({}, ...schemas))
const small = fc.integer({ min: 0, max: 2 })
const large = fc.integer({ min: 2, max: 4 })

const leaf: fc.Arbitrary<Schema> = fc.oneof(
  merged(fc.constant({ type: 'string' }), optional('minLength', small), optional('maxLength', large)),
  merged(
    fc.constant({ type: 'string' }),
    fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }).map((values) => ({ enum: values })),
    optional('x-open-enum', fc.constant(true)),
  ),
  merged(
    fc.constantFrom({ type: 'integer' }, { type: 'number' }),
    optional('minimum', small),
    optional('maximum', large),
  ),
  fc.constant({ type: 'boolean' }),
  fc.constant({ type: 'string', pattern: '^a' }),
  fc.constant({ type: 'string', format: 'uuid' }),
)

/** Mostly the same twice: two schemas that were made apart would hardly ever be compatible. */
const pairs = fc.letrec<{ node: Pair; record: Pair }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 8, arbitrary: leaf.map((schema): Pair => [schema, schema]) },
    { weight: 1, arbitrary: fc.tuple(leaf, leaf) },
    { weight: 2, arbitrary: tie('record') },
    { weight: 1, arbitrary: tie('node').map((items) => both(items, (one) => ({ type: 'array', items: one }))) },
    {
      weight: 1,
      arbitrary: tie('node').map((entry) => both(entry, (one) => ({ type: 'object', additionalProperties: one }))),
    },
  ),
  record: fc
    .array(
      fc.record({
        schemas: tie('node'),
        presence: fc.constantFrom('both', 'both', 'both', 'new', 'gone'),
        required: fc.constantFrom('neither', 'neither', 'both', 'both', 'new', 'old'),
      }),
      { maxLength: 3 },
    )
    .map((fields) => {
      const side = (index: 0 | 1): Schema => {
        const absent = index === 0 ? 'new' : 'gone'
        const named = fields.map((field, place) => ({ ...field, name: `f${place}` }))
        const present = named.filter(({ presence }) => presence !== absent)
        const removed = named.filter(({ presence }) => presence === 'gone').map(({ name }) => name)
        return {
          type: 'object',
          additionalProperties: false,
          properties: Object.fromEntries(present.map(({ name, schemas }) => [name, schemas[index]])),
          required: present
            .filter(({ required }) => required === 'both' || required === (index === 0 ? 'old' : 'new'))
            .map(({ name }) => name),
          ...(index === 1 && removed.length > 0 && { 'x-removed': removed }),
        }
      }
      return [side(0), side(1)] as const
    }),
}))

function both([older, newer]: Pair, change: (schema: Schema) => Schema): Pair {
  return [change(older), change(newer)]
}

/** A value that the schema is likely to let through; the closed validator has the last word. */
function valuesFor(schema: Schema): fc.Arbitrary<unknown> {
  const { type, properties, required, additionalProperties, items } = schema
  const values = schema['enum']
  if (Array.isArray(values)) return fc.constantFrom(...values)
  if (type === 'boolean') return fc.boolean()
  if (type === 'integer') return fc.integer({ min: -1, max: 6 })
  if (type === 'number') return fc.constantFrom(-0.5, 0, 0.5, 1, 2, 2.5, 4, 5)
  if (type === 'array') return fc.array(valuesFor(items as Schema), { maxLength: 3 })
  if (type === 'object' && isSchema(additionalProperties))
    return fc.dictionary(fc.constantFrom('x', 'y', 'f0'), valuesFor(additionalProperties), { maxKeys: 2 })
  if (type === 'object') {
    const fields = Object.entries(properties as Record<string, Schema>).map(([name, below]) => [name, valuesFor(below)])
    return fc.record(Object.fromEntries(fields), { requiredKeys: [...(required as never[])], noNullPrototype: true })
  }
  if (schema['format'] === 'uuid') return fc.uuid()
  return fc.string({ maxLength: 5 }).map((text) => (schema['pattern'] ? `a${text}` : text))
}

it('whatever one of two compatible versions writes, the other reads', () => {
  let compatible = 0
  let changed = 0
  let read = 0
  fc.assert(
    fc.property(
      fc.oneof(pairs.record, pairs.node).chain((pair) => {
        const values = ([older, newer]: Pair) =>
          fc.tuple(
            fc.array(valuesFor(older), { minLength: 6, maxLength: 6 }),
            fc.array(valuesFor(newer), { minLength: 6, maxLength: 6 }),
          )
        return fc.tuple(fc.constant(pair), values(pair))
      }),
      ([pair, written]) => {
        const changes = changesBetween(...pair)
        if (changes.some(({ breaks }) => breaks)) return
        compatible++
        if (changes.length > 0) changed++
        const validators = pair.map((schema) => ({
          write: ajv.compile(writerSchema(schema)),
          read: ajv.compile(readerSchema(schema)),
        }))
        const [older, newer] = validators
        if (!older || !newer) throw new Error('a pair has two')
        for (const [values, from, to] of [
          [written[0], older, newer],
          [written[1], newer, older],
        ] as const)
          for (const value of values) {
            if (!from.write(value)) continue
            read++
            expect({ value, isRead: to.read(value) }).toEqual({ value, isRead: true })
          }
      },
    ),
    { seed: 20260301, numRuns: 1200 },
  )
  // Not a test of nothing: many pairs were compatible, many of these had changed, and values went across.
  expect(compatible).toBeGreaterThan(200)
  expect(changed).toBeGreaterThan(50)
  expect(read).toBeGreaterThan(1500)
})
