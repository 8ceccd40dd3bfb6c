import type { BusPort } from '../../events/bus.ts'
import type { MediaEvent } from '../../events/envelope.ts'
import { publish } from '../../events/publish.ts'
import type { Clock } from '../../ports/clock/clock.ts'
import type { Data, ReadModel, Write } from '../../ports/read-model/read-model.ts'

/**
 * Events that a producer owes the bus. They are written in the batch that changes the media, and taken out once they
 * are published; what a crash leaves behind, the sweep of `deadlines` publishes.
 */
export const OUTBOX = 'outbox'

/** The write that owes `event` to the bus; refused with `exists` where it is owed already. */
export function owe(event: MediaEvent, now: number): Write {
  return {
    kind: 'create',
    path: outboxPath(event),
    data: { time: new Date(now).toISOString(), event: event as unknown as Data },
  }
}

/** Publishes what is owed, then forgets it. A crash in between publishes it again, under the same ids. */
export async function settleDebts(
  { bus, readModel, clock }: { readonly bus: BusPort; readonly readModel: ReadModel; readonly clock: Clock },
  events: readonly MediaEvent[],
): Promise<void> {
  if (events.length === 0) return
  await publish(bus, events, { sleep: (milliseconds) => clock.sleep(milliseconds) })
  await readModel.commit(events.map((event) => ({ kind: 'delete', path: outboxPath(event) })))
}

/** Of these events, those that are still owed. */
export async function stillOwed(readModel: ReadModel, events: readonly MediaEvent[]): Promise<readonly MediaEvent[]> {
  const found = await readModel.get(events.map(outboxPath))
  return events.filter((_, index) => found[index] !== undefined)
}

function outboxPath({ meta }: MediaEvent): string {
  return `${OUTBOX}/${meta.id}`
}
