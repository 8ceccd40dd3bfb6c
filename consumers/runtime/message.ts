import type { EventContract } from '../../contracts/event-contract.ts'
import type { MediaEvent, Meta } from '../../events/envelope.ts'
import { parseEvent } from '../../events/parse.ts'
import { replayNamed } from '../../events/replay.ts'

/** One message of a consumer's queue, read: what happened, and whether it is a replay. */
export interface Delivery {
  readonly event: MediaEvent
  readonly contract: EventContract
  /** Set where the message is there because of a replay. */
  readonly replay: Meta['replay']
}

export type Read = { readonly ok: true; readonly delivery: Delivery } | { readonly ok: false; readonly problem: string }

/**
 * Reads the body of an SQS message that an EventBridge rule sent: the event in `detail`, checked and upcast to its newest
 * major. Says why where nobody will ever be able to read it.
 */
export function readMessage(body: string): Read {
  let envelope: unknown
  try {
    envelope = JSON.parse(body)
  } catch (error) {
    return { ok: false, problem: `the message is not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
  if (typeof envelope !== 'object' || envelope === null) return { ok: false, problem: 'the message is not an event' }
  const fields = envelope as Readonly<Record<string, unknown>>
  const detailType = fields['detail-type']
  if (typeof detailType !== 'string') return { ok: false, problem: 'the message has no detail-type' }
  const parsed = parseEvent(fields['detail'], detailType)
  if (!parsed.ok) return parsed

  const replayName = fields['replay-name']
  const { event, contract } = parsed
  // It marks the first hop only: what is published because of it carries the mark in its meta. An event that was
  // published because of an earlier replay, and lies in the archive with that one's mark, belongs to this one now.
  const replay = typeof replayName === 'string' ? replayNamed(replayName) : event.meta.replay
  return { ok: true, delivery: { event, contract, replay } }
}
