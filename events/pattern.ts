import { isDeepStrictEqual } from 'node:util'
import type { ConditionTree, EventContract, Subscription } from '../contracts/event-contract.ts'
import { EVENT_SOURCE } from './bus.ts'
import type { MediaEvent } from './envelope.ts'
import { lineageOf, UPCASTERS, type Upcaster } from './upcast.ts'

/** An EventBridge event pattern, as JSON. */
export interface EventPattern {
  readonly [field: string]: unknown
}

/** What a consumer's `on` lists: whole contracts, or some of their events. */
export type Interest = EventContract<never> | Subscription<never>

/** What EventBridge takes in a rule. */
const MAX_PATTERN_LENGTH = 2048

// `exists` works on leaves only: on `detail.meta.replay`, an object, it would match nothing.
const UNMARKED = { replay: { id: [{ exists: false }] } }

/** For the rule of live traffic: nothing that a replay brings, neither at first hand nor in what was made of it. */
export function livePattern(on: readonly Interest[], upcasters: readonly Upcaster[] = UPCASTERS): EventPattern {
  return anyOf(
    interestsOf(on, upcasters).map(({ types, data }) => ({
      'detail-type': types,
      'replay-name': [{ exists: false }],
      detail: { meta: UNMARKED, ...data },
    })),
  )
}

/**
 * For the rule of a consumer's replay lane: the archive's own replays, and what was published because of one whose plan
 * names this consumer.
 */
export function replayPattern(
  { name, on }: { readonly name: string; readonly on: readonly Interest[] },
  upcasters: readonly Upcaster[] = UPCASTERS,
): EventPattern {
  const named = { replay: { lanes: [name] } }
  return anyOf(
    interestsOf(on, upcasters).flatMap(({ types, data }) => [
      { 'detail-type': types, 'replay-name': [{ exists: true }], ...('data' in data && { detail: data }) },
      { 'detail-type': types, detail: { meta: named, ...data } },
    ]),
  )
}

/** For whoever asked for replays beside live traffic: everything, whatever brought it. */
export function inclusivePattern(on: readonly Interest[], upcasters: readonly Upcaster[] = UPCASTERS): EventPattern {
  return anyOf(
    interestsOf(on, upcasters).map(({ types, data }) => ({
      'detail-type': types,
      ...('data' in data && { detail: data }),
    })),
  )
}

/**
 * Whether a parsed event is one of those that `on` lists. The same as the rule's pattern, once more, as the pattern
 * lets every event of an older major through.
 */
export function isWanted(
  on: readonly Interest[],
  { event, contract }: { event: MediaEvent; contract: EventContract },
): boolean {
  return on
    .map(asSubscription)
    .some((wanted) => wanted.contract.detailType === contract.detailType && meets(event.data, wanted.conditions))
}

interface EventsOfInterest {
  readonly types: readonly string[]
  /** Under `detail`; empty where there are no conditions. */
  readonly data: { readonly data: ConditionTree } | Readonly<Record<never, never>>
}

function anyOf(alternatives: readonly EventPattern[]): EventPattern {
  const [only] = alternatives
  if (only === undefined) throw new Error('a consumer that listens to nothing needs no rule: list its events in `on`')
  const source = [EVENT_SOURCE]
  const pattern: EventPattern = alternatives.length === 1 ? { source, ...only } : { source, $or: alternatives }
  const { length } = JSON.stringify(pattern)
  if (length > MAX_PATTERN_LENGTH)
    throw new Error(
      `a rule's pattern takes ${MAX_PATTERN_LENGTH} characters, and this one has ${length}: list fewer conditions in \`on\``,
    )
  return pattern
}

/** One for each set of conditions, with all the events that share it. */
function interestsOf(on: readonly Interest[], upcasters: readonly Upcaster[]): readonly EventsOfInterest[] {
  const groups: { readonly types: Set<string>; readonly conditions: ConditionTree }[] = []
  const add = (type: string, conditions: ConditionTree) => {
    const group = groups.find((one) => isDeepStrictEqual(one.conditions, conditions))
    if (group) group.types.add(type)
    else groups.push({ types: new Set([type]), conditions })
  }
  for (const { contract, conditions } of on.map(asSubscription)) {
    const [newest, ...older] = lineageOf(contract, upcasters)
    if (newest) add(newest.detailType, conditions)
    // An older major may lack the fields that the conditions are on: all of it comes in, and `isWanted` decides.
    for (const { detailType } of older) add(detailType, {})
  }
  return groups.map(({ types, conditions }) => ({
    types: [...types].sort(),
    data: Object.keys(conditions).length > 0 ? { data: conditions } : {},
  }))
}

function asSubscription(interest: Interest): Subscription<never> {
  return 'conditions' in interest ? interest : { contract: interest, conditions: {} }
}

function meets(value: unknown, conditions: ConditionTree): boolean {
  return Object.entries(conditions).every(([field, condition]) => {
    const found =
      typeof value === 'object' && value !== null && Object.hasOwn(value, field) ? Reflect.get(value, field) : undefined
    return isAlternatives(condition) ? condition.some((one) => one === found) : meets(found, condition)
  })
}

function isAlternatives(
  condition: ConditionTree[string],
): condition is Extract<ConditionTree[string], readonly unknown[]> {
  return Array.isArray(condition)
}
