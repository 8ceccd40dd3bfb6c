import type { BusEntry } from './bus.ts'
import { EVENT_SOURCE } from './bus.ts'

/** The most that one event may weigh, so that it fits every queue and target; what is larger goes by claim check. */
export const MAX_ENTRY_BYTES = 200 * 1024

/** What the entries of one call must weigh less than, together. */
export const CALL_LIMIT_BYTES = 1024 * 1024

/** What EventBridge counts: the time as 14 bytes, and every text in UTF-8. */
export function entryBytes({ detailType, detail, resources = [] }: BusEntry): number {
  let bytes = 14 + Buffer.byteLength(EVENT_SOURCE) + Buffer.byteLength(detailType) + Buffer.byteLength(detail)
  for (const resource of resources) bytes += Buffer.byteLength(resource)
  return bytes
}
