import type { BusPort } from '../../events/bus.ts'
import { type MediaEvent, type ReplayMark, withReplay } from '../../events/envelope.ts'
import { PublishFailed, publish } from '../../events/publish.ts'
import type { Clock } from '../clock/clock.ts'
import type { Data, FieldChange, ReadModel, Write } from '../read-model/read-model.ts'

/**
 * Events that are owed to the bus, and that no message will come again for. They are written in the batch that makes
 * them true, and taken out once they are published; what a crash leaves behind, the sweep of `deadlines` publishes.
 */
export const OUTBOX = 'outbox'

/** One event that is owed, and what is to be written down once it is out. */
export interface Debt {
  readonly event: MediaEvent
  /** Of the replay that it is said for, where it is one. */
  readonly replay?: ReplayMark | undefined
  /** Fields of the document that told of it, where one did; left alone where it is gone by then. */
  readonly settles?: { readonly path: string; readonly fields: readonly FieldChange[] } | undefined
}

export interface OutboxPorts {
  readonly bus: BusPort
  readonly readModel: ReadModel
  readonly clock: Clock
}

/** The write that owes `event` to the bus; refused with `exists` where it is owed already. */
export function owe({ event, replay, settles }: Debt, now: number): Write {
  return {
    kind: 'create',
    path: debtPath(event),
    data: {
      time: new Date(now).toISOString(),
      event: event as unknown as Data,
      ...(replay && { replay: replay as unknown as Data }),
      ...(settles && { settles: settles as unknown as Data }),
    },
  }
}

/**
 * Publishes what is owed, then forgets it. A crash in between publishes it again, under the same ids.
 * @throws PublishFailed where the bus did not take some of it, which alone stays owed.
 */
export async function settleDebts({ bus, readModel, clock }: OutboxPorts, debts: readonly Debt[]): Promise<void> {
  if (debts.length === 0) return
  const said = debts.map((debt) => ({ ...debt, marked: withReplay(debt.event, debt.replay) }))
  const failure = await publish(
    bus,
    said.map(({ marked }) => marked),
    { sleep: (milliseconds) => clock.sleep(milliseconds) },
  ).then(() => undefined, publishFailure)
  const refused = new Set(failure?.failures.map(({ event }) => event))
  for (const { event, settles, marked } of said) {
    if (refused.has(marked)) continue
    const forget: Write = { kind: 'delete', path: debtPath(event) }
    const answer = settles && (await readModel.commit([forget, { kind: 'update', ...settles }]))
    if (answer !== 'committed') await readModel.commit([forget])
  }
  if (failure) throw failure
}

function publishFailure(error: unknown): PublishFailed {
  if (error instanceof PublishFailed) return error
  throw error
}

/** What has been owed, or was last put off, at `since` or earlier; the earliest first. */
export async function oldDebts(readModel: ReadModel, since: number, limit: number): Promise<readonly Debt[]> {
  const atMost = new Date(since).toISOString()
  const found = await readModel.query({ collection: OUTBOX, field: 'time', atMost, limit })
  return found.map(({ data }) => data as unknown as Debt)
}

/**
 * Puts a debt behind all others that are owed, to be called before it is published: one that the bus never takes then
 * holds up no other.
 * @returns whether it is still owed.
 */
export async function putOff(readModel: ReadModel, { event }: Debt, now: number): Promise<boolean> {
  const fields = [{ path: ['time'], value: new Date(now).toISOString() }]
  return (await readModel.commit([{ kind: 'update', path: debtPath(event), fields }])) === 'committed'
}

/** Of these debts, those that are still owed. */
export async function stillOwed(readModel: ReadModel, debts: readonly Debt[]): Promise<readonly Debt[]> {
  const found = await readModel.get(debts.map(({ event }) => debtPath(event)))
  return debts.filter((_, index) => found[index] !== undefined)
}

/** Where it is owed. A retry sends the same event again under its own run, maybe while the first is still owed. */
export function debtPath({ meta }: MediaEvent): string {
  return `${OUTBOX}/${meta.id}~${meta.run}`
}
