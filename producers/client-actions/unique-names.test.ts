import fc from 'fast-check'
import { repeatedName } from './unique-names.ts'

test.each([
  ['{"a":1,"a":2}', '/a'],
  ['{"a":1,"b":{"c":[0,{"d":1,"d":2}]}}', '/b/c/1/d'],
  ['{"bytes":1,"\\u0062ytes":2}', '/bytes'],
  ['{"a/b~":1,"a/b~" :2}', '/a~1b~0'],
  ['{"__proto__":1,"__proto__":2}', '/__proto__'],
  ['[{"":0,"":1}]', '/0/'],
])('finds the name that %s has twice', (json, pointer) => {
  expect(repeatedName(json)).toBe(pointer)
})

test.each([
  ['the same name in different objects', '{"a":{"a":1},"b":[{"a":1},{"a":1}]}'],
  ['a name that is also a value', '{"a":"a","b":"a","c":["a","a"]}'],
  ['names and braces inside of values', String.raw`{"a":"\"a\":1,{","b":"{\"b\":","c":"\\"}`],
])('passes over %s', (_, json) => {
  expect(repeatedName(json)).toBeUndefined()
})

test('finds nothing in what JSON.stringify writes', () => {
  fc.assert(fc.property(fc.json(), (json) => repeatedName(JSON.stringify(JSON.parse(json))) === undefined))
})
