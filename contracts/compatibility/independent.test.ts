import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { check_compat, initSync } from 'jsoncompat'
import { readerSchema, strictAjv, writerSchema } from '../build/forms.ts'
import type { Schema } from '../build/schema.ts'
import { CASES } from './cases.ts'
import { changesBetween } from './changes.ts'

const { resolve } = createRequire(join(import.meta.dirname, 'independent.test.ts'))
/** By case: whether each of the two versions reads the other, as jsoncompat sees it. */
const verdicts = new Map<string, boolean>()
beforeAll(() => {
  initSync({ module: readFileSync(resolve('jsoncompat/jsoncompat_wasm_bg.wasm')) })
  for (const { name, older, newer } of COMPARABLE) verdicts.set(name, reads(older, newer) && reads(newer, older))
})

/** Whether all that the one writes is taken by the other, as `jsoncompat` sees it. */
function reads(writer: Schema, reader: Schema): boolean {
  return check_compat(JSON.stringify(writerSchema(writer)), JSON.stringify(readerSchema(reader)), 'deserializer')
}

/** Where the two differ, and why ours stands. */
const DIFFERENCES: ReadonlySet<string> = new Set([
  // It does not look into the schema of a map's entries: see below for the value that shows it.
  'a map of other values',
  // Nothing breaks on the wire. We refuse it all the same: code that was written for named fields would meet strangers.
  'a record that becomes a map',
])

/** A promise is none that a schema shows: the other can't know of it. Formats are notes to it, not rules. */
const COMPARABLE = CASES.filter(({ name, onlyByPromise }) => !onlyByPromise && !name.includes('format'))
const AGREED = COMPARABLE.filter(({ name }) => !DIFFERENCES.has(name))

describe('jsoncompat, which others wrote, on', () => {
  it.each(AGREED.map((one) => [one.name, one] as const))('%s: agrees with the gate', (name, { older, newer }) => {
    const ours = changesBetween(older, newer).every(({ breaks }) => breaks === undefined)
    expect(verdicts.get(name)).toBe(ours)
  })

  it('at least nine cases of either verdict are compared', () => {
    const refused = AGREED.filter(({ refused }) => refused.length > 0).length
    expect(refused).toBeGreaterThanOrEqual(9)
    expect(AGREED.length - refused).toBeGreaterThanOrEqual(9)
  })

  it('maps of other values: takes them for the same, which a value refutes', () => {
    const [texts, numbers] = ['string', 'integer'].map((type) => ({ type: 'object', additionalProperties: { type } }))
    if (!texts || !numbers) throw new Error('there are two')
    expect(reads(texts, numbers)).toBe(true)
    expect(strictAjv().compile(readerSchema(numbers))({ a: 'text' })).toBe(false)
  })

  it('every difference is still one', () => {
    const different = COMPARABLE.filter(({ name, refused }) => verdicts.get(name) !== (refused.length === 0))
    expect(new Set(different.map(({ name }) => name))).toEqual(DIFFERENCES)
  })
})
