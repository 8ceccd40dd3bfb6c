import { isRecord } from '../assembly/template.ts'
import { AwsError } from '../aws-json/error.ts'

/**
 * Reads a job's settings by name and remembers what was asked for, so that a setting nobody understood is refused and
 * no output ever is less than its job says. Members are named as on the wire, their first letter small.
 */
export class SettingsReader {
  readonly path: string
  readonly #members: Readonly<Record<string, unknown>>
  readonly #asked = new Set<string>()
  readonly #children: SettingsReader[] = []

  constructor(members: Readonly<Record<string, unknown>>, path: string) {
    this.#members = members
    this.path = path
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.fail(name, 'is required')
  }

  optionalText(name: string): string | undefined {
    const value = this.#get(name)
    if (value === undefined || typeof value === 'string') return value
    return this.fail(name, 'must be a string')
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    return this.optionalOneOf(name, allowed) ?? this.fail(name, `is required here; allowed: ${allowed.join(', ')}`)
  }

  /** One of the values that are run here; undefined where the job leaves it to the service. */
  optionalOneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.optionalText(name)
    const known = allowed.find((one) => one === value)
    if (value === undefined || known !== undefined) return known
    return this.fail(name, `${value} is not run locally; allowed: ${allowed.join(', ')}`)
  }

  number(name: string, min: number, max: number): number {
    return this.optionalNumber(name, min, max) ?? this.fail(name, 'is required')
  }

  optionalNumber(name: string, min: number, max: number): number | undefined {
    const value = this.#get(name)
    if (value === undefined || (typeof value === 'number' && value >= min && value <= max)) return value
    return this.fail(name, `must be a number from ${min} to ${max}`)
  }

  /** A structure; an empty one where it is absent. */
  object(name: string): SettingsReader {
    const value = this.#get(name) ?? {}
    return isRecord(value) ? this.#child(name, value) : this.fail(name, 'must be an object')
  }

  /** The structures of a list; none where it is absent. */
  objects(name: string): readonly SettingsReader[] {
    const value = this.#get(name) ?? []
    if (!Array.isArray(value)) return this.fail(name, 'must be a list')
    return value.map((one: unknown, index) =>
      isRecord(one) ? this.#child(`${name}/${index}`, one) : this.fail(`${name}/${index}`, 'must be an object'),
    )
  }

  /** The structures of a map, by their keys. */
  map(name: string): ReadonlyMap<string, SettingsReader> {
    const holder = this.object(name)
    return new Map(holder.names().map((key) => [key, holder.object(key)]))
  }

  names(): readonly string[] {
    return Object.keys(this.#members)
  }

  /** @throws AwsError BadRequestException, which says where. */
  fail(name: string, reason: string): never {
    throw new AwsError('BadRequestException', `${this.path}/${name} ${reason}`)
  }

  /** @throws AwsError BadRequestException naming everything, at any depth, that nobody asked for. */
  refuseUnread(): void {
    const unread = this.#unread()
    if (unread.length === 0) return
    throw new AwsError(
      'BadRequestException',
      `${unread.join(', ')} ${unread.length === 1 ? 'is' : 'are'} not run locally: leave ${unread.length === 1 ? 'it' : 'them'} out`,
    )
  }

  #unread(): readonly string[] {
    const own = Object.entries(this.#members).flatMap(([name, value]) =>
      value === undefined || value === null || this.#asked.has(name) ? [] : [`${this.path}/${name}`],
    )
    return [...own, ...this.#children.flatMap((child) => child.#unread())]
  }

  #child(name: string, members: Readonly<Record<string, unknown>>): SettingsReader {
    const child = new SettingsReader(members, `${this.path}/${name}`)
    this.#children.push(child)
    return child
  }

  #get(name: string): unknown {
    this.#asked.add(name)
    const value = Object.hasOwn(this.#members, name) ? this.#members[name] : undefined
    return value === null ? undefined : value
  }
}
