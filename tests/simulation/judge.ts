import { fold, isDeleted, type MediaStatus } from '../../contracts/fold.ts'
import type { MediaDocument, StepDocument } from '../../contracts/generated/documents.ts'
import { parseRun } from '../../contracts/run.ts'
import type { MediaEvent } from '../../events/envelope.ts'
import type { Cloud } from './cloud.ts'
import type { Change } from './store.ts'

export type Lane = 'live' | 'replay'

/** What must always hold does not: the number is docs/protocol.md's. */
export class Broken extends Error {
  override readonly name = 'Broken'
  readonly invariant: string

  constructor(invariant: string, problem: string) {
    super(`${invariant}: ${problem}`)
    this.invariant = invariant
  }
}

/** One event as it was said, each time that it was. */
export interface Saying {
  readonly event: MediaEvent
  readonly detailType: string
  readonly marked: boolean
}

/** Looks at each commit and at each event on the bus, and throws at the first that breaks an invariant. */
export interface Judge {
  readonly said: readonly Saying[]
  committed(changes: readonly Change[]): void
  published(event: MediaEvent, detailType: string, lane: Lane | undefined): void
  /** What was found, wherever it was: the handlers themselves would take it for an error to be retried. */
  readonly verdict: Broken | undefined
}

const RANK: Readonly<Record<MediaStatus, number>> = {
  reserved: 0,
  uploading: 1,
  expired: 2,
  processing: 3,
  failed: 4,
  ready: 5,
  rejected: 6,
  deleted: 7,
  purged: 8,
}

export function makeJudge(cloud: Cloud): Judge {
  const said: Saying[] = []
  /** The one id under which each thing may be said. */
  const ids = new Map<string, string>()
  let verdict: Broken | undefined
  const broken = (invariant: string, problem: string) => {
    verdict ??= new Broken(invariant, problem)
  }
  const mediaOf = (path: string) => cloud.media(path.split('/')[1] ?? '')

  function judgeMedia(path: string, before: MediaDocument, after: MediaDocument): void {
    if (before.object && before.object.versionId !== after.object?.versionId) {
      broken('I12', `${path} was bound to ${before.object.versionId}, now to ${after.object?.versionId}`)
    }
    if (before.required && String(before.required) !== String(after.required)) {
      broken('I12', `${path} requires other steps than when it was bound`)
    }
    for (const [step, runs] of Object.entries(before.steps)) {
      for (const [run, result] of Object.entries(runs)) {
        const now = after.steps[step]?.[run]
        if (now !== result && (result.outcome !== 'failed' || now === undefined)) {
          broken('I2', `${path} had a result of ${step} ${run}, and it was written over`)
        }
      }
    }
    for (const [step, runs] of Object.entries(after.steps)) {
      for (const [run, result] of Object.entries(runs)) {
        if (result.outcome === 'failed' && before.steps[step]?.[run] !== result && !(before.reminders ?? 0)) {
          broken('I1', `${step} ${run} of ${path} was given up before its cause was sent again`)
        }
      }
    }
    if (after.life < before.life || after.retry < before.retry) broken('I2', `${path}: a counter went back`)
    const [from, to] = [fold(before).status, fold(after).status]
    const isNumbered = after.life !== before.life || after.retry !== before.retry || maxEpoch(after) > maxEpoch(before)
    if (after.retry > before.retry && from === 'failed' && to !== 'processing') {
      broken('I1', `a retry of ${path} was asked for, and it is ${to}`)
    }
    if (RANK[to] < RANK[from] && !isNumbered) broken('I2', `${path} went from ${from} back to ${to}`)
  }

  function judgeRecord(path: string, before: StepDocument | undefined, after: StepDocument): void {
    if (before) {
      for (const field of Object.keys(after) as (keyof StepDocument)[]) {
        if (field !== 'published' && after[field] !== before[field]) {
          broken('I3', `${path} was done already, and its ${field} was written over`)
        }
      }
      if (before.published && !after.published) broken('I3', `${path} was published, and is not any more`)
      return
    }
    if (after.consumer === 'ready' || after.consumer === 'rejected' || after.outcome === 'skipped') return
    const media = mediaOf(path)
    if (!media) {
      broken('I7', `${path} was made without its media`)
      return
    }
    if (!media.steps[after.consumer]?.[after.run]) broken('I7', `${path} was made, and the media knows nothing of it`)
    if (media.kind !== 'image') broken('I3', `${path}: ${after.consumer} is not for a ${media.kind}`)
  }

  return {
    said,
    get verdict() {
      return verdict
    },
    committed(changes) {
      for (const { path, before, after } of changes) {
        const [collection, , steps] = path.split('/')
        if (collection !== 'media') continue
        if (!after) {
          if (steps && mediaOf(path) && !cloud.purged.has(path.split('/')[1] ?? ''))
            broken('I3', `${path} was deleted, and its media was not`)
          continue
        }
        if (steps) {
          judgeRecord(path, before as StepDocument | undefined, after as unknown as StepDocument)
        } else if (before) {
          judgeMedia(path, before as unknown as MediaDocument, after as unknown as MediaDocument)
        }
      }
    },
    published(event, detailType, lane) {
      const { meta, data } = event
      const marked = meta.replay !== undefined
      said.push({ event, detailType, marked })
      if (lane && marked !== (lane === 'replay')) {
        broken('I8', `${detailType} ${meta.id} was said by the ${lane} lane ${marked ? 'with' : 'without'} a mark`)
      }
      if (meta.actor === 'a stranger') return
      const step = (data as { readonly step?: string }).step
      // One file is found at fault once; of anything else each step speaks for itself.
      const variant = meta.type === 'ProcessingFailed' ? step : meta.type === 'MediaReady' ? JSON.stringify(data) : ''
      // Sent again for a retry it is still the same fact.
      const run = meta.type === 'MediaUploaded' ? '' : meta.run
      const what = `${meta.subject} ${meta.type} ${run} ${variant}`
      const known = ids.get(what)
      if (known !== undefined && known !== meta.id) broken('I3', `${what} was said as ${known} and as ${meta.id}`)
      ids.set(what, meta.id)
      const media = cloud.media(meta.subject)
      if (!media) return
      if (meta.type === 'MediaUploaded') {
        const { object } = data as { readonly object: { readonly versionId: string } }
        if (media.object?.versionId !== object.versionId) broken('I12', `${what} names bytes that were not bound`)
      }
      if (meta.type === 'MediaReady' && !isDeleted(media)) {
        const { status } = fold(media)
        if (status !== 'ready' && status !== 'rejected') broken('I7', `${what} was said of a media that is ${status}`)
      }
    },
  }
}

function maxEpoch(media: MediaDocument): number {
  const runs = Object.values(media.steps).flatMap((byRun) => Object.keys(byRun))
  return Math.max(0, ...runs.map((run) => parseRun(run).epoch))
}
