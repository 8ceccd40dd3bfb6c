import { BlockList, isIP } from 'node:net'

/**
 * Whether an event satisfies an EventBridge pattern, with the semantics of the service and of its open event-ruler:
 * keys are dotted paths, values are alternatives, all values of one array of objects must come from one element.
 * A pattern is compiled once an identity: hand in the same object again for speed, and don't change it afterwards.
 * @throws InvalidPatternError where the service refuses the pattern.
 */
export function matchesPattern(pattern: unknown, event: unknown): boolean {
  if (!isObject(event)) throw new TypeError('an event is a JSON object')
  return compiled(pattern)(event)
}

/** A pattern that the service refuses, with its reason as a sentence. */
export class InvalidPatternError extends Error {
  override readonly name = 'InvalidPatternError'
}

type Json = Readonly<Record<string, unknown>>
type Test = (value: unknown) => boolean

/** The alternatives of one field: any of the tests, or that the path is nowhere in the event. */
interface Field {
  readonly path: readonly string[]
  readonly tests: readonly Test[]
  readonly orAbsent: boolean
}

interface Node {
  readonly fields: Map<string, Field>
  readonly nodes: Map<string, Node>
}

type Conjunction = Map<string, Field>

const cache = new WeakMap<object, (event: Json) => boolean>()
/** The service refuses patterns that $or multiplies beyond this. */
const MAX_CONJUNCTIONS = 1000

function compiled(pattern: unknown): (event: Json) => boolean {
  if (!isObject(pattern)) refuse('an event pattern is a JSON object')
  let matcher = cache.get(pattern)
  if (!matcher) {
    matcher = compile(pattern)
    cache.set(pattern, matcher)
  }
  return matcher
}

function compile(pattern: Json): (event: Json) => boolean {
  const trees = expand([new Map()], [], pattern).map(tree)
  const [only] = trees
  if (only && trees.length === 1) return (event) => matchesNode(only, event, event)
  return (event) => trees.some((node) => matchesNode(node, event, event))
}

/** Multiplies $or out, in the order of the keys: of two conditions on one path the later one counts, as in event-ruler. */
function expand(before: readonly Conjunction[], path: readonly string[], object: Json): readonly Conjunction[] {
  const entries = Object.entries(object)
  if (entries.length === 0) refuse(`${where(path)}: an empty object matches nothing`)
  let conjunctions = before
  for (const [key, value] of entries) {
    if (key === '$or' && isDisjunction(value)) {
      const base = conjunctions
      conjunctions = value.flatMap((alternative) =>
        expand(
          base.map((one) => new Map(one)),
          path,
          alternative,
        ),
      )
      if (conjunctions.length > MAX_CONJUNCTIONS) refuse(`$or makes more than ${MAX_CONJUNCTIONS} combinations`)
      continue
    }
    const below = [...path, ...key.split('.')]
    if (Array.isArray(value)) {
      const field = compileField(below, value)
      for (const conjunction of conjunctions) conjunction.set(below.join('.'), field)
    } else if (isObject(value)) {
      conjunctions = expand(conjunctions, below, value)
    } else {
      refuse(`${where(below)}: a condition is an array of values or an object of further conditions`)
    }
  }
  return conjunctions
}

const RESERVED = new Set([
  'prefix',
  'suffix',
  'equals-ignore-case',
  'anything-but',
  'numeric',
  'exists',
  'wildcard',
  'cidr',
  'exactly',
])

/** $or is the operator only over two or more objects of conditions; else it is a field of that name. */
function isDisjunction(value: unknown): value is Json[] {
  if (!Array.isArray(value)) return false
  if (value.length > 0 && value.every((one) => typeof one !== 'object' || one === null)) return false
  if (value.length < 2) refuse('$or needs two alternatives or more')
  for (const alternative of value) {
    if (!isObject(alternative)) refuse('$or takes objects of conditions')
    const reserved = Object.keys(alternative).find((key) => RESERVED.has(key))
    if (reserved) refuse(`$or: "${reserved}" is an operator and can't be a field of an alternative`)
  }
  return true
}

function tree(conjunction: Conjunction): Node {
  const root = emptyNode()
  for (const field of conjunction.values()) {
    let node = root
    for (const key of field.path.slice(0, -1)) {
      let next = node.nodes.get(key)
      if (!next) {
        next = emptyNode()
        node.nodes.set(key, next)
      }
      node = next
    }
    node.fields.set(field.path.at(-1) ?? '', field)
  }
  return root
}

function emptyNode(): Node {
  return { fields: new Map(), nodes: new Map() }
}

function matchesNode(node: Node, value: unknown, event: Json): boolean {
  if (Array.isArray(value)) {
    if (value.some((element) => matchesNode(node, element, event))) return true
    return matchesNode(node, undefined, event)
  }
  for (const [key, field] of node.fields) if (!matchesField(field, child(value, key), event)) return false
  for (const [key, below] of node.nodes) if (!matchesNode(below, child(value, key), event)) return false
  return true
}

function matchesField(field: Field, value: unknown, event: Json): boolean {
  return matchesValue(field.tests, value) || (field.orAbsent && !isPresent(event, field.path, 0))
}

function matchesValue(tests: readonly Test[], value: unknown): boolean {
  if (Array.isArray(value)) return value.some((element) => matchesValue(tests, element))
  if (value === undefined || (typeof value === 'object' && value !== null)) return false
  for (const test of tests) if (test(value)) return true
  return false
}

/** Whether any leaf lies at the path, through whichever elements of arrays. */
function isPresent(value: unknown, path: readonly string[], depth: number): boolean {
  if (Array.isArray(value)) return value.some((element) => isPresent(element, path, depth))
  const key = path[depth]
  if (key !== undefined) return isObject(value) && isPresent(child(value, key), path, depth + 1)
  return value !== undefined && !isObject(value)
}

function child(value: unknown, key: string): unknown {
  if (!isObject(value)) return undefined
  if (Object.hasOwn(value, key)) return value[key]
  // A dot in an event's key counts as a step of the path: `{"a.b": 1}` is what `{"a": {"b": 1}}` is.
  let rest: Record<string, unknown> | undefined
  for (const name in value) {
    if (name.startsWith(key) && name[key.length] === '.') {
      rest ??= {}
      rest[name.slice(key.length + 1)] = value[name]
    }
  }
  return rest
}

function compileField(path: readonly string[], values: readonly unknown[]): Field {
  if (values.length === 0) refuse(`${where(path)}: an empty array matches nothing`)
  const exact = new Set<unknown>()
  const tests: Test[] = []
  let orAbsent = false
  for (const value of values) {
    if (isObject(value)) {
      const test = compileOperator(path, value)
      if (test === 'absent') orAbsent = true
      else tests.push(test)
    } else if (Array.isArray(value)) {
      refuse(`${where(path)}: an array inside the array of values`)
    } else {
      exact.add(value)
    }
  }
  if (exact.size > 0) tests.unshift((value) => exact.has(value))
  return { path, tests, orAbsent }
}

function compileOperator(path: readonly string[], condition: Json): Test | 'absent' {
  const [[operator, operand] = ['', undefined], ...more] = Object.entries(condition)
  if (more.length > 0) refuse(`${where(path)}: one operator a condition, not ${Object.keys(condition).join(' and ')}`)
  const bad = (expected: string) => refuse(`${where(path)}: "${operator}" takes ${expected}`)
  switch (operator) {
    case 'prefix':
    case 'suffix': {
      if (typeof operand === 'string') return affix(operator, operand)
      const [name, folded] = isObject(operand) ? (Object.entries(operand)[0] ?? []) : []
      if (name !== 'equals-ignore-case' || typeof folded !== 'string' || Object.keys(operand as Json).length !== 1)
        return bad('a string or {"equals-ignore-case": string}')
      const test = affix(operator, folded.toLowerCase())
      return (value) => typeof value === 'string' && test(value.toLowerCase())
    }
    case 'equals-ignore-case':
      return typeof operand === 'string' ? equalsIgnoreCase(operand) : bad('a string')
    case 'anything-but':
      return anythingBut(operand, bad)
    case 'numeric':
      return numeric(operand, bad)
    case 'exists':
      if (typeof operand !== 'boolean') return bad('true or false')
      return operand ? () => true : 'absent'
    case 'wildcard':
      return typeof operand === 'string' ? wildcard(operand, bad) : bad('a string')
    case 'cidr':
      return typeof operand === 'string' ? cidr(operand, bad) : bad('a string')
    default:
      return refuse(
        `${where(path)}: ${operator ? `unknown operator "${operator}"` : 'a condition without an operator'}`,
      )
  }
}

type Bad = (expected: string) => never

function affix(operator: 'prefix' | 'suffix', text: string): Test {
  return operator === 'prefix'
    ? (value) => typeof value === 'string' && value.startsWith(text)
    : (value) => typeof value === 'string' && value.endsWith(text)
}

function equalsIgnoreCase(text: string): Test {
  const folded = text.toLowerCase()
  return (value) => typeof value === 'string' && value.toLowerCase() === folded
}

function anythingBut(operand: unknown, bad: Bad): Test {
  if (isObject(operand)) {
    const [[operator, texts] = ['', undefined], ...more] = Object.entries(operand)
    const list = Array.isArray(texts) ? texts : [texts]
    const compileOne = {
      prefix: (text: string) => affix('prefix', text),
      suffix: (text: string) => affix('suffix', text),
      'equals-ignore-case': equalsIgnoreCase,
      wildcard: (text: string) => wildcard(text, bad),
    }[operator]
    if (!compileOne || more.length > 0) return bad('values, or one of prefix, suffix, equals-ignore-case and wildcard')
    if (list.length === 0) return bad(`at least one ${operator}`)
    const tests = list.map((text) => (typeof text === 'string' ? compileOne(text) : bad(`strings in "${operator}"`)))
    return (value) => !tests.some((test) => test(value))
  }
  const excluded = new Set(Array.isArray(operand) ? operand : [operand])
  const types = new Set([...excluded].map((value) => typeof value))
  if (types.size !== 1 || !(types.has('string') || types.has('number')))
    return bad('one or more values, all strings or all numbers')
  return (value) => !excluded.has(value)
}

type Comparison = '<' | '<=' | '=' | '>' | '>='

function numeric(operand: unknown, bad: Bad): Test {
  const explain = '["=", n], or one or both of a lower bound (">" or ">=") and an upper one ("<" or "<=") above it'
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) return bad(explain)
  const [first, low, second, high] = operand as readonly unknown[]
  if (typeof low !== 'number' || !isComparison(first)) return bad(explain)
  if (operand.length === 2) return comparing(first, low)
  if (typeof high !== 'number' || (first !== '>' && first !== '>=') || (second !== '<' && second !== '<='))
    return bad(explain)
  if (low >= high) return bad(explain)
  const above = comparing(first, low)
  const below = comparing(second, high)
  return (value) => above(value) && below(value)
}

function isComparison(value: unknown): value is Comparison {
  return value === '<' || value === '<=' || value === '=' || value === '>' || value === '>='
}

function comparing(comparison: Comparison, bound: number): Test {
  switch (comparison) {
    case '<':
      return (value) => typeof value === 'number' && value < bound
    case '<=':
      return (value) => typeof value === 'number' && value <= bound
    case '=':
      return (value) => value === bound
    case '>':
      return (value) => typeof value === 'number' && value > bound
    case '>=':
      return (value) => typeof value === 'number' && value >= bound
  }
}

/** `*` stands for any run of characters; `\*` and `\\` are the characters themselves. */
function wildcard(pattern: string, bad: Bad): Test {
  const parts: string[] = ['']
  for (let at = 0; at < pattern.length; at++) {
    let character = pattern[at] ?? ''
    if (character === '*') {
      if (pattern[at + 1] === '*') return bad('no two * in a row')
      parts.push('')
      continue
    }
    if (character === '\\') {
      character = pattern[++at] ?? ''
      if (character !== '*' && character !== '\\') return bad('\\ only before * and \\')
    }
    parts[parts.length - 1] += character
  }
  const [head = '', ...inner] = parts
  const tail = inner.pop()
  if (tail === undefined) return (value) => value === head
  // Each part at its first place after the one before: linear, where a regular expression could run away.
  return (value) => {
    if (typeof value !== 'string' || value.length < head.length + tail.length) return false
    if (!value.startsWith(head) || !value.endsWith(tail)) return false
    const end = value.length - tail.length
    let from = head.length
    for (const part of inner) {
      const found = value.indexOf(part, from)
      if (found < 0 || found + part.length > end) return false
      from = found + part.length
    }
    return true
  }
}

function cidr(range: string, bad: Bad): Test {
  const [address = '', bits = '', ...more] = range.split('/')
  const family = isIP(address)
  const length = Number(bits)
  // event-ruler takes no range of a single address either.
  const widest = family === 4 ? 31 : 127
  if (family === 0 || more.length > 0 || !/^\d{1,3}$/.test(bits) || length > widest)
    return bad(`an IP range such as 10.0.0.0/24`)
  const version = family === 4 ? 'ipv4' : 'ipv6'
  // event-ruler compares digits, so that the range of all IPv4 addresses lets IPv6 and numbers from 0 pass as well.
  if (length === 0 && family === 4)
    return (value) => (typeof value === 'string' ? isIP(value) !== 0 : typeof value === 'number' && value >= 0)
  if (length === 0) return (value) => typeof value === 'string' && isIP(value) === family
  const block = new BlockList()
  block.addSubnet(address, length, version)
  return (value) => typeof value === 'string' && isIP(value) === family && block.check(value, version)
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function where(path: readonly string[]): string {
  return path.join('.') || 'the pattern'
}

function refuse(reason: string): never {
  throw new InvalidPatternError(`Event pattern is not valid. Reason: ${reason}`)
}
