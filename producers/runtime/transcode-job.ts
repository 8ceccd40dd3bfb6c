import type { MediaDocument } from '../../contracts/generated/documents.ts'
import {
  TranscodeFailedV1,
  type TranscodeFailedV1Data,
  VideoTranscodedV1,
  type VideoTranscodedV1Data,
  VideoTranscodeProgressedV1,
  type VideoTranscodeProgressedV1Data,
} from '../../contracts/generated/events.ts'
import { compareRuns, formatRun, parseRun } from '../../contracts/run.ts'
import { createEvent, type MediaEvent, type Origin } from '../../events/envelope.ts'
import { rootId } from '../../events/ids.ts'
import { traceparentOf } from '../../events/traceparent.ts'
import type { JobLabels, JobState, TranscodeJobs, TranscodeOrder } from '../../ports/transcoder/transcoder.ts'

/** A job, when its state changed (milliseconds since 1970). */
export interface JobMoment {
  readonly jobId: string
  readonly labels: JobLabels
  readonly time: number
}

const MAX_CODE = 64
const MAX_MESSAGE = 500

/** The tenth that was reached, 0 to 100: as often as a step of progress is told of. */
export function tenthOf(percent: number): number {
  return Math.min(Math.max(Math.floor(percent / 10) * 10, 0), 100)
}

export function transcodeProgressed(
  job: JobMoment,
  percent: number,
  phase?: string,
): MediaEvent<VideoTranscodeProgressedV1Data> {
  const data = { ...about(job), percent, ...(phase !== undefined && { phase }) }
  return createEvent(VideoTranscodeProgressedV1, data, metaOf(job, 'STATUS_UPDATE', String(percent)))
}

export function transcoded(
  job: JobMoment,
  { bucket, prefix }: TranscodeOrder['output'],
  durationMs: number,
): MediaEvent<VideoTranscodedV1Data> {
  return createEvent(VideoTranscodedV1, { ...about(job), bucket, prefix, durationMs }, metaOf(job, 'COMPLETE'))
}

export function transcodeFailed(
  job: JobMoment,
  { code, message }: { readonly code: string; readonly message: string },
): MediaEvent<TranscodeFailedV1Data> {
  const reason = { code: code.slice(0, MAX_CODE), message: message.slice(0, MAX_MESSAGE) }
  return createEvent(TranscodeFailedV1, { ...about(job), ...reason }, metaOf(job, 'ERROR'))
}

/** What became of a job that somebody cancelled. */
export const CANCELED = { code: 'canceled', message: 'The job was cancelled.' } as const
/** MediaConvert keeps jobs for three months. */
const GONE = { code: 'gone', message: 'The transcoder knows nothing of the job that it took.' } as const

/**
 * What state changes that were lost would have said of a media's jobs, under the same ids; nothing of one that goes on,
 * and of one that was heard of.
 * @param now milliseconds since 1970
 */
export async function inquire(
  media: MediaDocument,
  { transcoder }: { readonly transcoder: Pick<TranscodeJobs, 'get'> },
  now: number,
): Promise<readonly MediaEvent[]> {
  const awaited = jobsOf(media).filter(({ run }) => !media.steps['finish-transcode']?.[run])
  const events = await Promise.all(
    awaited.map(async ({ run, job: { id: jobId, attempt } }) => {
      const job = await transcoder.get(jobId)
      const labels = job?.labels ?? { mediaId: media.mediaId, kind: media.kind, attempt }
      return endOf({ jobId, labels: { ...labels, run }, time: now }, job?.state)
    }),
  )
  return events.flat()
}

/** Undefined where the transcoder knows no such job. */
function endOf(moment: JobMoment, state: JobState | undefined): readonly MediaEvent[] {
  switch (state?.status) {
    case undefined:
      return [transcodeFailed(moment, GONE)]
    case 'complete':
      return [transcoded(moment, state.output, state.durationMs)]
    case 'failed':
      return [transcodeFailed(moment, state)]
    case 'canceled':
      return [transcodeFailed(moment, CANCELED)]
    default:
      return []
  }
}

interface StartedRun {
  readonly run: string
  readonly job: { readonly id: string; readonly attempt: string }
}

/**
 * The newest job of live work, and of each forced replay: what one of them comes to, the others are not told of. That of
 * live work is the last retry's, which nobody would pass its end on to otherwise.
 */
function jobsOf(media: MediaDocument): readonly StartedRun[] {
  const newest = new Map<number, StartedRun>()
  const runs = Object.entries(media.steps['transcode-video'] ?? {}).sort(([a], [b]) => compareRuns(a, b))
  for (const [run, { job }] of runs) {
    const { epoch, retry } = parseRun(run)
    const last = epoch === 0 ? formatRun({ epoch, retry: Math.max(retry, media.retry) }) : run
    if (job) newest.set(epoch, { run: last, job })
  }
  return [...newest.values()]
}

function about({ jobId, labels: { mediaId, kind, attempt } }: JobMoment) {
  return { mediaId, kind, jobId, attempt }
}

/** AWS tells of a change more than once now and then: its id is made of the job and its status alone. */
function metaOf({ jobId, labels, time }: JobMoment, ...status: readonly string[]): Origin {
  const id = rootId([jobId, ...status])
  const { mediaId: subject, run, replay } = labels
  const cause = { correlationId: subject, causationId: id, traceparent: traceparentOf(id) }
  return { id, time, subject, run, ...cause, ...(replay && { replay }) }
}
