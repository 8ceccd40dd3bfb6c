import { isRecord } from '../assembly/template.ts'

/**
 * A job's settings laid over its template's: structures member by member, lists element by element, and where both say
 * something the job is right.
 */
export function mergeSettings(template: unknown, job: unknown): unknown {
  if (Array.isArray(template) && Array.isArray(job)) {
    return Array.from({ length: Math.max(template.length, job.length) }, (_, index) =>
      mergeSettings(template[index], job[index]),
    )
  }
  if (isRecord(template) && isRecord(job)) {
    const names = new Set([...Object.keys(template), ...Object.keys(job)])
    return Object.fromEntries([...names].map((name) => [name, mergeSettings(template[name], job[name])]))
  }
  return job ?? template
}

/** The keys of these maps are their writer's own words. */
const MAPS = ['audioSelectors', 'audioSelectorGroups', 'captionSelectors']

/** Settings as templates write them, each name with a capital, as the wire has them. */
export function asOnTheWire(settings: unknown): unknown {
  if (Array.isArray(settings)) return settings.map(asOnTheWire)
  if (!isRecord(settings)) return settings
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      const small = `${name.charAt(0).toLowerCase()}${name.slice(1)}`
      if (!MAPS.includes(small) || !isRecord(value)) return [small, asOnTheWire(value)]
      return [small, Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asOnTheWire(member)]))]
    }),
  )
}
