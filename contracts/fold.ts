import type { MediaDocument } from './generated/documents.ts'
import type {
  AudioRendition,
  Details,
  Face,
  Handling,
  Metadata,
  Moderation,
  Rendition,
  StepRun,
  Stream,
  VideoRendition,
} from './generated/shapes.ts'
import { MAKING_STEPS } from './required-steps.ts'
import { compareRuns, FIRST_RUN, parseRun } from './run.ts'

/**
 * Where a media is. `rejected`: the file is at fault, and the person can act. `failed`: we are at fault, and a retry may
 * help. `deleted` can be restored; `purged` is gone for good. `uploading` is an app's own to show: nobody else knows of
 * bytes that are on their way, and `fold` gives `reserved` until all of them have come.
 */
export type MediaStatus =
  | 'reserved'
  | 'uploading'
  | 'expired'
  | 'processing'
  | 'failed'
  | 'ready'
  | 'rejected'
  | 'deleted'
  | 'purged'

/** What a media's document means: the same for the app, the API and the operators. */
export interface MediaView {
  readonly status: MediaStatus
  /** Why it was rejected or failed. */
  readonly reason?: { readonly step: string; readonly code: string; readonly message: string }
  /**
   * Whether others may see something of it: its bytes are there, every check that it needs has passed for these very
   * bytes, and nobody has refused or deleted it. What isn't known for sure is not cleared.
   */
  readonly cleared: boolean
  /** Of a picture. */
  readonly metadata?: Metadata
  /** Of anything else. */
  readonly details?: Details
  readonly thumbnails: readonly Rendition[]
  readonly thumbhash?: string
  readonly variants: readonly Rendition[]
  /** Single-file forms of a video, best first. */
  readonly videos: readonly VideoRendition[]
  readonly stream?: Stream
  /** Percent of the stream that is made, while it is. */
  readonly progress?: number
  /** Forms of a voice note, best supported first. */
  readonly audios: readonly AudioRendition[]
  /** base64 of 64 bytes: the wave of a voice note. */
  readonly peaks?: string
  readonly durationMs?: number
  /** Of a file's first page. */
  readonly previews: readonly Rendition[]
  readonly handling?: Handling
  readonly avatars: readonly Rendition[]
  readonly face?: Face
  readonly moderation?: Moderation
  /** Each step that has come to an end, with the run that counts; by name. */
  readonly steps: readonly StepResult[]
}

export interface StepResult {
  readonly name: string
  readonly run: string
  readonly result: StepRun
}

/**
 * The status and the results of a media, as one pure function of its document. The order in which the steps wrote is not
 * in it, nor any time: for each step the highest run that came to a verdict counts, and the statuses have their rank.
 */
export function fold(media: MediaDocument): MediaView {
  const overridden = override(media)
  const steps = Object.entries(media.steps)
    .flatMap(([name, runs]) => {
      const winner = winningRun(runs)
      return winner && name !== overridden?.name ? [{ name, ...winner }] : []
    })
    .concat(overridden ?? [])
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const results = new Map(steps.map(({ name, result }) => [name, result]))
  const rejected = steps.find(({ result }) => result.outcome === 'rejected')
  const failed = steps.find((step) => hasFailed(media, step) && media.required?.includes(step.name))
  const status = statusOf(media, results, rejected, failed)
  const culprit = status === 'rejected' ? rejected : status === 'failed' ? failed : undefined
  const merged = Object.assign({}, ...steps.map(({ result }) => result)) as Partial<StepRun>

  return {
    status,
    ...(culprit && {
      reason: { step: culprit.name, code: culprit.result.code ?? 'unknown', message: culprit.result.message ?? '' },
    }),
    cleared: ['processing', 'failed', 'ready'].includes(status) && checksHavePassed(media, results),
    ...present(merged, ['metadata', 'details', 'thumbhash', 'stream', 'peaks', 'durationMs']),
    ...present(merged, ['handling', 'face', 'moderation']),
    ...progressOf(media),
    thumbnails: merged.thumbnails ?? [],
    variants: merged.variants ?? [],
    videos: steps
      .flatMap(({ result }) => result.videos ?? [])
      .sort((a, b) => Math.min(b.width, b.height) - Math.min(a.width, a.height) || b.bitsPerSecond - a.bitsPerSecond),
    audios: merged.audios ?? [],
    previews: merged.previews ?? [],
    avatars: merged.avatars ?? [],
    steps,
  }
}

/** A step that isn't known here may be a check of a newer build, or of an older one: it counts as one. */
function checksHavePassed({ required }: MediaDocument, results: ReadonlyMap<string, StepRun>): boolean {
  const checks = required?.filter((name) => !MAKING_STEPS.includes(name))
  return checks?.every((name) => results.get(name)?.outcome === 'succeeded') ?? false
}

function present<K extends keyof StepRun>(merged: Partial<StepRun>, names: readonly K[]): Partial<Pick<StepRun, K>> {
  const found: Partial<Pick<StepRun, K>> = {}
  for (const name of names) if (merged[name] !== undefined) found[name] = merged[name]
  return found
}

/** The highest tenth that any attempt has reached: late and repeated news change nothing. */
function progressOf({ progress }: MediaDocument): { readonly progress?: number } {
  const tenths = Object.values(progress ?? {}).flatMap((reached) =>
    Object.keys(reached).map((mark) => Number(mark.replace(/^p/, ''))),
  )
  return tenths.length > 0 ? { progress: Math.max(...tenths) } : {}
}

/** A moderator's decision stands in for the step's, for the bytes that it was made on; the highest number counts. */
function override({ overrides, object, steps }: MediaDocument): StepResult | undefined {
  const [latest] = Object.entries(overrides ?? {})
    .filter(([, { versionId }]) => versionId === object?.versionId)
    .sort(([a], [b]) => Number(b) - Number(a))
  if (!latest) return undefined
  const [, { verdict, time }] = latest
  const name = 'moderate-content'
  const machine = winningRun(steps[name] ?? {})
  const { labels, model } = machine?.result.moderation ?? { labels: [], model: 'moderator' }
  return {
    name,
    run: machine?.run ?? FIRST_RUN,
    result: {
      time,
      moderation: { verdict, labels, model },
      ...(verdict === 'approved'
        ? { outcome: 'succeeded' }
        : { outcome: 'rejected', code: 'not-allowed', message: 'A moderator found that this may not be shown.' }),
    },
  }
}

/** Whether a person has decided what this step would decide, for the bytes that the media has: its own word counts no more. */
export function isDecidedByPerson(media: MediaDocument, step: string): boolean {
  return override(media)?.name === step
}

/** The required steps that have come to no end yet, in the try that was asked for last. */
export function openSteps(media: MediaDocument): readonly string[] {
  return (media.required ?? []).filter((name) => {
    if (override(media)?.name === name) return false
    const winner = winningRun(media.steps[name] ?? {})
    return !winner || (!isVerdict(winner.result) && !hasFailed(media, winner))
  })
}

/** A step that was given up before the last retry was asked for is waited for again. */
function hasFailed(media: MediaDocument, { run, result }: Pick<StepResult, 'run' | 'result'>): boolean {
  return result.outcome === 'failed' && parseRun(run).retry >= media.retry
}

/** Deletes and restores are counted; an odd count is a deleted media. */
export function isDeleted(media: Pick<MediaDocument, 'life' | 'purged'>): boolean {
  return media.purged === true || media.life % 2 === 1
}

/** The highest run that succeeded or was rejected; where none did, the latest retry that failed. */
export function winningRun(
  runs: Readonly<Record<string, StepRun>>,
): { readonly run: string; readonly result: StepRun } | undefined {
  let winner: { run: string; result: StepRun } | undefined
  for (const [run, result] of Object.entries(runs)) {
    // Of failures that of the latest retry counts: a forced replay that failed before it says nothing of it.
    const order = isVerdict(result) ? compareRuns : compareRetries
    const better =
      !winner ||
      Number(isVerdict(result)) > Number(isVerdict(winner.result)) ||
      (isVerdict(result) === isVerdict(winner.result) && order(run, winner.run) > 0)
    if (better) winner = { run, result }
  }
  return winner
}

function compareRetries(a: string, b: string): number {
  const [x, y] = [parseRun(a), parseRun(b)]
  return x.retry - y.retry || x.epoch - y.epoch
}

/** A step may be tried again that has failed. */
export function isVerdict(result: StepRun): boolean {
  return result.outcome !== 'failed'
}

function statusOf(
  media: MediaDocument,
  results: ReadonlyMap<string, StepRun>,
  rejected: StepResult | undefined,
  failed: StepResult | undefined,
): MediaStatus {
  if (media.purged) return 'purged'
  if (isDeleted(media)) return 'deleted'
  if (rejected) return 'rejected'
  if (media.object) {
    // Bound together with its required steps; a document without them is nobody's idea of ready.
    const isDone = (name: string) => results.get(name)?.outcome === 'succeeded'
    if (media.required?.every(isDone)) return 'ready'
    return failed ? 'failed' : 'processing'
  }
  return media.expired ? 'expired' : 'reserved'
}
