import { fold, isDeleted, type MediaStatus, type MediaView } from '../../contracts/fold.ts'
import type { MediaDocument, StepDocument } from '../../contracts/generated/documents.ts'
import { CHECKS, requiredSteps } from '../../contracts/required-steps.ts'
import { parseRun } from '../../contracts/run.ts'
import type { MediaEvent } from '../../events/envelope.ts'
import { verdictOf } from '../../producers/runtime/malware-scan.ts'
import type { Cloud } from './cloud.ts'
import type { Change } from './store.ts'
import { flawsOf, sourceOf } from './uploads.ts'

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
  broken(invariant: string, problem: string): void
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

/** Documents are never changed here, only replaced: what one means is found out once. */
const views = new WeakMap<MediaDocument, MediaView>()

function folded(media: MediaDocument): MediaView {
  const known = views.get(media)
  if (known) return known
  const view = fold(media)
  views.set(media, view)
  return view
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
    if (!before.object && after.object) {
      const wanted = requiredSteps(after.kind, cloud.checks)
      if (String(after.required) !== String(wanted)) {
        broken('I9', `${path} requires ${after.required}, and not ${wanted}`)
      }
    }
    for (const [number, decision] of Object.entries(before.overrides ?? {})) {
      if (after.overrides?.[number] !== decision) broken('I2', `decision ${number} on ${path} was written over`)
    }
    const [machine, looked] = [before.steps['moderate-content'] ?? {}, after.steps['moderate-content'] ?? {}]
    if (before.overrides && Object.keys(looked).some((run) => looked[run] !== machine[run])) {
      broken('I2', `a machine decided on ${path} after a person`)
    }
    for (const [attempt, reached] of Object.entries(before.progress ?? {})) {
      const lost = Object.keys(reached).find((mark) => after.progress?.[attempt]?.[mark] === undefined)
      if (lost !== undefined) broken('I2', `${path} had come to ${lost}, and went back`)
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
        const isGivenUp = result.code === 'deadline-passed' && before.steps[step]?.[run] !== result
        if (isGivenUp && !(before.reminders ?? 0)) {
          broken('I1', `${step} ${run} of ${path} was given up before its cause was sent again`)
        }
      }
    }
    if (after.life < before.life || after.retry < before.retry) broken('I2', `${path}: a counter went back`)
    const [was, is] = [folded(before), folded(after)]
    const [from, to] = [was.status, is.status]
    const isNumbered =
      after.life !== before.life ||
      after.retry !== before.retry ||
      after.overrides !== before.overrides ||
      maxEpoch(after) > maxEpoch(before)
    if (after.retry > before.retry && from === 'failed' && to !== 'processing') {
      broken('I1', `a retry of ${path} was asked for, and it is ${to}`)
    }
    // What failed and then succeeded all the same has been mended: the others are waited for again.
    const isMended = from === 'failed' && to === 'processing' && was.reason?.step !== is.reason?.step
    if (RANK[to] < RANK[from] && !isNumbered && !isMended) broken('I2', `${path} went from ${from} back to ${to}`)
    if (is.cleared && !was.cleared) {
      const unpassed = uncheckedOf(cloud, after)
      if (unpassed !== undefined) broken('I9', `${path} may be shown, and ${unpassed} has not passed its bytes`)
    }
    if ((is.progress ?? 0) < (was.progress ?? 0)) broken('I2', `${path} was at ${was.progress}, is at ${is.progress}`)
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
    if (cloud.strangers.has(after.source))
      broken('I12', `${path} was made for an event of other bytes, or another kind`)
    if (!isStep(after) || after.outcome === 'skipped') return
    const media = mediaOf(path)
    if (!media) {
      broken('I7', `${path} was made without its media`)
      return
    }
    if (!media.steps[after.consumer]?.[after.run]) broken('I7', `${path} was made, and the media knows nothing of it`)
  }

  return {
    said,
    broken,
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
      const what = `${meta.subject} ${meta.type} ${variantOf(event)}`
      const known = ids.get(what)
      if (known !== undefined && known !== meta.id) broken('I3', `${what} was said as ${known} and as ${meta.id}`)
      ids.set(what, meta.id)
      const media = cloud.media(meta.subject)
      if (!media) return
      const { object } = data as { readonly object?: { readonly versionId: string } }
      if (object && media.object?.versionId !== object.versionId)
        broken('I12', `${what} names bytes that were not bound`)
      if (object && meta.type === 'MalwareScanCompleted') {
        const { verdict } = data as { readonly verdict: string }
        const isFound = cloud.scanner.found(object).some((status) => verdictOf(status) === verdict)
        if (!isFound) broken('I9', `${what} was said of bytes of which no scan said so`)
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

/** Whether a record tells of a consumer's work, and not of what was decided by it or by people. */
export function isStep({ consumer }: StepDocument): boolean {
  return !['ready', 'rejected', 'override-moderation'].includes(consumer)
}

/** What producers say is no step's result: it is the same fact, whatever retry it is said for. */
export const FACTS: readonly string[] = [
  'MediaUploadRequested',
  'MediaUploaded',
  'MalwareScanCompleted',
  'ModerationOverridden',
  'VideoTranscoded',
  'VideoTranscodeProgressed',
  'TranscodeFailed',
]

/** Tells things of one type and media apart that are not the same fact. */
function variantOf({ meta: { type, run, causationId }, data }: MediaEvent): string {
  const told = data as Readonly<Record<string, unknown>>
  switch (type) {
    case 'MediaUploadRequested':
    case 'MediaUploaded':
      return ''
    case 'MalwareScanCompleted':
      return String(told['verdict'])
    case 'ModerationOverridden':
      return String(told['number'])
    case 'VideoTranscoded':
    case 'TranscodeFailed':
      return `${run} ${told['jobId']}`
    case 'VideoTranscodeProgressed':
      return `${told['jobId']} ${told['percent']}`
    case 'MediaReady':
      return `${run} ${JSON.stringify(data)}`
    case 'ProcessingFailed':
      return `${run} ${told['step']} ${causationId}`
    // One file is found at fault once; of anything else each step speaks for itself.
    default:
      return run
  }
}

/** A check that these bytes need and that has not passed them, whatever the document says; undefined where all have. */
export function uncheckedOf({ scanner, storage, eyes }: Cloud, media: MediaDocument): string | undefined {
  const { object, required = [], overrides = {} } = media
  const found = object && storage.find(object)
  if (!found) return undefined
  const source = sourceOf(found.bytes)
  const flaws = flawsOf(found.bytes)
  const latest = Math.max(0, ...Object.keys(overrides).map(Number))
  const passed: Readonly<Record<string, boolean>> = {
    'scan-malware': scanner.found(object).includes('NO_THREATS_FOUND'),
    'moderate-content':
      overrides[latest]?.verdict === 'approved' || (eyes.moderated.has(source) && !flaws.includes('nude')),
    'detect-face': eyes.faced.has(source) && !flaws.includes('faceless'),
  }
  return CHECKS.find((check) => required.includes(check) && !passed[check])
}
