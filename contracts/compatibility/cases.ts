import type { Schema } from '../build/schema.ts'

/** One change of a contract, and what the gate must say of it; shared by the gate's test and by the judges of it. */
export interface Case {
  readonly name: string
  readonly older: Schema
  readonly newer: Schema
  /** The sentences that refuse it; none where it is compatible. */
  readonly refused: readonly string[]
  /** Where the schemas alone can't show why: names and promises outlive what they let through. */
  readonly onlyByPromise?: true
}

const record = (properties: Schema, required: readonly string[] = [], more: Schema = {}): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
  ...more,
})
const field = (schema: Schema): Schema => record({ field: schema }, ['field'])
const changed = (name: string, older: Schema, newer: Schema, ...refused: readonly string[]): Case => ({
  name,
  older: field(older),
  newer: field(newer),
  refused: refused.map((sentence) => `/data/field${sentence}, or start v2.`),
})

const text: Schema = { type: 'string' }
const whole: Schema = { type: 'integer' }
const closed = (...values: readonly string[]): Schema => ({ type: 'string', enum: values })
const open = (...values: readonly string[]): Schema => ({ ...closed(...values), 'x-open-enum': true })
const list = (items: Schema, more: Schema = {}): Schema => ({ type: 'array', items, ...more })
const map = (additionalProperties: Schema): Schema => ({ type: 'object', additionalProperties })

export const CASES: readonly Case[] = [
  { name: 'nothing', older: field(text), newer: field(text), refused: [] },
  {
    name: 'other words',
    older: field({ ...text, description: 'One.' }),
    newer: field({ ...text, description: 'Another.' }),
    refused: [],
  },

  { name: 'a new optional field', older: record({}), newer: record({ width: whole }), refused: [] },
  {
    name: 'a new required field',
    older: record({}),
    newer: record({ width: whole }, ['width']),
    refused: ["/data/width: is new and required: an older producer doesn't send it. Make it optional, or start v2."],
  },
  {
    name: 'a field that becomes required',
    older: record({ width: whole }),
    newer: record({ width: whole }, ['width']),
    refused: [
      "/data/width: was optional, is required now: an older producer doesn't send it. Make it optional, or start v2.",
    ],
  },
  {
    name: 'a field that becomes optional',
    older: record({ width: whole }, ['width']),
    newer: record({ width: whole }),
    refused: [
      '/data/width: was required, is optional now: an older reader needs it and a newer producer may leave it out. Keep it required, or start v2.',
    ],
  },
  {
    name: 'a required field taken away',
    older: record({ width: whole }, ['width']),
    newer: record({}),
    refused: ['/data/width: was required, is gone now: an older reader needs it. Keep sending it, or start v2.'],
  },
  {
    name: 'an optional field taken away, its name kept from use',
    older: record({ width: whole }),
    newer: record({}, [], { 'x-removed': ['width'] }),
    refused: [],
  },
  {
    name: 'an optional field taken away without a trace',
    older: record({ width: whole }),
    newer: record({}),
    refused: [
      '/data/width: was optional, is gone now without a trace: the name could be used again for something else, which older data would then be read as. List "width" under x-removed beside the properties, or start v2.',
    ],
    onlyByPromise: true,
  },
  {
    name: 'a removed name used again',
    older: record({}, [], { 'x-removed': ['width'] }),
    newer: record({ width: text }),
    refused: [
      '/data/width: was removed, is used again now: archives hold the older meaning under that name. Give it another name, or start v2.',
    ],
    onlyByPromise: true,
  },
  {
    name: 'a removed name struck off the list',
    older: record({}, [], { 'x-removed': ['width'] }),
    newer: record({}),
    refused: [
      '/data/width: was listed under x-removed, is not now: archives hold data under that name. Put it back on the list, or start v2.',
    ],
    onlyByPromise: true,
  },
  {
    name: 'a required field renamed',
    older: record({ width: whole }, ['width']),
    newer: record({ pixels: whole }, ['pixels']),
    refused: [
      '/data/width: was required, is gone now: an older reader needs it. Keep sending it, or start v2.',
      "/data/pixels: is new and required: an older producer doesn't send it. Make it optional, or start v2.",
    ],
  },

  changed(
    'another type',
    text,
    whole,
    ': was a string, is an integer now: neither version reads what the other sends. Keep the type and add a field beside it',
  ),
  changed(
    'whole numbers that may be fractions',
    whole,
    { type: 'number' },
    ': was an integer, is a number now: an older reader refuses fractions. Keep the type and add a field beside it',
  ),
  changed(
    'fractions that must be whole',
    { type: 'number' },
    whole,
    ': was a number, is an integer now: an older producer sends fractions. Keep the type and add a field beside it',
  ),
  changed(
    'one value that becomes a list',
    text,
    list(text),
    ': was a string, is an array now: neither version reads what the other sends. Keep the type and add a field beside it',
  ),

  changed(
    'a lower minimum',
    { ...whole, minimum: 1 },
    { ...whole, minimum: 0 },
    ': minimum was 1, is 0 now: an older reader refuses smaller ones. Put it back to 1',
  ),
  changed(
    'a higher minimum',
    { ...whole, minimum: 1 },
    { ...whole, minimum: 2 },
    ': minimum was 1, is 2 now: an older producer sends smaller ones. Put it back to 1',
  ),
  changed(
    'a new minimum',
    whole,
    { ...whole, minimum: 0 },
    ': had no minimum, is 0 now: an older producer sends smaller ones. Leave it out',
  ),
  changed(
    'a minimum taken away',
    { ...whole, minimum: 0 },
    whole,
    ': minimum was 0, has none now: an older reader refuses smaller ones. Put it back to 0',
  ),
  changed(
    'a lower maximum',
    { ...whole, maximum: 9 },
    { ...whole, maximum: 8 },
    ': maximum was 9, is 8 now: an older producer sends greater ones. Put it back to 9',
  ),
  changed(
    'a higher maximum',
    { ...whole, maximum: 9 },
    { ...whole, maximum: 10 },
    ': maximum was 9, is 10 now: an older reader refuses greater ones. Put it back to 9',
  ),
  changed(
    'a shorter maxLength',
    { ...text, maxLength: 64 },
    { ...text, maxLength: 32 },
    ': maxLength was 64, is 32 now: an older producer sends longer ones. Put it back to 64',
  ),
  changed(
    'a longer maxLength',
    { ...text, maxLength: 32 },
    { ...text, maxLength: 64 },
    ': maxLength was 32, is 64 now: an older reader refuses longer ones. Put it back to 32',
  ),
  changed(
    'a new minLength',
    text,
    { ...text, minLength: 1 },
    ': had no minLength, is 1 now: an older producer sends shorter ones. Leave it out',
  ),
  changed('a minLength of nothing', text, { ...text, minLength: 0 }),
  changed(
    'a pattern that comes',
    text,
    { ...text, pattern: '^a' },
    ': must match ^a now: an older producer sends other text. Leave the pattern out',
  ),
  changed(
    'a pattern that goes',
    { ...text, pattern: '^a' },
    text,
    ': need not match ^a any more: an older reader refuses other text. Put the pattern back',
  ),
  changed(
    'another pattern',
    { ...text, pattern: '^a' },
    { ...text, pattern: '^b' },
    ': had to match ^a, must match ^b now: nobody can judge whether both allow the same. Put the pattern back',
  ),
  changed(
    'a format that comes',
    text,
    { ...text, format: 'uuid' },
    ': could be any text, is a uuid now: an older producer sends any text. Leave the format out',
  ),
  changed(
    'a format that goes',
    { ...text, format: 'uuid' },
    text,
    ': was a uuid, can be any text now: an older reader refuses other text. Put the format back',
  ),
  changed(
    'another format',
    { ...text, format: 'uuid' },
    { ...text, format: 'date-time' },
    ': was a uuid, is a date-time now: neither version reads what the other sends. Put the format back',
  ),

  changed(
    'a value more in a closed list',
    closed('a'),
    closed('a', 'b'),
    ': can be "b" now: the list is closed, and an older reader refuses other values. Say it in a new optional field',
  ),
  changed(
    'a value less in a closed list',
    closed('a', 'b'),
    closed('a'),
    ': was "b" too, can\'t be that now: the list is closed, and an older producer still sends it. Keep the value',
  ),
  changed('a value more in an open list', open('a'), open('a', 'b')),
  changed('a value less in an open list', open('a', 'b'), open('a')),
  changed('a closed list that opens', closed('a'), open('a')),
  changed(
    'a closed list that opens and grows at once',
    closed('a'),
    open('a', 'b'),
    ': can be "b" now: the list is closed, and an older reader refuses other values. Say it in a new optional field',
  ),
  {
    ...changed(
      'an open list that closes',
      open('a'),
      closed('a'),
      ': was an open list, is a closed one now: readers were told that more may come. Leave x-open-enum there',
    ),
    onlyByPromise: true,
  },
  changed(
    'text that becomes a closed list',
    text,
    closed('a'),
    ': could be anything, is a list of values now: an older producer sends other values. Mark the list x-open-enum',
  ),
  changed('text that becomes an open list', text, open('a')),
  changed(
    'a closed list that becomes text',
    closed('a'),
    text,
    ': was a list of values, can be anything now: an older reader refuses other values. Put the list back',
  ),
  changed('an open list that becomes text', open('a'), text),

  changed(
    'a new minItems',
    list(text),
    list(text, { minItems: 1 }),
    ': had no minItems, is 1 now: an older producer sends shorter ones. Leave it out',
  ),
  changed(
    'a higher maxItems',
    list(text, { maxItems: 4 }),
    list(text, { maxItems: 5 }),
    ': maxItems was 4, is 5 now: an older reader refuses longer ones. Put it back to 4',
  ),
  changed(
    'items of another type',
    list(text),
    list(whole),
    '/*: was a string, is an integer now: neither version reads what the other sends. Keep the type and add a field beside it',
  ),
  changed('items with a new optional field', list(record({})), list(record({ width: whole }))),
  changed(
    'items with a new required field',
    list(record({})),
    list(record({ width: whole }, ['width'])),
    "/*/width: is new and required: an older producer doesn't send it. Make it optional",
  ),
  changed(
    'a map of other values',
    map(text),
    map(whole),
    '/*: was a string, is an integer now: neither version reads what the other sends. Keep the type and add a field beside it',
  ),
  changed('a map whose entries grow', map(record({})), map(record({ width: whole }))),
  changed(
    'a record that becomes a map',
    record({ a: text }),
    map(text),
    ': was a record, is a map now: code for the one meets what it does not know in the other. Add a field beside it',
  ),
  changed(
    'an object that becomes any',
    record({ a: text }, ['a']),
    { type: 'object' },
    ': was a record, is any object now: code for the one meets what it does not know in the other. Add a field beside it',
  ),
  changed(
    'nested deep',
    field(field({ ...text, maxLength: 9 })),
    field(field({ ...text, maxLength: 8 })),
    '/field/field: maxLength was 9, is 8 now: an older producer sends longer ones. Put it back to 9',
  ),
  {
    name: 'a name that a pointer must escape',
    older: record({}),
    newer: record({ 'a/b~c': whole }, ['a/b~c']),
    refused: ["/data/a~1b~0c: is new and required: an older producer doesn't send it. Make it optional, or start v2."],
  },
  {
    name: 'a shape that moves to the definitions and grows',
    older: record({ size: record({ width: whole }, ['width']) }),
    newer: {
      ...record({ size: { $ref: '#/definitions/size' } }),
      definitions: { size: record({ width: whole, depth: whole }, ['width']) },
    },
    refused: [],
  },
]
