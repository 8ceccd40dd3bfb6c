import { type JobState, OrderRefused, type TranscodeJob, type TranscodeOrder, type Transcoder } from './transcoder.ts'

/** A transcoder that does nothing by itself: whoever tests says what becomes of its jobs. */
export interface FakeTranscoder extends Transcoder {
  /** Every order that became a job, in its order. */
  readonly orders: readonly TranscodeOrder[]
  /** @throws Error where there is no such job. */
  becomes(jobId: string, state: JobState): void
  /** As if a minute had passed: tokens are forgotten. */
  forgetTokens(): void
  /** Takes no order from now on. */
  refuse(): void
}

export function fakeTranscoder(): FakeTranscoder {
  const jobs = new Map<string, TranscodeJob>()
  const tokens = new Map<string, TranscodeJob>()
  const orders: TranscodeOrder[] = []
  let refuses = false
  return {
    orders,
    async start(order) {
      if (refuses) throw new OrderRefused('NotFoundException: there is no such queue')
      const known = tokens.get(order.token)
      if (known) return { jobId: known.jobId, attempt: known.labels.attempt }
      const { mediaId, kind, run, attempt, replay } = order
      const job: TranscodeJob = {
        jobId: `job-${orders.push(order)}`,
        labels: { mediaId, kind, run, attempt, ...(replay && { replay }) },
        state: { status: 'submitted' },
      }
      jobs.set(job.jobId, job)
      tokens.set(order.token, job)
      return { jobId: job.jobId, attempt }
    },
    get: async (jobId) => jobs.get(jobId),
    async cancel(jobId) {
      const job = jobs.get(jobId)
      if (job && (job.state.status === 'submitted' || job.state.status === 'progressing'))
        jobs.set(jobId, { ...job, state: { status: 'canceled' } })
    },
    becomes(jobId, state) {
      const job = jobs.get(jobId)
      if (!job) throw new Error(`there is no job ${jobId}`)
      jobs.set(jobId, { ...job, state })
    },
    forgetTokens: () => tokens.clear(),
    refuse() {
      refuses = true
    },
  }
}
