import type { Schema } from '../build/schema.ts'
import type { Change } from './change.ts'

/** Changes of the type; where the types have nothing in common, nothing below them can be compared. */
export function typeChanges(
  { type: before }: Schema,
  { type: after }: Schema,
  pointer: string,
): { readonly changes: readonly Change[]; readonly comparable: boolean } {
  if (before === after) return { changes: [], comparable: true }
  const what = `was ${nounOf(before)}, is ${nounOf(after)} now`
  const remedy = 'Keep the type and add a field beside it'
  if (before === 'integer' && after === 'number')
    return {
      changes: [{ pointer, what, breaks: { why: 'an older reader refuses fractions', remedy } }],
      comparable: true,
    }
  if (before === 'number' && after === 'integer')
    return {
      changes: [{ pointer, what, breaks: { why: 'an older producer sends fractions', remedy } }],
      comparable: true,
    }
  return {
    changes: [{ pointer, what, breaks: { why: 'neither version reads what the other sends', remedy } }],
    comparable: false,
  }
}

/** Lists of values: a closed one stays as it is, an open one may grow and shrink, and stays open. */
export function enumChanges(older: Schema, newer: Schema, pointer: string): readonly Change[] {
  const [before, after] = [listOf(older), listOf(newer)]
  if (!before && !after) return []
  if (!before)
    return [
      {
        pointer,
        what: 'could be anything, is a list of values now',
        ...(!after?.isOpen && {
          breaks: { why: 'an older producer sends other values', remedy: 'Mark the list x-open-enum' },
        }),
      },
    ]
  if (!after)
    return [
      {
        pointer,
        what: 'was a list of values, can be anything now',
        ...(!before.isOpen && {
          breaks: { why: 'an older reader refuses other values', remedy: 'Put the list back' },
        }),
      },
    ]
  const added = after.values.filter((value) => !before.values.includes(value))
  const dropped = before.values.filter((value) => !after.values.includes(value))
  return [
    ...added.map((value) => ({
      pointer,
      what: `can be ${JSON.stringify(value)} now`,
      ...(!before.isOpen && {
        breaks: {
          why: 'the list is closed, and an older reader refuses other values',
          remedy: 'Say it in a new optional field',
        },
      }),
    })),
    ...dropped.map((value) => ({
      pointer,
      what: `was ${JSON.stringify(value)} too, can't be that now`,
      ...(!after.isOpen && {
        breaks: { why: 'the list is closed, and an older producer still sends it', remedy: 'Keep the value' },
      }),
    })),
    ...opennessChanges(before.isOpen, after.isOpen, pointer),
  ]
}

function opennessChanges(wasOpen: boolean, isOpen: boolean, pointer: string): readonly Change[] {
  if (wasOpen === isOpen) return []
  if (isOpen) return [{ pointer, what: 'was a closed list, is an open one now' }]
  return [
    {
      pointer,
      what: 'was an open list, is a closed one now',
      breaks: { why: 'readers were told that more may come', remedy: 'Leave x-open-enum there' },
    },
  ]
}

export function formatChanges(
  { format: before }: Schema,
  { format: after }: Schema,
  pointer: string,
): readonly Change[] {
  if (before === after) return []
  if (before === undefined)
    return [
      {
        pointer,
        what: `could be any text, is a ${after} now`,
        breaks: { why: 'an older producer sends any text', remedy: 'Leave the format out' },
      },
    ]
  if (after === undefined)
    return [
      {
        pointer,
        what: `was a ${before}, can be any text now`,
        breaks: { why: 'an older reader refuses other text', remedy: 'Put the format back' },
      },
    ]
  return [
    {
      pointer,
      what: `was a ${before}, is a ${after} now`,
      breaks: { why: 'neither version reads what the other sends', remedy: 'Put the format back' },
    },
  ]
}

/** Two patterns that differ are taken to allow different texts: nobody can prove that they don't. */
export function patternChanges(
  { pattern: before }: Schema,
  { pattern: after }: Schema,
  pointer: string,
): readonly Change[] {
  if (before === after) return []
  if (before === undefined)
    return [
      {
        pointer,
        what: `must match ${after} now`,
        breaks: { why: 'an older producer sends other text', remedy: 'Leave the pattern out' },
      },
    ]
  if (after === undefined)
    return [
      {
        pointer,
        what: `need not match ${before} any more`,
        breaks: { why: 'an older reader refuses other text', remedy: 'Put the pattern back' },
      },
    ]
  return [
    {
      pointer,
      what: `had to match ${before}, must match ${after} now`,
      breaks: { why: 'nobody can judge whether both allow the same', remedy: 'Put the pattern back' },
    },
  ]
}

interface Bound {
  readonly keyword: string
  readonly side: 'lower' | 'upper'
  /** What the bound is without the keyword. */
  readonly unbounded: number
  /** What lies beyond a lower and beyond an upper bound. */
  readonly beyond: string
}

const BOUNDS: readonly Bound[] = [
  { keyword: 'minimum', side: 'lower', unbounded: Number.NEGATIVE_INFINITY, beyond: 'smaller ones' },
  { keyword: 'maximum', side: 'upper', unbounded: Number.POSITIVE_INFINITY, beyond: 'greater ones' },
  { keyword: 'minLength', side: 'lower', unbounded: 0, beyond: 'shorter ones' },
  { keyword: 'maxLength', side: 'upper', unbounded: Number.POSITIVE_INFINITY, beyond: 'longer ones' },
  { keyword: 'minItems', side: 'lower', unbounded: 0, beyond: 'shorter ones' },
  { keyword: 'maxItems', side: 'upper', unbounded: Number.POSITIVE_INFINITY, beyond: 'longer ones' },
]

export function boundChanges(older: Schema, newer: Schema, pointer: string): readonly Change[] {
  return BOUNDS.flatMap(({ keyword, side, unbounded, beyond }): readonly Change[] => {
    const [before, after] = [Number(older[keyword] ?? unbounded), Number(newer[keyword] ?? unbounded)]
    if (before === after) return []
    const isTighter = side === 'lower' ? after > before : after < before
    const was = older[keyword] === undefined ? `had no ${keyword}` : `${keyword} was ${before}`
    const is = newer[keyword] === undefined ? 'has none now' : `is ${after} now`
    return [
      {
        pointer,
        what: `${was}, ${is}`,
        breaks: {
          why: isTighter ? `an older producer sends ${beyond}` : `an older reader refuses ${beyond}`,
          remedy: older[keyword] === undefined ? 'Leave it out' : `Put it back to ${before}`,
        },
      },
    ]
  })
}

interface ValueList {
  readonly values: readonly unknown[]
  readonly isOpen: boolean
}

function listOf(schema: Schema): ValueList | undefined {
  const values = schema['enum']
  return Array.isArray(values) ? { values, isOpen: schema['x-open-enum'] === true } : undefined
}

function nounOf(type: unknown): string {
  return typeof type === 'string' ? `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}` : JSON.stringify(type)
}
