import { isSchema, type Schema } from '../build/schema.ts'
import { type Change, childPointer } from './change.ts'
import { boundChanges, enumChanges, formatChanges, patternChanges, typeChanges } from './scalars.ts'

/** Keywords that say nothing about which values pass. */
const WORDS = new Set(['$schema', '$id', 'title', 'description', 'examples', 'definitions', 'x-version'])
const JUDGED = new Set([
  ...['$ref', 'type', 'enum', 'x-open-enum', 'x-removed', 'format', 'pattern', 'properties', 'required', 'items'],
  ...['additionalProperties', 'minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems'],
])

/** A schema and where its `$ref`s point. */
interface Side {
  readonly schema: Schema
  readonly root: Schema
}

/**
 * Every difference between two versions of one schema, compatible or not. Values are written closed and read open, so a
 * change breaks where something that the one version's writer may send is refused by the other's reader, either way. In
 * doubt it breaks: what nobody can judge is no promise.
 * @param at the pointer of the whole: `/data` for the data of an event.
 */
export function changesBetween(older: Schema, newer: Schema, at = ''): readonly Change[] {
  return compare({ schema: older, root: older }, { schema: newer, root: newer }, at, new Set())
}

/** @param inside references that are being compared further up: a shape that holds itself comes to an end. */
function compare(before: Side, after: Side, pointer: string, inside: ReadonlySet<string>): readonly Change[] {
  const references = [before.schema['$ref'], after.schema['$ref']]
  const pair = references.some((reference) => reference !== undefined) ? JSON.stringify(references) : undefined
  if (pair !== undefined && inside.has(pair)) return []
  const seen = pair === undefined ? inside : new Set([...inside, pair])
  const older = resolve(before)
  const newer = resolve(after)

  const unjudged = unjudgedChanges(older.schema, newer.schema, pointer)
  if (unjudged.length > 0) return unjudged
  const { changes, comparable } = typeChanges(older.schema, newer.schema, pointer)
  if (!comparable) return changes
  return [
    ...changes,
    ...enumChanges(older.schema, newer.schema, pointer),
    ...formatChanges(older.schema, newer.schema, pointer),
    ...patternChanges(older.schema, newer.schema, pointer),
    ...boundChanges(older.schema, newer.schema, pointer),
    ...itemChanges(older, newer, pointer, seen),
    ...objectChanges(older, newer, pointer, seen),
  ]
}

function itemChanges(older: Side, newer: Side, pointer: string, inside: ReadonlySet<string>): readonly Change[] {
  const [before, after] = [older.schema['items'], newer.schema['items']]
  if (isSchema(before) && isSchema(after))
    return compare({ ...older, schema: before }, { ...newer, schema: after }, `${pointer}/*`, inside)
  if (before === undefined && after === undefined) return []
  return [
    {
      pointer: `${pointer}/*`,
      what: before === undefined ? 'could be anything, is described now' : 'was described, can be anything now',
      breaks: {
        why:
          before === undefined ? 'an older producer sends anything' : 'an older reader refuses what it does not know',
        remedy: 'Leave `items` as it was',
      },
    },
  ]
}

/** An object is a record of named properties, a map whose entries share one schema, or anything at all. */
function objectChanges(older: Side, newer: Side, pointer: string, inside: ReadonlySet<string>): readonly Change[] {
  if (older.schema['type'] !== 'object') return []
  const [before, after] = [kindOf(older.schema), kindOf(newer.schema)]
  if (before !== after)
    return [
      {
        pointer,
        what: `was ${before}, is ${after} now`,
        breaks: { why: 'code for the one meets what it does not know in the other', remedy: 'Add a field beside it' },
      },
    ]
  if (before === MIXTURE)
    return [
      {
        pointer,
        what: `is ${MIXTURE}`,
        breaks: {
          why: 'nobody can judge what a reader of either makes of it',
          remedy: 'Nest the map in a field of its own',
        },
      },
    ]
  const [entry, newerEntry] = [older.schema['additionalProperties'], newer.schema['additionalProperties']]
  if (isSchema(entry) && isSchema(newerEntry))
    return compare({ ...older, schema: entry }, { ...newer, schema: newerEntry }, `${pointer}/*`, inside)
  return [...tombstoneChanges(older.schema, newer.schema, pointer), ...propertyChanges(older, newer, pointer, inside)]
}

function propertyChanges(older: Side, newer: Side, pointer: string, inside: ReadonlySet<string>): readonly Change[] {
  const before = propertiesOf(older.schema)
  const after = propertiesOf(newer.schema)
  const required = { before: namesIn(older.schema, 'required'), after: namesIn(newer.schema, 'required') }
  const removed = namesIn(newer.schema, 'x-removed')
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((name): readonly Change[] => {
    const at = childPointer(pointer, name)
    const [was, is] = [before[name], after[name]]
    if (was === undefined) return [additionOf(at, required.after.has(name))]
    if (is === undefined) return [removalOf(at, name, required.before.has(name), removed.has(name))]
    return [
      ...presenceChanges(at, required.before.has(name), required.after.has(name)),
      ...compare({ ...older, schema: was }, { ...newer, schema: is }, at, inside),
    ]
  })
}

function additionOf(pointer: string, isRequired: boolean): Change {
  if (!isRequired) return { pointer, what: 'is new and optional' }
  return {
    pointer,
    what: 'is new and required',
    breaks: { why: "an older producer doesn't send it", remedy: 'Make it optional' },
  }
}

function removalOf(pointer: string, name: string, wasRequired: boolean, isTombstoned: boolean): Change {
  if (wasRequired)
    return {
      pointer,
      what: 'was required, is gone now',
      breaks: { why: 'an older reader needs it', remedy: 'Keep sending it' },
    }
  if (isTombstoned) return { pointer, what: 'was optional, is gone now' }
  return {
    pointer,
    what: 'was optional, is gone now without a trace',
    breaks: {
      why: 'the name could be used again for something else, which older data would then be read as',
      remedy: `List "${name}" under x-removed beside the properties`,
    },
  }
}

function presenceChanges(pointer: string, wasRequired: boolean, isRequired: boolean): readonly Change[] {
  if (wasRequired === isRequired) return []
  if (isRequired)
    return [
      {
        pointer,
        what: 'was optional, is required now',
        breaks: { why: "an older producer doesn't send it", remedy: 'Make it optional' },
      },
    ]
  return [
    {
      pointer,
      what: 'was required, is optional now',
      breaks: { why: 'an older reader needs it and a newer producer may leave it out', remedy: 'Keep it required' },
    },
  ]
}

/** A removed name stays removed: old data under it must never be read as something else. */
function tombstoneChanges(older: Schema, newer: Schema, pointer: string): readonly Change[] {
  const still = namesIn(newer, 'x-removed')
  const again = propertiesOf(newer)
  return [...namesIn(older, 'x-removed')].flatMap((name): readonly Change[] => {
    const at = childPointer(pointer, name)
    if (name in again)
      return [
        {
          pointer: at,
          what: 'was removed, is used again now',
          breaks: { why: 'archives hold the older meaning under that name', remedy: 'Give it another name' },
        },
      ]
    if (still.has(name)) return []
    return [
      {
        pointer: at,
        what: 'was listed under x-removed, is not now',
        breaks: { why: 'archives hold data under that name', remedy: 'Put it back on the list' },
      },
    ]
  })
}

function unjudgedChanges(older: Schema, newer: Schema, pointer: string): readonly Change[] {
  const keywords = new Set([...Object.keys(older), ...Object.keys(newer)])
  return [...keywords]
    .filter((keyword) => !WORDS.has(keyword) && !JUDGED.has(keyword))
    .map((keyword) => ({
      pointer,
      what: `has "${keyword}"`,
      breaks: { why: 'nobody can judge its compatibility', remedy: 'Do without it' },
    }))
}

function resolve({ schema, root }: Side): Side {
  const reference = schema['$ref']
  if (typeof reference !== 'string') return { schema, root }
  const definitions = root['definitions']
  const found = isSchema(definitions) ? definitions[reference.replace('#/definitions/', '')] : undefined
  if (!isSchema(found)) throw new Error(`${reference} points at nothing`)
  return resolve({ schema: found, root })
}

const MIXTURE = 'a mixture of a record and a map'

function kindOf({ properties, additionalProperties, required }: Schema): string {
  if (isSchema(properties)) return additionalProperties === false ? 'a record' : MIXTURE
  if (required !== undefined || additionalProperties === false) return MIXTURE
  return isSchema(additionalProperties) ? 'a map' : 'any object'
}

function propertiesOf(schema: Schema): Readonly<Record<string, Schema>> {
  return (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>
}

function namesIn(schema: Schema, keyword: 'required' | 'x-removed'): ReadonlySet<string> {
  return new Set((schema[keyword] ?? []) as readonly string[])
}
