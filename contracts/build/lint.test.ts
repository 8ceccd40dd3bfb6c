import { join } from 'node:path'
import { lint } from './lint.ts'
import { readSchemaFiles, type Schema, type SchemaFile } from './schema.ts'

const files = readSchemaFiles(join(import.meta.dirname, '../..'))
const uploaded = files.find(({ slug }) => slug === 'media-uploaded')

/** What the lint says once one schema was changed. */
function problemsWith(change: (schema: Schema) => Schema): readonly string[] {
  if (uploaded === undefined) throw new Error('media-uploaded is among the schemas')
  const schema = change(structuredClone(uploaded.schema))
  return lint([...files.filter((file) => file !== uploaded), { ...uploaded, schema }])
}

/** A change of one property's schema. */
function problemsWithField(name: string, field: unknown): readonly string[] {
  return problemsWith((schema) => ({ ...schema, properties: { ...(schema['properties'] as object), [name]: field } }))
}

const AT = 'contracts/events/media-uploaded/v1.schema.json#'

describe('the schemas of this repository', () => {
  it('are sound', () => {
    expect(lint(files)).toEqual([])
  })
})

describe('the lint refuses', () => {
  it.each<[string, Schema, string]>([
    ['another draft', { $schema: 'https://json-schema.org/draft/2020-12/schema' }, `${AT}/$schema: must be "http`],
    ["a name that is another file's", { $id: 'https://contracts.messageai.media/x' }, `${AT}/$id: must be "https`],
    ["a title that isn't the file's", { title: 'MediaUploadedV2' }, `${AT}/title: must match /^MediaUploadedV1$/`],
    ['no description', { description: '' }, `${AT}/description: must say when it is sent`],
    ['one example', { examples: [{}] }, `${AT}/examples: must list at least 2`],
    ['a version of another major', { 'x-version': '2.0' }, `${AT}/x-version: must be "1.<minor>"`],
    ['an open object', { additionalProperties: true }, `${AT}/additionalProperties: must be false: writers are closed`],
    ['a condition', { if: {} }, `${AT}/if: nobody can judge its compatibility`],
    ['a negation', { not: {} }, `${AT}/not: nobody can judge its compatibility: say what is allowed`],
    ['patterns of names', { patternProperties: {} }, `${AT}/patternProperties: nobody can judge`],
    ['dependencies', { dependencies: {} }, `${AT}/dependencies: nobody can judge`],
    ['a keyword that nobody here uses', { 'x-owner': 'me' }, `${AT}/x-owner: is no keyword that contracts use`],
    [
      'a removed name used again',
      { 'x-removed': ['kind'] },
      `${AT}/x-removed: "kind" was removed and can't be used again`,
    ],
    ['a removed name twice', { 'x-removed': ['a', 'a'] }, `${AT}/x-removed: must list names, each once`],
    ['a list at the top', { type: 'array' }, `${AT}/type: must be "object"`],
    ["a required field that isn't there", { required: ['nope'] }, `${AT}/required: "nope" is not among the properties`],
  ])('%s', (_case, change, problem) => {
    const problems = problemsWith((schema) => ({ ...schema, ...change }))
    expect(problems).toContainEqual(expect.stringContaining(problem))
  })

  it.each<[string, unknown, string]>([
    ["another file's definition", { $ref: 'https://example.com/x.json' }, '/$ref: must be "#/definitions/<name>"'],
    ["a definition that isn't there", { $ref: '#/definitions/nope' }, '/$ref: there is no definition "nope"'],
    [
      'a format that nothing would check',
      { type: 'string', format: 'email' },
      '/format: "email" is none of uuid, date-time',
    ],
    ['an open list of numbers', { type: 'integer', enum: [1], 'x-open-enum': true }, '/enum: must list strings'],
    ['openness without a list', { type: 'string', 'x-open-enum': true }, '/x-open-enum: is true, beside an enum'],
    ['no type', {}, '/type: must be one of'],
    ['several types', { type: ['string', 'null'] }, '/type: must be one of'],
    ['a list of anything', { type: 'array' }, '/items: must be one schema'],
    ['alternatives', { anyOf: [{ type: 'string' }] }, '/anyOf: nobody can judge its compatibility: make two events'],
    [
      'one value',
      { type: 'string', const: 'a' },
      '/const: nobody can judge its compatibility: use an enum of one value',
    ],
    ['removed names without others', { type: 'string', 'x-removed': ['a'] }, '/x-removed: stands beside properties'],
    ['an inner open object', { type: 'object', properties: {} }, '/additionalProperties: must be false'],
  ])('in a field, %s', (_case, field, problem) => {
    expect(problemsWithField('extra', field)).toContainEqual(
      expect.stringContaining(`${AT}/properties/extra${problem}`),
    )
  })

  it('an example that fails, and a bad value that passes', () => {
    if (uploaded === undefined) throw new Error('media-uploaded is among the schemas')
    const [good] = uploaded.schema['examples'] as readonly object[]
    const changed: SchemaFile = {
      ...uploaded,
      schema: { ...uploaded.schema, examples: [good, { ...good, contentType: 5 }] },
      invalid: [{ reason: 'it must not pass', value: good }],
    }
    expect(lint([changed])).toEqual([
      expect.stringContaining(`${AT}/examples/1: /contentType must be string`),
      expect.stringContaining(`${AT}/examples/1: /contentType must be string`),
      'contracts/events/media-uploaded/v1.invalid.json#/0: passes, though it must not pass',
    ])
  })

  it('a shared shape that differs from its namesake', () => {
    const problems = problemsWith((schema) => ({
      ...schema,
      definitions: { storedObject: { type: 'object', additionalProperties: false, properties: {} } },
    }))
    expect(problems).toContainEqual(
      expect.stringMatching(/\/definitions\/storedObject: differs from that of contracts\//),
    )
  })

  it('two contracts of one name', () => {
    if (uploaded === undefined) throw new Error('media-uploaded is among the schemas')
    expect(lint([...files, { ...uploaded, path: 'contracts/events/media-uploaded/copy' }])).toContain(
      `contracts/events/media-uploaded/copy#/title: ${uploaded.path} has the same`,
    )
  })
})
