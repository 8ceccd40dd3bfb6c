import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Consumer } from '../../consumers/runtime/define-consumer.ts'
import { eventNameOf, type SchemaFile } from '../../contracts/build/schema.ts'
import type { EventContract } from '../../contracts/event-contract.ts'
import { MediaReadyV1 } from '../../contracts/generated/events.ts'
import { EVENT_SOURCE } from '../../events/bus.ts'
import { livePattern, replayPattern } from '../../events/pattern.ts'
import { matchesPattern } from '../local/eventbridge/pattern.ts'

/** One rule of the bus and what it lets through. */
export interface Route {
  readonly name: string
  readonly lane: 'live' | 'replay'
  readonly pattern: unknown
}

/** An event as the bus carries it, as one of its schema's examples has it. */
export interface Example {
  readonly detailType: string
  readonly event: { readonly detail: { readonly meta: object; readonly data: unknown } }
}

/** What goes nowhere on purpose, each with its reason. */
export interface RoutingExceptions {
  /** By the event's name: whom it is for. */
  readonly events: Readonly<Record<string, string>>
  /** By the rule's name: why no event meets it yet. */
  readonly rules: Readonly<Record<string, string>>
}

const EXCEPTIONS = 'infra/build/routing-exceptions.json'

export function readExceptions(root: string): RoutingExceptions {
  return JSON.parse(readFileSync(join(root, EXCEPTIONS), 'utf8')) as RoutingExceptions
}

/** The rules that infra makes of the declarations. */
export function declaredRoutes(consumers: readonly Pick<Consumer, 'name' | 'on'>[]): readonly Route[] {
  return consumers.flatMap(({ name, on }): readonly Route[] => [
    { name, lane: 'live', pattern: livePattern(on) },
    { name: `${name}-replay`, lane: 'replay', pattern: replayPattern({ name, on }) },
  ])
}

/** Every example of every major of every event. */
export function examplesOf(files: readonly SchemaFile[]): readonly Example[] {
  const [meta = {}] = (files.find(({ group }) => group === 'envelope')?.schema['examples'] ?? []) as readonly object[]
  return files
    .filter(({ group }) => group === 'events')
    .flatMap((file) => {
      const detailType = `${eventNameOf(file)}.v${file.major}`
      return (file.schema['examples'] as readonly unknown[]).map((data) => ({
        detailType,
        event: { source: EVENT_SOURCE, 'detail-type': detailType, detail: { meta, data } },
      }))
    })
}

/** The names of the rules that an event meets. */
export function rulesFor(routes: readonly Route[], event: unknown): readonly string[] {
  return routes.filter(({ pattern }) => matchesPattern(pattern, event)).map(({ name }) => name)
}

/** As the archive's own replay brings it. */
export function replayed({ event }: Example): object {
  return { ...event, 'replay-name': 'march' }
}

/** As something says it because of a replay, whose plan names the lanes of these consumers. */
export function saidInReplay({ event }: Example, consumers: readonly string[]): object {
  const replay = { id: 'march', mode: 'default', epoch: 0, ...(consumers.length > 0 && { lanes: consumers }) }
  return { ...event, detail: { ...event.detail, meta: { ...event.detail.meta, replay } } }
}

/**
 * Runs every example against every rule: events that no live rule lists, rules that list what nothing can meet, lanes
 * that take what is not theirs, and exceptions that are none any more; one sentence each.
 */
export function routingProblems(
  routes: readonly Route[],
  examples: readonly Example[],
  exceptions: RoutingExceptions,
): readonly string[] {
  const met = new Set<string>()
  const strays = new Set<string>()
  const laneOf = new Map(routes.map(({ name, lane }) => [name, lane]))
  const consumers = routes.flatMap(({ name, lane }) => (lane === 'replay' ? [name.replace(/-replay$/, '')] : []))
  const deliver = (detailType: string, event: unknown, lane: Route['lane']) => {
    for (const name of rulesFor(routes, event)) {
      met.add(`${name} ${detailType}`)
      if (laneOf.get(name) !== lane) strays.add(`rule ${name}: takes ${detailType} of ${lane} traffic`)
    }
  }
  for (const example of examples) {
    deliver(example.detailType, example.event, 'live')
    deliver(example.detailType, replayed(example), 'replay')
    deliver(example.detailType, saidInReplay(example, consumers), 'replay')
    for (const name of rulesFor(routes, saidInReplay(example, []))) {
      const { detailType } = example
      if (laneOf.get(name) === 'replay') strays.add(`rule ${name}: takes ${detailType} of a replay that names nobody`)
    }
  }

  const types = [...new Set(examples.map(({ detailType }) => detailType))]
  const nameOf = (detailType: string) => detailType.replace(/\.v\d+$/, '')
  const names = new Set(types.map(nameOf))
  const received = new Set(routes.flatMap(({ lane, pattern }) => (lane === 'live' ? detailTypesIn(pattern) : [])))
  const receivedNames = new Set([...received].map(nameOf))
  const unmet = routes.flatMap(({ name, pattern }) =>
    detailTypesIn(pattern)
      .filter((detailType) => !met.has(`${name} ${detailType}`))
      .map((detailType) => ({ name, detailType })),
  )
  return [
    ...types
      .filter((type) => !received.has(type) && exceptions.events[nameOf(type)] === undefined)
      .map((type) => `${type}: no consumer receives it: write one, or say in ${EXCEPTIONS} whom it is for`),
    ...unmet
      .filter(({ name }) => exceptions.rules[name] === undefined)
      .map(
        ({ name, detailType }) =>
          `rule ${name}: no example of ${detailType} meets it: mend its \`on\`, or give the event such an example`,
      ),
    ...strays,
    ...Object.keys(exceptions.events)
      .filter((name) => !names.has(name) || receivedNames.has(name))
      .map((name) => `${EXCEPTIONS}: ${name} ${names.has(name) ? 'is received' : 'is no event'}: strike it off`),
    ...Object.keys(exceptions.rules)
      .filter((name) => !unmet.some((rule) => rule.name === name))
      .map((name) => `${EXCEPTIONS}: rule ${name} ${laneOf.has(name) ? 'is met' : 'is none'}: strike it off`),
  ]
}

/** What the runtime of the consumers says of itself, once a media's last required step is done. */
export const RUNTIME: Emitter = { name: 'the runtime of the consumers', emits: [MediaReadyV1] }

export interface Emitter {
  readonly name: string
  readonly emits: readonly EventContract<never>[]
}

/**
 * Consumers go first: whoever may say a major that a listener to the same event doesn't list would say it to nobody
 * there. One sentence for each pair.
 */
export function rolloutProblems(emitters: readonly Emitter[], routes: readonly Route[]): readonly string[] {
  const listeners = routes
    .filter(({ lane }) => lane === 'live')
    .map(({ name, pattern }) => ({ name, types: detailTypesIn(pattern) }))
  return emitters.flatMap((emitter) =>
    emitter.emits.flatMap(({ name: event, detailType }) =>
      listeners
        .map(({ name, types }) => ({ name, majors: types.filter((type) => type.startsWith(`${event}.v`)) }))
        .filter(({ majors }) => majors.length > 0 && !majors.includes(detailType))
        .map(
          ({ name, majors }) =>
            `${emitter.name} may say ${detailType}, and ${name} listens to ${majors.join(', ')} only: ` +
            `consumers go first, list ${detailType} in its \`on\``,
        ),
    ),
  )
}

/** Every detail-type that a pattern lists, however deep. */
export function detailTypesIn(pattern: unknown): readonly string[] {
  if (typeof pattern !== 'object' || pattern === null) return []
  const found = Object.entries(pattern).flatMap(([field, below]) =>
    field === 'detail-type' ? (below as readonly string[]) : detailTypesIn(below),
  )
  return [...new Set(found)]
}
