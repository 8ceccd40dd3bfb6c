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
import type { JobLabels, TranscodeJobs, TranscodeOrder } from '../../ports/transcoder/transcoder.ts'

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
 * What a state change that was lost would have said of a media's newest job, under the same ids; nothing while it goes
 * on, and where it was heard of. Told for the retry that was asked for last, which nobody would pass it on to otherwise.
 * @param now milliseconds since 1970
 */
export async function inquire(
  media: MediaDocument,
  { transcoder }: { readonly transcoder: Pick<TranscodeJobs, 'get'> },
  now: number,
): Promise<readonly MediaEvent[]> {
  const started = newestJob(media)
  if (!started) return []
  const { epoch, retry } = parseRun(started.run)
  const run = formatRun({ epoch, retry: Math.max(retry, media.retry) })
  if (media.steps['finish-transcode']?.[run]) return []
  const { id: jobId, attempt } = started.job
  const job = await transcoder.get(jobId)
  const labels = job?.labels ?? { mediaId: media.mediaId, kind: media.kind, attempt }
  const moment = { jobId, labels: { ...labels, run }, time: now }
  if (!job) return [transcodeFailed(moment, GONE)]
  switch (job.state.status) {
    case 'complete':
      return [transcoded(moment, job.state.output, job.state.durationMs)]
    case 'failed':
      return [transcodeFailed(moment, job.state)]
    case 'canceled':
      return [transcodeFailed(moment, CANCELED)]
    default:
      return []
  }
}

function newestJob(
  media: MediaDocument,
): { readonly run: string; readonly job: { readonly id: string; readonly attempt: string } } | undefined {
  const runs = Object.entries(media.steps['transcode-video'] ?? {}).sort(([a], [b]) => compareRuns(b, a))
  for (const [run, { job }] of runs) if (job) return { run, job }
  return undefined
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
