import type { ResourceDeclaration } from '../cloud.ts'
import { isRecord } from './template.ts'

/**
 * Refuses properties that nobody reads, so that a template never means more than what runs.
 * @param runs the names that the caller reads.
 * @param accepted names that change nothing here, each with the reason.
 * @throws Error naming every property that is in neither.
 */
export function onlyProperties(
  { properties }: Pick<ResourceDeclaration, 'properties'>,
  runs: readonly string[],
  accepted: Readonly<Record<string, string>> = {},
): void {
  const unknown = Object.keys(properties).filter((name) => !runs.includes(name) && !Object.hasOwn(accepted, name))
  if (unknown.length === 0) return
  const allowed = [...runs, ...Object.keys(accepted)].sort().join(', ')
  throw new Error(`${unknown.join(', ')} ${unknown.length === 1 ? 'is' : 'are'} not run here; allowed: ${allowed}`)
}

type Holder = Readonly<Record<string, unknown>>

/** @throws Error where the property is missing or no string. */
export function requiredString(holder: Holder, name: string): string {
  const value = optionalString(holder, name)
  if (value === undefined) throw new Error(`${name} is required`)
  return value
}

/** @throws Error where the property is there and no string. */
export function optionalString(holder: Holder, name: string): string | undefined {
  const value = holder[name]
  if (value === undefined || typeof value === 'string') return value
  throw new Error(`${name} must be a string, not ${JSON.stringify(value)}`)
}

/** Numbers come as strings too: parameters of templates are strings. @throws Error where it is no number. */
export function optionalNumber(holder: Holder, name: string): number | undefined {
  const value = holder[name]
  if (value === undefined) return undefined
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number)) return number
  throw new Error(`${name} must be a number, not ${JSON.stringify(value)}`)
}

/** @throws Error where it is neither a boolean nor `"true"` or `"false"`. */
export function optionalBoolean(holder: Holder, name: string): boolean | undefined {
  const value = holder[name]
  if (value === undefined || typeof value === 'boolean') return value
  if (value === 'true' || value === 'false') return value === 'true'
  throw new Error(`${name} must be true or false, not ${JSON.stringify(value)}`)
}

/** An absent object is an empty one. @throws Error where it is something else. */
export function objectProperty(holder: Holder, name: string): Holder {
  const value = holder[name]
  if (value === undefined) return {}
  if (isRecord(value)) return value
  throw new Error(`${name} must be an object, not ${JSON.stringify(value)}`)
}

/** An absent list is an empty one. @throws Error where it is something else. */
export function listProperty(holder: Holder, name: string): readonly unknown[] {
  const value = holder[name]
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  throw new Error(`${name} must be a list, not ${JSON.stringify(value)}`)
}

/** @throws Error where a member is no string. */
export function stringMap(holder: Holder, name: string): Readonly<Record<string, string>> {
  const entries = Object.entries(objectProperty(holder, name)).map(([key, value]): [string, string] => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return [key, String(value)]
    throw new Error(`${name}.${key} must be a string, not ${JSON.stringify(value)}`)
  })
  return Object.fromEntries(entries)
}
