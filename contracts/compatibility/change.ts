/** One difference between two versions of a schema. */
export interface Change {
  /** JSON Pointer into the values, with `*` for every item of a list and every entry of a map. */
  readonly pointer: string
  /** What was and what is, such as `was optional, is required now`. */
  readonly what: string
  /** Set where values of the one version can't be read by the other. */
  readonly breaks?: Break
}

export interface Break {
  /** Who is hurt, such as `an older producer doesn't send it`. */
  readonly why: string
  /** What keeps both, such as `Make it optional`. */
  readonly remedy: string
}

/** A property or an entry below a pointer, escaped as RFC 6901 says. */
export function childPointer(pointer: string, name: string): string {
  return `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** A change in one line: where, what, and where it breaks something, why and the way out. */
export function sentenceOf({ pointer, what, breaks }: Change, wayOut: string): string {
  const where = pointer || '/'
  return breaks ? `${where}: ${what}: ${breaks.why}. ${breaks.remedy}, or ${wayOut}.` : `${where}: ${what}.`
}
