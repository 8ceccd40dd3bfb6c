/** Who says it, in EventBridge's `source`: the same in every environment, as each has a bus of its own. */
export const EVENT_SOURCE = 'messageai.media'

/** What one call takes, of EventBridge's own accord. */
export const MAX_ENTRIES = 10

/** One event on its way to the bus. */
export interface BusEntry {
  /** `MediaUploaded.v1`. */
  readonly detailType: string
  /** The event as JSON text. */
  readonly detail: string
  /** When the fact happened: milliseconds since 1970. */
  readonly time: number
  /** ARNs that the event is about. */
  readonly resources?: readonly string[]
}

/** What became of the entry of the same index. */
export type BusResult =
  | { readonly ok: true /** EventBridge's own id, never the event's. */; readonly id: string }
  | { readonly ok: false; readonly code: string; readonly message: string }

/** Where events go: EventBridge's classic custom bus in production. */
export interface BusPort {
  /**
   * Hands over up to ten entries; each is taken or refused by itself, and the results come in the order of the entries.
   * @throws BusRefused where the call as a whole can never succeed; anything else where it may be tried again.
   */
  put(entries: readonly BusEntry[]): Promise<readonly BusResult[]>
}

/** The bus takes no such call, however often it is made: no permission, no such bus, too much at once. */
export class BusRefused extends Error {
  override readonly name = 'BusRefused'
}
