import { InvalidPatternError, matchesPattern } from './pattern.ts'

const upload = {
  source: 'chat.media',
  'detail-type': 'Uploaded',
  detail: {
    kind: 'image',
    bytes: 1200,
    sender: { ip: '10.1.2.3', banned: false },
    note: null,
    empty: '',
    tags: ['cat', 'Holiday'],
    faces: [
      { name: 'ann', age: 7 },
      { name: 'bob', age: 40 },
    ],
    none: [],
  },
}

const matching: Record<string, object> = {
  'an exact value': { source: ['other', 'chat.media'] },
  null: { detail: { note: [null] } },
  'an empty string': { detail: { empty: [''] } },
  'a boolean': { detail: { sender: { banned: [false] } } },
  'a prefix': { source: [{ prefix: 'chat.' }] },
  'a prefix in any case': { source: [{ prefix: { 'equals-ignore-case': 'CHAT' } }] },
  'a suffix': { source: [{ suffix: '.media' }] },
  'a suffix in any case': { source: [{ suffix: { 'equals-ignore-case': '.MEDIA' } }] },
  'an element of an array': { detail: { tags: ['cat'] } },
  'an element in any case': { detail: { tags: [{ 'equals-ignore-case': 'holiday' }] } },
  'a number in a range': { detail: { bytes: [{ numeric: ['>', 0, '<=', 1200] }] } },
  'a range of addresses': { detail: { sender: { ip: [{ cidr: '10.0.0.0/8' }] } } },
  'a wildcard': { source: [{ wildcard: '*at.m*a' }] },
  'presence of a leaf': { detail: { kind: [{ exists: true }] } },
  'absence of an object, which is no leaf': { detail: { sender: [{ exists: false }] } },
  'absence of an empty array': { detail: { none: [{ exists: false }] } },
  'a value or its absence': { detail: { width: [{ exists: false }, 100] } },
  'all but a list': { detail: { kind: [{ 'anything-but': ['video', 'voice'] }] } },
  'all but prefixes': { detail: { kind: [{ 'anything-but': { prefix: ['v', 'x'] } }] } },
  'all but a wildcard': { detail: { kind: [{ 'anything-but': { wildcard: 'v*o' } }] } },
  'all but a number': { detail: { bytes: [{ 'anything-but': 0 }] } },
  'one of two alternatives': { $or: [{ source: ['other'] }, { detail: { kind: ['image'] } }] },
  'two values of one array element': { detail: { faces: { name: ['bob'], age: [{ numeric: ['>', 18] }] } } },
  'a path in one key': { 'detail.sender': { ip: [{ exists: true }] } },
}
const failing: Record<string, object> = {
  'another value': { source: ['other'] },
  'a number as a string': { detail: { bytes: ['1200'] } },
  'a leaf that is missing': { detail: { width: [{ exists: true }] } },
  'two values of different array elements': { detail: { faces: { name: ['ann'], age: [40] } } },
  'two values of different elements through $or': {
    $or: [{ detail: { faces: { name: ['ann'] } } }, { source: ['other'] }],
    detail: { faces: { age: [40] } },
  },
  'absence where one element has it': { detail: { faces: { name: [{ exists: false }] } } },
  'an address outside': { detail: { sender: { ip: [{ cidr: '10.2.0.0/16' }] } } },
  'parts of a wildcard that overlap': { detail: { kind: [{ wildcard: 'imag*age' }] } },
  'all but a suffix that it has': { detail: { kind: [{ 'anything-but': { suffix: 'age' } }] } },
  'neither alternative': { $or: [{ source: ['other'] }, { detail: { kind: ['video'] } }] },
  'anything but, of what is missing': { detail: { width: [{ 'anything-but': 1 }] } },
}

test.each(Object.entries(matching))('%s matches', (_, pattern) => {
  expect(matchesPattern(pattern, upload)).toBe(true)
})

test.each(Object.entries(failing))('%s does not match', (_, pattern) => {
  expect(matchesPattern(pattern, upload)).toBe(false)
})

const refused: Record<string, unknown> = {
  'no object': ['a'],
  'an empty pattern': {},
  'a bare value': { source: 'chat' },
  'no values': { source: [] },
  'an array in the values': { source: [['a']] },
  'an unknown operator': { source: [{ contains: 'a' }] },
  'two operators at once': { source: [{ prefix: 'a', suffix: 'b' }] },
  'a range upside down': { detail: { n: [{ numeric: ['>', 9, '<', 3] }] } },
  'two stars in a row': { source: [{ wildcard: 'a**' }] },
  'a range that is none': { source: [{ cidr: '10.0.0.300/8' }] },
  'mixed types': { source: [{ 'anything-but': ['a', 1] }] },
  'one alternative': { $or: [{ source: ['a'] }] },
  'an operator as a field of an alternative': { $or: [{ source: ['a'] }, { prefix: ['a'] }] },
}

test.each(Object.entries(refused))('%s is refused', (_, pattern) => {
  expect(() => matchesPattern(pattern, upload)).toThrow(InvalidPatternError)
})

test('a wildcard that nothing fits costs no more than its length', () => {
  const started = performance.now()
  expect(matchesPattern({ a: [{ wildcard: `${'*a'.repeat(40)}*b` }] }, { a: 'a'.repeat(100_000) })).toBe(false)
  expect(performance.now() - started).toBeLessThan(500)
})
