import { fold } from '../../contracts/fold.ts'
import { MediaReadyV1 } from '../../contracts/generated/events.ts'
import { compareRuns, FIRST_RUN } from '../../contracts/run.ts'
import type { BusPort } from '../../events/bus.ts'
import { createEvent, type Meta } from '../../events/envelope.ts'
import { derivedId } from '../../events/ids.ts'
import type { Clock } from '../../ports/clock/clock.ts'
import { type Debt, owe, settleDebts } from '../../ports/outbox/outbox.ts'
import type { ReadModel } from '../../ports/read-model/read-model.ts'
import { createRecord, isAlive, markPublished, mediaPath, type RecordKey, readStanding } from './records.ts'

/** What was being acknowledged when it was seen that all is done. */
export interface Announcer {
  readonly key: RecordKey
  readonly cause: Meta
}

/**
 * Reads the media, and where every required step has succeeded publishes MediaReady, once for each set of winning runs:
 * its id is made of them. Whoever acknowledges a message comes through here after its own write. The first to make the
 * record says it; dies that one on the way, the sweep does, as other runs may have won when its message comes again.
 */
export async function announceIfReady(
  ports: { readonly readModel: ReadModel; readonly bus: BusPort; readonly clock: Clock },
  { key: by, cause }: Announcer,
  replay: Meta['replay'],
): Promise<void> {
  const { readModel, clock } = ports
  const { media } = await readStanding(readModel, by)
  if (!isAlive(media)) return
  const { status, steps } = fold(media)
  if (status !== 'ready') return

  const winners = steps.filter(({ name }) => media.required?.includes(name)).map(({ name, run }) => ({ name, run }))
  const run = winners.map((winner) => winner.run).reduce((a, b) => (compareRuns(a, b) > 0 ? a : b), FIRST_RUN)
  const variant = winners.map((winner) => `${winner.name}@${winner.run}`).join(' ')
  const id = derivedId({ cause: media.mediaId, by: 'ready', variant, run })
  const key: RecordKey = { mediaId: media.mediaId, name: 'ready', source: id, run }
  const time = clock.now()
  const event = createEvent(
    MediaReadyV1,
    { mediaId: media.mediaId, kind: media.kind, steps: winners },
    {
      id,
      time,
      subject: media.mediaId,
      run,
      correlationId: cause.correlationId,
      causationId: cause.id,
      traceparent: cause.traceparent,
    },
  )
  const debt: Debt = { event, replay, settles: markPublished(key) }
  const answer = await readModel.commit([
    createRecord(key, {
      outcome: 'succeeded',
      message: `${by.name}~${by.source}~${by.run}`,
      events: [event],
      time: new Date(time).toISOString(),
      tries: 1,
    }),
    owe(debt, time),
    { kind: 'update', path: mediaPath(media.mediaId), fields: [{ path: ['deadlineAt'], value: undefined }] },
  ])
  if (answer === 'committed') await settleDebts(ports, [debt])
}
