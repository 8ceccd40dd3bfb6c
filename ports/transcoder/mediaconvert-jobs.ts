import {
  CancelJobCommand,
  GetJobCommand,
  type Job,
  MediaConvertClient,
  MediaConvertServiceException,
} from '@aws-sdk/client-mediaconvert'
import { fromUserMetadata } from './labels.ts'
import { outputAt } from './output-at.ts'
import type { JobState, TranscodeJob, TranscodeJobs } from './transcoder.ts'

export interface MediaConvertJobsOptions {
  /** `dev`, `prod` …: jobs of another are nobody's here. */
  readonly environment: string
  /** Made from the environment where not given. */
  readonly client?: MediaConvertClient
}

/** Jobs of AWS Elemental MediaConvert. Its throttling passes through as the SDK's errors. */
export function mediaConvertJobs({
  environment,
  client = new MediaConvertClient(),
}: MediaConvertJobsOptions): TranscodeJobs {
  const find = async (jobId: string): Promise<TranscodeJob | undefined> => {
    try {
      const { Job } = await client.send(new GetJobCommand({ Id: jobId }))
      const labels = fromUserMetadata(Job?.UserMetadata ?? {}, environment)
      return Job && labels && { jobId, labels, state: stateOf(Job) }
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  return {
    get: find,

    async cancel(jobId) {
      try {
        await client.send(new CancelJobCommand({ Id: jobId }))
      } catch (error) {
        if (isMissing(error)) return
        // What has ended can't be cancelled any more.
        const { status } = (await find(jobId))?.state ?? { status: 'canceled' }
        if (status === 'submitted' || status === 'progressing') throw error
      }
    },
  }
}

function stateOf(job: Job): JobState {
  switch (job.Status) {
    case 'SUBMITTED':
      return { status: 'submitted' }
    case 'CANCELED':
      return { status: 'canceled' }
    case 'PROGRESSING':
      return { status: 'progressing', percent: job.JobPercentComplete ?? 0 }
    case 'COMPLETE':
      return { status: 'complete', output: outputOf(job), durationMs: durationOf(job) }
    case 'ERROR':
      return {
        status: 'failed',
        code: String(job.ErrorCode ?? 'unknown'),
        message: job.ErrorMessage ?? 'MediaConvert gave no reason',
      }
    default:
      throw new Error(`MediaConvert says the job is ${String(job.Status)}, which nobody here knows`)
  }
}

function durationOf({ OutputGroupDetails = [] }: Job): number {
  const durations = OutputGroupDetails.flatMap(({ OutputDetails = [] }) =>
    OutputDetails.map(({ DurationInMs = 0 }) => DurationInMs),
  )
  return Math.round(Math.max(0, ...durations))
}

function outputOf({ Settings }: Job): { bucket: string; prefix: string } {
  const destinations = (Settings?.OutputGroups ?? []).map(
    ({ OutputGroupSettings }) => OutputGroupSettings?.CmafGroupSettings?.Destination,
  )
  const output = destinations.flatMap((destination) => outputAt(destination ?? '') ?? [])[0]
  if (!output) throw new Error('the job has no output of the name that jobs here have')
  return output
}

function isMissing(error: unknown): boolean {
  return error instanceof MediaConvertServiceException && error.name === 'NotFoundException'
}
