import type { MediaDocument } from './generated/documents.ts'
import type { Metadata, Rendition, StepRun } from './generated/shapes.ts'
import { compareRuns, parseRun } from './run.ts'

/**
 * Where a media is. `rejected`: the file is at fault, and the person can act. `failed`: we are at fault, and a retry may
 * help. `deleted` can be restored; `purged` is gone for good.
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
  readonly metadata?: Metadata
  readonly thumbnails: readonly Rendition[]
  readonly thumbhash?: string
  readonly variants: readonly Rendition[]
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
  const steps = Object.entries(media.steps)
    .flatMap(([name, runs]) => {
      const winner = winningRun(runs)
      return winner ? [{ name, ...winner }] : []
    })
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
    ...(merged.metadata && { metadata: merged.metadata }),
    thumbnails: merged.thumbnails ?? [],
    ...(merged.thumbhash !== undefined && { thumbhash: merged.thumbhash }),
    variants: merged.variants ?? [],
    steps,
  }
}

/** The required steps that have come to no end yet, in the try that was asked for last. */
export function openSteps(media: MediaDocument): readonly string[] {
  return (media.required ?? []).filter((name) => {
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

/** The highest run that succeeded or was rejected; where none did, the highest that failed. */
export function winningRun(
  runs: Readonly<Record<string, StepRun>>,
): { readonly run: string; readonly result: StepRun } | undefined {
  let winner: { run: string; result: StepRun } | undefined
  for (const [run, result] of Object.entries(runs)) {
    const better =
      !winner ||
      Number(isVerdict(result)) > Number(isVerdict(winner.result)) ||
      (isVerdict(result) === isVerdict(winner.result) && compareRuns(run, winner.run) > 0)
    if (better) winner = { run, result }
  }
  return winner
}

function isVerdict(result: StepRun): boolean {
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
