import { fromUserMetadata } from '../../ports/transcoder/labels.ts'
import { outputAt } from '../../ports/transcoder/output-at.ts'
import type { TranscodeOrder } from '../../ports/transcoder/transcoder.ts'
import { type Fields, fieldsOf, type Other, readAwsEvent, type Unreadable } from '../runtime/aws-event.ts'
import { CANCELED, type JobMoment } from '../runtime/transcode-job.ts'

/** What MediaConvert said, as far as it matters here. */
export type StateChange =
  | { readonly kind: 'progressed'; readonly job: JobMoment; readonly percent: number; readonly phase?: string }
  | {
      readonly kind: 'complete'
      readonly job: JobMoment
      readonly output: TranscodeOrder['output']
      readonly durationMs: number
    }
  | { readonly kind: 'failed'; readonly job: JobMoment; readonly code: string; readonly message: string }
  | Other
  | Unreadable

const STATE_CHANGED = { source: 'aws.mediaconvert', detailType: 'MediaConvert Job State Change' }

/**
 * Reads an event of MediaConvert's, as the body of an SQS message. Jobs of others, of another environment too, are other
 * people's news. https://docs.aws.amazon.com/mediaconvert/latest/ug/mediaconvert_event_list.html
 */
export function readStateChange(body: string, environment: string): StateChange {
  const said = readAwsEvent(body, STATE_CHANGED)
  if (said.kind !== 'event') return said
  const detail = fieldsOf(said.event['detail'])
  const labels = fromUserMetadata(fieldsOf(detail['userMetadata']), environment)
  if (!labels) return { kind: 'other', reason: 'the job is none of this environment' }
  const { jobId, timestamp: time, status } = detail
  if (typeof jobId !== 'string' || typeof time !== 'number')
    return { kind: 'unreadable', problem: 'the job’s id or the time is missing' }
  return readStatus(String(status), detail, { jobId, labels, time })
}

function readStatus(status: string, detail: Fields, job: JobMoment): StateChange {
  switch (status) {
    case 'STATUS_UPDATE':
      return readProgress(fieldsOf(detail['jobProgress']), job)
    case 'COMPLETE':
      return readCompletion(detail['outputGroupDetails'], job)
    case 'ERROR':
      return {
        kind: 'failed',
        job,
        code: String(detail['errorCode'] ?? 'unknown'),
        message: String(detail['errorMessage'] || 'MediaConvert gave no reason'),
      }
    case 'CANCELED':
      return { kind: 'failed', job, ...CANCELED }
    default:
      return { kind: 'other', reason: `the job is ${status}` }
  }
}

function readProgress({ jobPercentComplete, currentPhase }: Fields, job: JobMoment): StateChange {
  // MediaConvert can't estimate every job.
  if (typeof jobPercentComplete !== 'number') return { kind: 'other', reason: 'the job does not say how far it is' }
  return {
    kind: 'progressed',
    job,
    percent: jobPercentComplete,
    ...(typeof currentPhase === 'string' && { phase: currentPhase.toLowerCase() }),
  }
}

function readCompletion(groups: unknown, job: JobMoment): StateChange {
  const told = asList(groups).map(fieldsOf)
  const [playlist] = told.flatMap(({ playlistFilePaths }) =>
    asList(playlistFilePaths).map((path) => outputAt(String(path))),
  )
  if (!playlist) return { kind: 'unreadable', problem: 'no playlist of the name that jobs here have is told of' }
  const durations = told.flatMap(({ outputDetails }) =>
    asList(outputDetails).map((output) => Number(fieldsOf(output)['durationInMs'] ?? 0)),
  )
  return { kind: 'complete', job, output: playlist, durationMs: Math.round(Math.max(0, ...durations)) }
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
