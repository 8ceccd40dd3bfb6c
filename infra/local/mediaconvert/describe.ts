import type { Cloud } from '../cloud.ts'
import type { JobTemplate, Queue } from './catalogue.ts'
import { completion, jobArn } from './events.ts'
import type { Job } from './jobs.ts'

/** A job as GetJob answers it. Times are seconds since 1970. */
export function describeJob(cloud: Cloud, job: Job): object {
  const { createdAt, startedAt, finishedAt, results, phase, percent, ...told } = job
  return {
    ...told,
    arn: jobArn(cloud, job),
    createdAt: createdAt / 1000,
    retryCount: 0,
    messages: { info: [], warning: [] },
    timing: {
      submitTime: createdAt / 1000,
      ...(startedAt !== undefined && { startTime: startedAt / 1000 }),
      ...(finishedAt !== undefined && { finishTime: finishedAt / 1000 }),
    },
    ...(job.status === 'PROGRESSING' && { currentPhase: phase ?? 'PROBING', jobPercentComplete: percent ?? 0 }),
    ...(results && { jobPercentComplete: 100, outputGroupDetails: withoutPaths(completion(results)) }),
  }
}

/** The API says less of outputs than the event: neither their type nor where they lie. */
function withoutPaths(told: object): object {
  const { outputGroupDetails } = told as {
    readonly outputGroupDetails: readonly { readonly outputDetails: readonly Record<string, unknown>[] }[]
  }
  return outputGroupDetails.map(({ outputDetails }) => ({
    outputDetails: outputDetails.map(({ durationInMs, videoDetails }) => ({ durationInMs, videoDetails })),
  }))
}

export function describeTemplate({ queue, ...template }: JobTemplate): object {
  return { ...template, ...(queue !== undefined && { queue }), type: 'CUSTOM' }
}

export function describeQueue(queue: Queue, open: readonly Job[]): object {
  const count = (status: Job['status']) => open.filter((job) => job.queue === queue.arn && job.status === status).length
  return {
    ...queue,
    pricingPlan: 'ON_DEMAND',
    submittedJobsCount: count('SUBMITTED'),
    progressingJobsCount: count('PROGRESSING'),
  }
}
