import { isDecidedByPerson, isVerdict, winningRun } from '../../contracts/fold.ts'
import type { StepDocument } from '../../contracts/generated/documents.ts'
import { MediaRejectedV1, ProcessingFailedV1 } from '../../contracts/generated/events.ts'
import { project } from '../../contracts/project.ts'
import { CHECKS } from '../../contracts/required-steps.ts'
import { compareRuns, formatRun, parseRun } from '../../contracts/run.ts'
import type { BusPort } from '../../events/bus.ts'
import { createEvent, detailTypeOf, type MediaEvent, withReplay } from '../../events/envelope.ts'
import { derivedId } from '../../events/ids.ts'
import { parseEvent } from '../../events/parse.ts'
import { isWanted } from '../../events/pattern.ts'
import { publish } from '../../events/publish.ts'
import type { Clock } from '../../ports/clock/clock.ts'
import type { SourceQueue } from '../../ports/queue/queue.ts'
import type { Json, ReadModel, Write } from '../../ports/read-model/read-model.ts'
import { announceIfReady } from './announce.ts'
import type { Consumer, ConsumerPorts, Need } from './define-consumer.ts'
import { type Delivery, readMessage } from './message.ts'
import { type Draft, emit, emitAll, type Outcome, shortened } from './outcomes.ts'
import { trackOutputs } from './outputs.ts'
import {
  createRecord,
  eventsOf,
  isAlive,
  isRejected,
  markPublished,
  mediaPath,
  type RecordKey,
  readStanding,
  type Standing,
} from './records.ts'

/** What the runtime works with, beside what the handler needs. */
export interface RuntimePorts {
  readonly readModel: ReadModel
  readonly bus: BusPort
  readonly queue: Pick<SourceQueue, 'deadLetter'>
  readonly clock: Clock
}

export interface Message {
  readonly body: string
  /** How often it was received, this time included. */
  readonly receiveCount: number
}

/** How a message was settled; all of them acknowledge it. */
export type Settled =
  | { readonly kind: 'unreadable'; readonly problem: string }
  | { readonly kind: 'ignored'; readonly reason: string }
  | {
      readonly kind: 'done'
      readonly mediaId: string
      readonly outcome: StepDocument['outcome'] | 'repeated'
      /** Of what is repeated: the outcome that was written down before. */
      readonly recorded?: StepDocument['outcome']
      /** Why, or what is missing, as the step's record says it. */
      readonly message?: string
    }

/**
 * Takes one message of a consumer's queue to its end: reads it, does the work where it was not done, commits the result
 * and what is to be said of it together, publishes, and says that the media is ready where this was the last step.
 * Doing it again, or at the same time elsewhere, adds nothing. The steps are numbered as in docs/protocol.md.
 *
 * @throws whatever is transient; the message then comes again.
 */
export async function settle<D, N extends Need>(
  consumer: Consumer<D, N>,
  message: Message,
  runtime: RuntimePorts,
  ports: Pick<ConsumerPorts, N>,
): Promise<Settled> {
  // 1. Read it.
  const read = readMessage(message.body)
  if (!read.ok) {
    await runtime.queue.deadLetter(message.body, read.problem)
    return { kind: 'unreadable', problem: read.problem }
  }
  const { delivery } = read
  const { event, replay } = delivery
  if (!isWanted(consumer.on, delivery)) return { kind: 'ignored', reason: `${event.meta.type} is not asked for` }

  // 2. Which run this is.
  const forced = replay?.mode === 'force'
  const run = formatRun({ epoch: forced ? replay.epoch : 0, retry: parseRun(event.meta.run).retry })
  const key: RecordKey = { mediaId: event.meta.subject, name: consumer.name, source: event.meta.id, run }

  // 3. How things stand.
  const standing = await readStanding(runtime.readModel, key)
  if (!isAlive(standing.media)) {
    // What was written down before it went is said all the same.
    if (standing.record) await sayOnce(runtime, key, standing.record, replay)
    return { kind: 'ignored', reason: 'the media is gone' }
  }
  if (!isBoundTo(standing.media.object, event)) return { kind: 'ignored', reason: 'the media has other bytes' }

  // 4. Done already?
  const done = await findDone(runtime.readModel, key, standing, replay)
  if (done) {
    if (done.record) await sayOnce(runtime, done.key, done.record, replay)
    if (done.record && !replay && parseRun(run).retry > parseRun(done.key.run).retry) {
      const adopted = await adopt(runtime, key, done.record, message.receiveCount)
      if (adopted) await sayOnce(runtime, key, adopted, replay)
    }
    await announceIfReady(runtime, { key, cause: event.meta }, replay)
    return { kind: 'done', mediaId: key.mediaId, outcome: 'repeated', ...recordedIn(done.record) }
  }
  if (isDecidedByPerson(standing.media, consumer.name)) {
    await announceIfReady(runtime, { key, cause: event.meta }, replay)
    return { kind: 'ignored', reason: 'a person has decided' }
  }
  // But checks are made all the same: whoever is to look at what was refused must know whether it is safe.
  if (isRejected(standing.media) && !forced && !CHECKS.includes(consumer.name)) {
    return { kind: 'ignored', reason: 'the media was rejected already' }
  }

  // 5. The work.
  const startedAt = runtime.clock.now()
  const outputs = trackOutputs(ports)
  const worked = { ...ports, ...outputs.ports }
  // Work that goes on elsewhere, and tells of its end by itself, must tell of which run, and of which replay.
  const mine = withReplay({ ...event, meta: { ...event.meta, run } }, replay) as MediaEvent<D>
  const outcome = await consumer.handle(mine, worked, standing.media.object)

  // 6. Result and events, together or not at all.
  const events = stamp(consumer, outcome, delivery, run, runtime.clock.now())
  const committed = await commit(runtime, key, { outcome, events, startedAt, tries: message.receiveCount })
  if (committed.kind === 'gone') {
    await outputs.discard()
    return { kind: 'ignored', reason: 'the media went while it was worked on' }
  }
  // 7. What is stored counts, whoever stored it. Outputs that lost stay as long as their media does: the very same
  // version may be what another run speaks of.
  // 8. and 9. Say it, then look whether all is done: whoever writes last is sure to see the others' writes.
  if (committed.record) await sayOnce(runtime, key, committed.record, replay)
  await announceIfReady(runtime, { key, cause: event.meta }, replay)
  const { outcome: stored = 'repeated', message: told } = committed.record ?? {}
  return { kind: 'done', mediaId: key.mediaId, outcome: stored, ...(told !== undefined && { message: told }) }
}

function recordedIn(
  record: StepDocument | undefined,
): Pick<Extract<Settled, { kind: 'done' }>, 'recorded' | 'message'> {
  return record ? { recorded: record.outcome, ...(record.message !== undefined && { message: record.message }) } : {}
}

/** Events that name the original name the version that was bound; anything else is an earlier life's or a stranger's. */
function isBoundTo(bound: { readonly versionId: string } | undefined, event: MediaEvent): boolean {
  const named = (event.data as { readonly object?: { readonly versionId?: unknown } }).object
  return named === undefined || named.versionId === bound?.versionId
}

/**
 * The record of this very cause and run; else, unless forced, that of a run that has succeeded. Where another cause has
 * brought this very run to its success, there is nothing of this one to say: a second verdict would find no place. Nor
 * has a replay anything to add below a run that another cause has brought to its success: that one counts.
 */
async function findDone(
  readModel: ReadModel,
  key: RecordKey,
  { media, record }: Standing,
  replay: Delivery['replay'],
): Promise<{ readonly key: RecordKey; readonly record: StepDocument | undefined } | undefined> {
  if (record) return { key, record }
  const runs = media?.steps[key.name] ?? {}
  const winner = replay?.mode === 'force' ? undefined : winningRun(runs)
  if (winner?.result.outcome === 'succeeded') {
    const winningKey = { ...key, run: winner.run }
    const earlier = (await readStanding(readModel, winningKey)).record
    if (earlier) return { key: winningKey, record: earlier }
    if (replay && compareRuns(winner.run, key.run) > 0) return { key: winningKey, record: undefined }
  }
  return runs[key.run]?.outcome === 'succeeded' ? { key, record: undefined } : undefined
}

function stamp<D, N extends Need>(
  consumer: Consumer<D, N>,
  outcome: Outcome,
  { event }: Delivery,
  run: string,
  time: number,
): readonly MediaEvent[] {
  if (outcome.kind === 'skipped') return []
  const { kind } = event.data as { readonly kind: string }
  return draftsOf(outcome, { mediaId: event.meta.subject, kind, step: consumer.name, run }).map(
    ({ contract, data, variant }) => {
      if (!consumer.emits.some(({ detailType }) => detailType === contract.detailType)) {
        throw new Error(`${consumer.name} says ${contract.detailType}, which its declaration's \`emits\` does not list`)
      }
      return createEvent(contract as never, data as never, {
        id: derivedId({ cause: event.meta.id, by: consumer.name, variant: `${contract.detailType}${variant}`, run }),
        time,
        subject: event.meta.subject,
        run,
        correlationId: event.meta.correlationId,
        causationId: event.meta.id,
        traceparent: event.meta.traceparent,
      })
    },
  )
}

/** What is to be said of an outcome: a refusal and a failure have their events, whatever else the handler tells of. */
function draftsOf(
  outcome: Exclude<Outcome, { readonly kind: 'skipped' }>,
  { run, ...step }: { readonly mediaId: string; readonly kind: string; readonly step: string; readonly run: string },
): readonly Draft[] {
  switch (outcome.kind) {
    case 'emitted':
      return outcome.drafts
    case 'rejected':
      return [
        ...outcome.also,
        ...emit(MediaRejectedV1, { ...step, code: outcome.code, message: shortened(outcome.message) }).drafts,
      ]
    case 'failed':
      return [
        ...outcome.also,
        ...emit(ProcessingFailedV1, { ...step, run, code: outcome.code, message: shortened(outcome.message) }).drafts,
      ]
  }
}

type Committed =
  /**
   * The record that stands under the key now; undefined where the step came to a verdict in this run for another cause, a
   * person decided, or the media was rejected by another step.
   */
  { readonly kind: 'stands'; readonly record: StepDocument | undefined } | { readonly kind: 'gone' }

interface Result {
  readonly outcome: Outcome
  readonly events: readonly MediaEvent[]
  readonly startedAt: number
  readonly tries: number
}

async function commit({ readModel, clock }: RuntimePorts, key: RecordKey, result: Result): Promise<Committed> {
  for (;;) {
    const standing = await readStanding(readModel, key)
    if (!standing.media) return { kind: 'gone' }
    if (standing.record) return { kind: 'stands', record: standing.record }
    // One run may have several causes, such as two scans of the same bytes: the first verdict of them stands.
    const known = standing.media.steps[key.name]?.[key.run]
    if (known && isVerdict(known)) return { kind: 'stands', record: undefined }
    // Nor does a machine decide after a person who was faster.
    if (isDecidedByPerson(standing.media, key.name)) return { kind: 'stands', record: undefined }

    const [record, ...others] = writesOf(key, result, clock.now(), standing.revision)
    const answer = await readModel.commit([record, ...others])
    if (answer === 'committed') return { kind: 'stands', record: record.data as unknown as StepDocument }
    if (answer === 'missing') return { kind: 'gone' }
    if (answer === 'exists') return { kind: 'stands', record: (await readStanding(readModel, key)).record }
    // Somebody else wrote to the media: look again.
  }
}

/** The record, and what else becomes true with it. */
function writesOf(
  key: RecordKey,
  { outcome, events, startedAt, tries }: Result,
  now: number,
  revision: string | undefined,
): readonly [record: Extract<Write, { kind: 'create' }>, ...others: Write[]] {
  const told = {
    outcome: outcome.kind === 'emitted' ? ('succeeded' as const) : outcome.kind,
    ...((outcome.kind === 'rejected' || outcome.kind === 'failed') && { code: outcome.code, message: outcome.message }),
    ...(outcome.kind === 'skipped' && { message: outcome.reason }),
    ...(outcome.kind === 'emitted' && outcome.note !== undefined && { message: outcome.note }),
    startedAt: new Date(startedAt).toISOString(),
    time: new Date(now).toISOString(),
    tries,
  }
  const others: Write[] = []
  if (events.length > 0) {
    const stepRun = project(
      events.map((event) => ({ detailType: detailTypeOf(event), time: event.meta.time, data: event.data })),
    )
    others.push({
      kind: 'update',
      path: mediaPath(key.mediaId),
      ...(revision !== undefined && { ifRevision: revision }),
      fields: [
        { path: ['steps', key.name, key.run], value: stepRun as unknown as Json },
        // Nothing more is awaited of a rejected media.
        ...(outcome.kind === 'rejected' ? [{ path: ['deadlineAt'], value: undefined }] : []),
      ],
    })
  }
  // One step's refusal of a file is enough: the first to make this mark says it, for all of the run.
  if (outcome.kind === 'rejected') {
    others.push(
      createRecord({ ...key, name: 'rejected', source: key.mediaId }, { ...told, message: key.name, events: [] }),
    )
  }
  return [createRecord(key, { ...told, events }), ...others]
}

/** Publishes a record's events unless they are out, with the replay's mark where this is one, and writes that down. */
async function sayOnce(
  { bus, readModel, clock }: RuntimePorts,
  key: RecordKey,
  record: StepDocument,
  replay: Delivery['replay'],
): Promise<void> {
  if (record.published) return
  const events = eventsOf(record).map((event) => withReplay(event, replay))
  await publish(bus, events, { sleep: (milliseconds) => clock.sleep(milliseconds) })
  await readModel.commit([markPublished(key)])
}

/**
 * A retry goes through what was done before: its result is written down and told again under the retry's own run, so that
 * whoever comes after this step hears of it and does what it has not done. The ids are made of what was said first.
 */
async function adopt(
  runtime: RuntimePorts,
  key: RecordKey,
  record: StepDocument,
  tries: number,
): Promise<StepDocument | undefined> {
  const { name, run } = key
  const retold = eventsOf(record)
    .map(lifted)
    .map(({ meta, data }) => ({
      meta: { ...meta, id: derivedId({ cause: meta.id, by: name, variant: 'retry', run }), run },
      data,
    }))
  const adopted = await commit(runtime, key, {
    outcome: emitAll(),
    events: retold,
    startedAt: runtime.clock.now(),
    tries,
  })
  return adopted.kind === 'gone' ? undefined : adopted.record
}

/** As today's build tells it: a record may have been written before a newer major came. */
function lifted(event: MediaEvent): MediaEvent {
  const parsed = parseEvent(event, detailTypeOf(event))
  if (!parsed.ok) throw new Error(`what a step said can't be read any more: ${parsed.problem}`)
  return parsed.event
}
