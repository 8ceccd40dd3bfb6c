/**
 * Which try at a step a result belongs to, written `<epoch>.<retry>`: the epoch counts forced replays of that step, the
 * retry counts retries of the media. Both are counters; no clock is in them.
 */
export interface Run {
  readonly epoch: number
  readonly retry: number
}

export const FIRST_RUN = '0.0'

/** @throws Error where it isn't `<epoch>.<retry>`. */
export function parseRun(run: string): Run {
  const [, epoch, retry] = /^(\d+)\.(\d+)$/.exec(run) ?? []
  if (epoch === undefined || retry === undefined) throw new Error(`"${run}" is no run: a run is <epoch>.<retry>`)
  return { epoch: Number(epoch), retry: Number(retry) }
}

export function formatRun({ epoch, retry }: Run): string {
  return `${epoch}.${retry}`
}

/** Negative where `a` is the earlier run. */
export function compareRuns(a: string, b: string): number {
  const [x, y] = [parseRun(a), parseRun(b)]
  return x.epoch - y.epoch || x.retry - y.retry
}
