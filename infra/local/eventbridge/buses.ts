import type { Cloud } from '../cloud.ts'
import { notFound } from './errors.ts'
import type { EventEnvelope } from './event.ts'
import { matchesPattern } from './pattern.ts'
import type { Target } from './target.ts'

/**
 * The buses, rules and archives as they stand. They are made anew at each start, from the templates and from what was
 * changed through the API since, so that what a template no longer has is gone.
 */
export interface Buses {
  /** By name or ARN; the default bus where absent. @throws AwsError ResourceNotFoundException */
  get(nameOrArn: string | undefined): Bus
  list(): readonly Bus[]
  put(name: string, description: string | undefined): Bus
  /** Adds it, or replaces the one of its name. */
  putRule(rule: Omit<Rule, 'arn'>): Rule
  removeRule(rule: Rule): void
  /** Adds it, or replaces the one of its name. */
  putArchive(archive: Omit<Archive, 'arn'>): Archive
  removeArchive(archive: Archive): void
  rules(): readonly Rule[]
  /** By name. */
  archives(): readonly Archive[]
}

export interface Bus {
  readonly name: string
  readonly arn: string
  readonly description: string | undefined
  readonly rules: ReadonlyMap<string, Rule>
  /** The enabled rules whose pattern the event satisfies. */
  matching(event: EventEnvelope): readonly Rule[]
  /** The archives that take the event. */
  archiving(event: EventEnvelope): readonly Archive[]
}

export interface Rule {
  readonly name: string
  readonly arn: string
  readonly busName: string
  readonly description: string | undefined
  readonly enabled: boolean
  readonly pattern: EventPattern | undefined
  /** `rate(5 minutes)` */
  readonly schedule: string | undefined
  readonly targets: readonly Target[]
  /** What it was read from, in the words of its CloudFormation type. */
  readonly declared: Readonly<Record<string, unknown>>
}

export interface Archive {
  readonly name: string
  readonly arn: string
  readonly busArn: string
  readonly description: string | undefined
  /** Takes every event where absent. */
  readonly pattern: EventPattern | undefined
  /** 0 is for ever. */
  readonly retentionDays: number
  /** What it was read from, in the words of its CloudFormation type. */
  readonly declared: Readonly<Record<string, unknown>>
}

export interface EventPattern {
  readonly json: string
  /** One identity for the life of the rule: its compiled form hangs on it. */
  readonly value: unknown
}

const DEFAULT_BUS = 'default'

export function createBuses(cloud: Cloud): Buses {
  const arn = (kind: string) => `arn:aws:events:${cloud.region}:${cloud.accountId}:${kind}`
  const buses = new Map<string, OpenBus>()
  const archives = new Map<string, Archive>()

  const get = (nameOrArn: string | undefined): OpenBus => {
    const wanted = nameOrArn ?? DEFAULT_BUS
    const prefix = arn('event-bus/')
    const name = wanted.startsWith(prefix) ? wanted.slice(prefix.length) : wanted
    const bus = buses.get(name)
    if (!bus) throw notFound(`Event bus ${wanted}`)
    return bus
  }

  const put = (name: string, description: string | undefined): OpenBus => {
    const bus = new OpenBus(name, arn(`event-bus/${name}`), description)
    buses.set(name, bus)
    return bus
  }
  put(DEFAULT_BUS, undefined)

  return {
    get,
    put,
    list: () => [...buses.values()].sort(byName),
    putRule(declared) {
      const bus = get(declared.busName)
      const path = bus.name === DEFAULT_BUS ? declared.name : `${bus.name}/${declared.name}`
      const rule = { ...declared, busName: bus.name, arn: arn(`rule/${path}`) }
      bus.putRule(rule)
      return rule
    },
    removeRule: (rule) => get(rule.busName).removeRule(rule),
    removeArchive(archive) {
      archives.delete(archive.name)
      get(archive.busArn).removeArchive(archive)
    },
    putArchive(declared) {
      const bus = get(declared.busArn)
      const archive = { ...declared, arn: arn(`archive/${declared.name}`) }
      archives.set(archive.name, archive)
      bus.putArchive(archive)
      return archive
    },
    rules: () => [...buses.values()].flatMap((bus) => [...bus.rules.values()]),
    archives: () => [...archives.values()].sort(byName),
  }
}

class OpenBus implements Bus {
  readonly name: string
  readonly arn: string
  readonly description: string | undefined
  readonly rules = new Map<string, Rule>()
  readonly #archives = new Map<string, Archive>()
  /** Rules that name their detail-types, by each of them. */
  readonly #byDetailType = new Map<string, Rule[]>()
  #others: Rule[] = []

  constructor(name: string, arn: string, description: string | undefined) {
    this.name = name
    this.arn = arn
    this.description = description
  }

  putRule(rule: Rule): void {
    this.rules.set(rule.name, rule)
    this.#index()
  }

  removeRule({ name }: Rule): void {
    this.rules.delete(name)
    this.#index()
  }

  putArchive(archive: Archive): void {
    this.#archives.set(archive.name, archive)
  }

  removeArchive({ name }: Archive): void {
    this.#archives.delete(name)
  }

  #index(): void {
    this.#byDetailType.clear()
    this.#others = []
    for (const one of this.rules.values()) {
      if (!one.enabled || !one.pattern) continue
      const detailTypes = exactDetailTypes(one.pattern.value)
      if (!detailTypes) this.#others.push(one)
      for (const detailType of detailTypes ?? []) {
        const same = this.#byDetailType.get(detailType)
        if (same) same.push(one)
        else this.#byDetailType.set(detailType, [one])
      }
    }
  }

  matching(event: EventEnvelope): readonly Rule[] {
    const likely = [...(this.#byDetailType.get(event['detail-type']) ?? []), ...this.#others]
    return likely.filter(({ pattern }) => pattern && matchesPattern(pattern.value, event))
  }

  archiving(event: EventEnvelope): readonly Archive[] {
    // What a replay sends is in an archive already.
    if ('replay-name' in event) return []
    return [...this.#archives.values()].filter(({ pattern }) => !pattern || matchesPattern(pattern.value, event))
  }
}

/** The detail-types outside which the pattern can't match; undefined where it doesn't say. */
function exactDetailTypes(pattern: unknown): ReadonlySet<string> | undefined {
  if (typeof pattern !== 'object' || pattern === null || !('detail-type' in pattern)) return undefined
  const values = pattern['detail-type']
  // Of two conditions on one key an alternative of $or may have the last word.
  if ('$or' in pattern || !Array.isArray(values)) return undefined
  return values.every((value) => typeof value === 'string') ? new Set(values) : undefined
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1
}
