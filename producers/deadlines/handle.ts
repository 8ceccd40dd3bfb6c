import { fold, isDeleted, openSteps } from '../../contracts/fold.ts'
import type { MediaDocument, StepDocument } from '../../contracts/generated/documents.ts'
import { MediaReadyV1, ProcessingFailedV1, type ProcessingFailedV1Data } from '../../contracts/generated/events.ts'
import { deadlineSeconds } from '../../contracts/limits.ts'
import { project } from '../../contracts/project.ts'
import { formatRun } from '../../contracts/run.ts'
import { createEvent, detailTypeOf, type MediaEvent } from '../../events/envelope.ts'
import { derivedId, rootId } from '../../events/ids.ts'
import { publish } from '../../events/publish.ts'
import { traceparentOf } from '../../events/traceparent.ts'
import { type Debt, debtPath, OUTBOX, oldDebts, owe, putOff, settleDebts } from '../../ports/outbox/outbox.ts'
import type { FieldChange, Json, Write } from '../../ports/read-model/read-model.ts'
import { type BindPorts, bindUpload, uploaded } from '../runtime/bind-upload.ts'
import { originalKey } from '../runtime/original-key.ts'
import { takeTurn } from './take-turn.ts'

export interface Ports extends BindPorts {
  /** Asked at each deadline, as what other services say may be lost, too. */
  readonly inquiries: readonly Inquiry[]
  /** Hears at once of what failed, such as `media/5f0c…`: a sweep may be stopped before its end. */
  onError(what: string, error: unknown): void
  /** Hears of each media of which steps were given up. */
  onGivenUp(mediaId: string, steps: readonly string[]): void
  /** Milliseconds until the sweep is stopped, wherever it is then. */
  timeLeft(): number
}

/** What became of work that goes on elsewhere: the events that its lost news would have been; none where there are none. */
export type Inquiry = (media: MediaDocument, now: number) => Promise<readonly MediaEvent[]>

/** What one sweep did. */
export interface Sweep {
  readonly published: number
  readonly expired: number
  readonly recovered: number
  readonly reminded: number
  readonly failed: number
  /** Media for which nothing is awaited any more. */
  readonly released: number
  /** What was due, and is left to the next sweep for want of time. */
  readonly postponed: number
}

/** The work on one media, or on one debt, that is due. */
interface Turn {
  /** `media/5f0c…`, `outbox/…`. */
  readonly path: string
  /** Undefined where there was nothing to do any more. */
  take(): Promise<Exclude<keyof Sweep, 'postponed'> | undefined>
}

/** Some of the work failed, and will be due again. */
export class SweepIncomplete extends Error {
  override readonly name = 'SweepIncomplete'
  readonly done: Sweep
  /** Paths of the media, or of what else could not be worked on. */
  readonly left: readonly string[]

  constructor(done: Sweep, left: readonly string[]) {
    super(`${left.length} of what was due failed: ${left.join(', ')}`)
    this.done = done
    this.left = left
  }
}

/** What is younger is still being published by whoever owes it. */
const OUTBOX_GRACE_MS = 60_000
/** How many of each one sweep takes on; the next takes the rest. */
const PAGE = 200
/** No turn takes longer, or it is cut off: with less left, none begins. */
const LONGEST_TURN_MS = 20_000

/**
 * One sweep: a turn for each that is due, the longest due first. Each goes to the end of the line before its turn, so that
 * what fails, hangs or dies keeps nobody from theirs, and is written to at the revision that was read, so that a sweep
 * which comes too late, or twice, changes nothing. Debts and media don't wait for each other.
 * @throws SweepIncomplete once everything was tried that there was time for.
 */
export async function sweep(ports: Ports): Promise<Sweep> {
  const now = ports.clock.now()
  const left: string[] = []
  const done = { published: 0, expired: 0, recovered: 0, reminded: 0, failed: 0, released: 0, postponed: 0 }
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      ports.onError(what, error)
      left.push(what)
      return undefined
    }
  }
  const takeAll = async (turns: readonly Turn[]): Promise<void> => {
    for (const [index, { path, take }] of turns.entries()) {
      const result = await attempt(path, take)
      if (result) done[result] += 1
      if (ports.timeLeft() < LONGEST_TURN_MS) {
        done.postponed += turns.length - index - 1
        return
      }
    }
  }
  await Promise.all([
    attempt(OUTBOX, () => dueDebts(ports, now)).then((turns = []) => takeAll(turns)),
    attempt('media', () => dueMedia(ports, now)).then((turns = []) => takeAll(turns)),
  ])
  if (left.length > 0) throw new SweepIncomplete(done, left)
  return done
}

async function dueDebts(ports: Ports, now: number): Promise<readonly Turn[]> {
  const debts = await oldDebts(ports.readModel, now - OUTBOX_GRACE_MS, PAGE)
  return debts.map((debt) => ({ path: debtPath(debt.event), take: () => publishLeftOver(ports, debt, now) }))
}

async function dueMedia(ports: Ports, now: number): Promise<readonly Turn[]> {
  const atMost = new Date(now).toISOString()
  const due = await ports.readModel.query({ collection: 'media', field: 'deadlineAt', atMost, limit: PAGE })
  return due.map(({ path }) => ({ path, take: () => lookAfter(ports, path, now) }))
}

async function publishLeftOver(ports: Ports, debt: Debt, now: number): Promise<'published' | undefined> {
  if (!(await putOff(ports.readModel, debt, now))) return undefined
  await settleDebts(ports, [debt])
  return 'published'
}

async function lookAfter(ports: Ports, path: string, now: number): ReturnType<Turn['take']> {
  const snapshot = await takeTurn(ports.readModel, path, now)
  if (!snapshot) return undefined
  const media = snapshot.data as unknown as MediaDocument
  const at = { path, revision: snapshot.revision }
  // A restore sets a deadline anew.
  if (isDeleted(media)) return release(ports, at)
  return media.object ? chase(ports, media, at, now) : expire(ports, media, at)
}

interface At {
  readonly path: string
  readonly revision: string
}

function change({ path, revision }: At, fields: readonly FieldChange[]): Write {
  return { kind: 'update', path, ifRevision: revision, fields }
}

/** Nothing can arrive any more. Where something did and nobody was told, the first of it is bound now instead. */
async function expire(ports: Ports, media: MediaDocument, at: At): Promise<'expired' | 'recovered'> {
  const arrived = await ports.objects.versions(originalKey(media))
  if (arrived.length > 0) {
    for (const object of arrived.toReversed()) await bindUpload(ports, media.mediaId, object)
    return 'recovered'
  }
  await ports.readModel.commit([
    change(at, [
      { path: ['expired'], value: true },
      { path: ['deadlineAt'], value: undefined },
    ]),
  ])
  return 'expired'
}

async function release(ports: Ports, at: At): Promise<'released'> {
  await ports.readModel.commit([change(at, [{ path: ['deadlineAt'], value: undefined }])])
  return 'released'
}

/**
 * The first time, the same causes are sent again: steps that are done stay done, the others get another chance. The
 * second time, the steps that are missing are given up. Each time others are asked for news that may be lost.
 */
async function chase(
  ports: Ports,
  media: MediaDocument,
  at: At,
  now: number,
): Promise<'reminded' | 'failed' | 'released'> {
  const answers = async () => (await Promise.all(ports.inquiries.map((inquire) => inquire(media, now)))).flat()
  const say = (events: readonly MediaEvent[]) => publish(ports.bus, events, { sleep: (ms) => ports.clock.sleep(ms) })
  if ((media.reminders ?? 0) === 0) {
    if (media.object) {
      await say([uploaded(media, media.object, now), ...(await toldOf(ports, media, now)), ...(await answers())])
    }
    // Written after that: a sweep that dies on the way is made up for by the next, and no step is given up unheard.
    const later = new Date(now + deadlineSeconds(media.kind) * 1000).toISOString()
    await ports.readModel.commit([
      change(at, [
        { path: ['reminders'], value: 1 },
        { path: ['deadlineAt'], value: later },
      ]),
    ])
    return 'reminded'
  }
  if (fold(media).status !== 'processing') return release(ports, at)
  // What has ended since then mends what is given up here.
  await say(await answers())
  const run = formatRun({ epoch: 0, retry: media.retry })
  const events = openSteps(media).map((step) => gaveUp(media, step, run, now))
  const answer = await ports.readModel.commit([
    change(at, [
      { path: ['deadlineAt'], value: undefined },
      ...events.map((event) => ({
        path: ['steps', event.data.step, run],
        value: project([
          { detailType: detailTypeOf(event), time: event.meta.time, data: event.data },
        ]) as unknown as Json,
      })),
    ]),
    ...events.map((event) => owe({ event }, now)),
  ])
  const debts = events.map((event) => ({ event }))
  if (answer === 'committed') {
    const steps = events.map((event) => event.data.step)
    ports.onGivenUp(media.mediaId, steps)
    await settleDebts(ports, debts)
  }
  return 'failed'
}

/** What the steps of a media have said, and others wait for: a message that was lost may have held any of it. */
async function toldOf({ readModel }: Ports, { mediaId }: MediaDocument, now: number): Promise<readonly MediaEvent[]> {
  const records = await readModel.query({
    collection: `media/${mediaId}/steps`,
    field: 'time',
    atMost: new Date(now).toISOString(),
    limit: PAGE,
  })
  return records
    .map(({ data }) => data as unknown as StepDocument)
    .filter(({ published }) => published)
    .flatMap(({ events }) => events as unknown as readonly MediaEvent[])
    .filter(({ meta }) => meta.type !== MediaReadyV1.name)
}

function gaveUp(media: MediaDocument, step: string, run: string, now: number): MediaEvent<ProcessingFailedV1Data> {
  const cause = rootId([media.object?.key ?? '', media.object?.versionId ?? ''])
  const id = derivedId({ cause, by: 'deadlines', variant: step, run })
  return createEvent(
    ProcessingFailedV1,
    {
      mediaId: media.mediaId,
      kind: media.kind,
      step,
      run,
      code: 'deadline-passed',
      message: `The step ${step} did not end in time. Nothing is wrong with the file; a retry may help.`,
    },
    {
      id,
      time: now,
      subject: media.mediaId,
      run,
      correlationId: media.mediaId,
      causationId: cause,
      traceparent: traceparentOf(cause),
    },
  )
}
