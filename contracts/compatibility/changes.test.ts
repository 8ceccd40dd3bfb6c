import type { Schema } from '../build/schema.ts'
import { CASES } from './cases.ts'
import { sentenceOf } from './change.ts'
import { changesBetween } from './changes.ts'

function refusals(older: Schema, newer: Schema): readonly string[] {
  return changesBetween(older, newer, '/data')
    .filter(({ breaks }) => breaks)
    .map((change) => sentenceOf(change, 'start v2'))
}

describe('the gate, on', () => {
  it.each(CASES.map((one) => [one.name, one] as const))('%s', (_name, { older, newer, refused }) => {
    expect(refusals(older, newer)).toEqual(refused)
  })

  it.each([
    ['const', { type: 'string', const: 'a' }],
    ['oneOf', { type: 'object', oneOf: [] }],
    ['if', { type: 'object', if: {} }],
    ['patternProperties', { type: 'object', patternProperties: {} }],
  ])('"%s": what nobody can judge is refused, changed or not', (keyword, schema) => {
    expect(refusals(schema, schema)).toEqual([
      `/data: has "${keyword}": nobody can judge its compatibility. Do without it, or start v2.`,
    ])
  })

  it('an object with named fields and others beside them', () => {
    const mixture = { type: 'object', properties: {}, additionalProperties: { type: 'string' } }
    expect(refusals(mixture, mixture)).toEqual([expect.stringContaining('a mixture of a record and a map')])
  })

  it('a shape that holds itself: it comes to an end, and says what changed', () => {
    const tree = (value: Schema): Schema => ({
      $ref: '#/definitions/tree',
      definitions: {
        tree: {
          type: 'object',
          additionalProperties: false,
          properties: { value, children: { type: 'array', items: { $ref: '#/definitions/tree' } } },
        },
      },
    })
    expect(refusals(tree({ type: 'string' }), tree({ type: 'string' }))).toEqual([])
    expect(refusals(tree({ type: 'string' }), tree({ type: 'boolean' }))).toEqual([
      expect.stringMatching(/^\/data\/value: was a string, is a boolean now/),
    ])
  })
})
