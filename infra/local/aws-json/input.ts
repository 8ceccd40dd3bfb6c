import type { AwsError } from './error.ts'

/** How a service words a member that is missing or wrong. */
export interface Wording {
  missing(member: string): AwsError
  invalid(member: string, reason: string): AwsError
}

/** 9999-12-31: later years have no ISO 8601 form of four digits. */
const MAX_TIME_SECONDS = 253_402_300_799

/** Reads the members of an operation's input, and refuses in the service's words what is missing or of the wrong type. */
export class Input {
  readonly #members: Readonly<Record<string, unknown>>
  readonly #wording: Wording

  constructor(members: Readonly<Record<string, unknown>>, wording: Wording) {
    this.#members = members
    this.#wording = wording
  }

  /** The members as they came, for those who read templates' declarations of the same words. */
  get members(): Readonly<Record<string, unknown>> {
    return this.#members
  }

  text(member: string): string {
    return this.optionalText(member) ?? this.#missing(member)
  }

  optionalText(member: string): string | undefined {
    const value = this.#member(member)
    if (value === undefined || typeof value === 'string') return value
    throw this.#wording.invalid(member, 'it must be a string')
  }

  integer(member: string, min: number, max: number): number {
    return this.optionalInteger(member, min, max) ?? this.#missing(member)
  }

  optionalInteger(member: string, min: number, max: number): number | undefined {
    const value = this.#member(member)
    if (value === undefined) return undefined
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
    throw this.#wording.invalid(member, `it must be an integer from ${min} to ${max}`)
  }

  /** A time as the JSON protocols carry it, seconds since 1970, in milliseconds. */
  optionalTime(member: string): number | undefined {
    const value = this.#member(member)
    if (value === undefined) return undefined
    if (typeof value === 'number' && Math.abs(value) <= MAX_TIME_SECONDS) return Math.round(value * 1000)
    throw this.#wording.invalid(member, 'it must be a time, in seconds since 1970')
  }

  texts(member: string): readonly string[] {
    const value = this.#member(member) ?? []
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
    throw this.#wording.invalid(member, 'it must be a list of strings')
  }

  /** A structure; undefined where the member is absent. */
  optionalInput(member: string): Input | undefined {
    const value = this.#member(member)
    if (value === undefined) return undefined
    if (isRecord(value)) return new Input(value, this.#wording)
    throw this.#wording.invalid(member, 'it must be a structure')
  }

  /** The structures of a list; empty where the member is absent. */
  inputs(member: string): readonly Input[] {
    const value = this.#member(member) ?? []
    if (!Array.isArray(value)) throw this.#wording.invalid(member, 'it must be a list')
    return value.map((one) => {
      if (isRecord(one)) return new Input(one, this.#wording)
      throw this.#wording.invalid(member, 'it must be a list of structures')
    })
  }

  /** The structures of a map; empty where the member is absent. */
  inputMap(member: string): ReadonlyMap<string, Input> {
    return new Map(
      Object.entries(this.#record(member)).map(([key, value]) => {
        if (isRecord(value)) return [key, new Input(value, this.#wording)]
        throw this.#wording.invalid(member, 'it must be a map of structures')
      }),
    )
  }

  textMap(member: string): Readonly<Record<string, string>> {
    const texts: Record<string, string> = {}
    for (const [key, value] of Object.entries(this.#record(member))) {
      if (typeof value !== 'string') throw this.#wording.invalid(member, 'it must be a map of strings')
      texts[key] = value
    }
    return texts
  }

  #record(member: string): Readonly<Record<string, unknown>> {
    const value = this.#member(member) ?? {}
    if (isRecord(value)) return value
    throw this.#wording.invalid(member, 'it must be a map')
  }

  #member(member: string): unknown {
    const value = Object.hasOwn(this.#members, member) ? this.#members[member] : undefined
    return value === null ? undefined : value
  }

  #missing(member: string): never {
    throw this.#wording.missing(member)
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
