/** Who says and who hears each event: known to those who build the whole, and told on the page of events. */
export interface Traffic {
  /** By detail-type. */
  readonly sentBy: Readonly<Record<string, readonly string[]>>
  /** By detail-type. */
  readonly receivedBy: Readonly<Record<string, readonly string[]>>
  /** By the event's name, where none of the product's own consumers receives it: whom it is for. */
  readonly forOthers: Readonly<Record<string, string>>
}

/** Where only the schemas are at hand. */
export const NO_TRAFFIC: Traffic = { sentBy: {}, receivedBy: {}, forOthers: {} }
