import type { Cloud } from '../cloud.ts'
import type { Archives } from './archive.ts'
import type { Archive, Bus, Buses, Rule } from './buses.ts'
import { openChanges, type State } from './changes.ts'
import { readArchive, readRule } from './declared.ts'
import type { Scheduler } from './schedule.ts'

type Properties = NonNullable<State>

/**
 * The rules and archives of the buses: what templates declare, and over it what was changed through the API, which is
 * durable.
 */
export interface Holdings {
  /** A template's rule; what the API made of it stands where the template says nothing new. @throws Error */
  declareRule(bus: Bus, name: string, properties: Properties): Rule
  /** A template's archive; likewise. @throws Error */
  declareArchive(bus: Bus, name: string, properties: Properties): Archive
  /** Takes up what was made through the API on a bus that now is there. */
  restore(bus: Bus): void
  /** @throws Error naming what the properties lack. */
  changeRule(bus: Bus, name: string, properties: Properties): Rule
  deleteRule(rule: Rule): void
  /** @throws Error naming what the properties lack. */
  changeArchive(bus: Bus, name: string, properties: Properties): Archive
  /** Together with its events. */
  deleteArchive(archive: Archive): void
}

interface Parts {
  readonly buses: Buses
  readonly archives: Archives
  readonly scheduler: Scheduler
}

export function openHoldings(cloud: Cloud, { buses, archives, scheduler }: Parts): Holdings {
  const changes = openChanges(cloud)

  const putRule = (bus: Bus, name: string, properties: Properties): Rule => {
    const rule = buses.putRule(readRule(properties, name, bus))
    scheduler.start(rule)
    return rule
  }
  const removeRule = (rule: Rule): void => {
    scheduler.start({ ...rule, enabled: false })
    buses.removeRule(rule)
  }
  const putArchive = (bus: Bus, name: string, properties: Properties): Archive => {
    const archive = buses.putArchive(readArchive(properties, name, bus))
    archives.open(archive)
    return archive
  }

  return {
    declareRule(bus, name, properties) {
      const changed = changes.over({ kind: 'rule', bus: bus.name, name }, properties)
      // The template must hold by itself, whatever stands over it.
      if (changed) readRule(properties, name, bus)
      const rule = putRule(bus, name, changed ?? properties)
      if (changed === null) removeRule(rule)
      return rule
    },
    declareArchive(bus, name, properties) {
      const changed = changes.over({ kind: 'archive', bus: bus.name, name }, properties)
      if (changed) readArchive(properties, name, bus)
      const archive = putArchive(bus, name, changed ?? properties)
      if (changed === null) buses.removeArchive(archive)
      return archive
    },
    restore(bus) {
      for (const { name, state } of changes.others('rule', bus.name)) putRule(bus, name, state)
      for (const { name, state } of changes.others('archive', bus.name)) putArchive(bus, name, state)
    },
    changeRule(bus, name, properties) {
      const rule = putRule(bus, name, properties)
      changes.set({ kind: 'rule', bus: bus.name, name }, properties)
      return rule
    },
    deleteRule(rule) {
      removeRule(rule)
      changes.set({ kind: 'rule', bus: rule.busName, name: rule.name }, null)
    },
    changeArchive(bus, name, properties) {
      const archive = putArchive(bus, name, properties)
      changes.set({ kind: 'archive', bus: bus.name, name }, properties)
      return archive
    },
    deleteArchive(archive) {
      buses.removeArchive(archive)
      archives.drop(archive)
      changes.set({ kind: 'archive', bus: buses.get(archive.busArn).name, name: archive.name }, null)
    },
  }
}
