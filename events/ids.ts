import { hash } from 'node:crypto'

/** What an event that another event caused is made of: processing the same cause twice gives the same id. */
export interface Derivation {
  /** The id of the event that caused it. */
  readonly cause: string
  /** The consumer or producer that makes it. */
  readonly by: string
  /** Tells events by one consumer for one cause apart, such as its detail-type. */
  readonly variant: string
  /** `<epoch>.<retry>`. */
  readonly run: string
}

// The product's own namespaces, one for each kind of cause: UUIDv5 of DNS names.
const DERIVED = uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'derived.events.messageai.media')
const ROOT = uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'root.events.messageai.media')

/** The id of an event that another event caused. */
export function derivedId({ cause, by, variant, run }: Derivation): string {
  return uuid5(DERIVED, unambiguous([cause, by, variant, run]))
}

/**
 * The id of an event whose cause came from outside, made of what names that cause for good: key and version, job and
 * status, the request's caller and idempotency key.
 */
export function rootId(parts: readonly string[]): string {
  return uuid5(ROOT, unambiguous(parts))
}

/** A name-based UUID, RFC 9562 §5.5. */
export function uuid5(namespace: string, name: string): string {
  const hex = hash('sha1', Buffer.concat([Buffer.from(namespace.replaceAll('-', ''), 'hex'), Buffer.from(name)]), 'hex')
  const variant = (Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant.toString(16)}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** No two lists give one text, whatever their parts hold: `['a', 'b']` and `['a,b']` differ. */
function unambiguous(parts: readonly string[]): string {
  return JSON.stringify(parts)
}
