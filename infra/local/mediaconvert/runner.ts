import { join } from 'node:path'
import type { Cloud } from '../cloud.ts'
import type { ServiceEvent } from '../eventbridge/event.ts'
import type { InProcessObjects } from '../s3/index.ts'
import { completion, type EventStatus, inputInformation, jobEvent, statusUpdate } from './events.ts'
import { isOpen, type Job, type Jobs } from './jobs.ts'
import { readPlan } from './read-plan.ts'
import { inFolder, type Phase, transcode } from './transcode.ts'
import { TranscodeError } from './transcode-error.ts'

export interface RunnerOptions {
  /** The program; undefined where this machine has none. */
  readonly ffmpeg: string | undefined
  readonly objects: InProcessObjects
  readonly publish: (event: ServiceEvent) => void
  /** How often a job tells of its progress; as the job asks where absent. */
  readonly statusUpdateMs: number | undefined
  /** Whether jobs of this queue are taken up. */
  readonly isActive: (queueArn: string) => boolean
}

export interface Runner {
  /** Looks for work; of no effect before `start`. */
  wake(): void
  start(): void
  /** Kills the job if it runs. */
  cancel(id: string): void
  /** Kills what runs, which the next start does again. */
  stop(): Promise<void>
}

export const NO_FFMPEG =
  'This machine has no ffmpeg: install one, or set FFMPEG_BIN to where it is, and start the local runtime again'

/** Where in a job each phase begins and ends, in percent. */
const SPANS: Readonly<Record<Phase, readonly [number, number]>> = {
  PROBING: [0, 5],
  TRANSCODING: [5, 95],
  UPLOADING: [95, 100],
}

/** Runs jobs one after another: one fills a laptop. */
export function createRunner(cloud: Cloud, jobs: Jobs, options: RunnerOptions): Runner {
  const { db } = cloud
  const folder = join(cloud.dataDir, 'mediaconvert')
  let started = false
  let running: { readonly id: string; readonly abort: AbortController; readonly ended: Promise<void> } | undefined

  /** The job's new state and the event that tells of it, together or not at all. */
  const change = (id: string, status: EventStatus, fields: (job: Job) => Partial<Job>, facts: (job: Job) => object) => {
    db.transaction(() => {
      const job = jobs.find(id)
      // Cancelled meanwhile, by another's transaction.
      if (!job || !isOpen(job)) return
      const changed = { ...job, ...fields(job) }
      jobs.save(changed)
      options.publish(jobEvent(cloud, changed, status, facts(changed)))
    })
  }

  const report = (jobId: string, error: unknown) => {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    cloud.log({ level: 'error', from: 'mediaconvert', message, jobId })
  }

  async function run(job: Job, signal: AbortSignal): Promise<void> {
    const { id } = job
    const startedAt = cloud.now()
    // A job that an earlier run of this process left half done begins anew, and nobody is told so twice.
    if (job.status === 'SUBMITTED')
      change(
        id,
        'PROGRESSING',
        () => ({ status: 'PROGRESSING', startedAt }),
        () => ({}),
      )
    let toldAt = startedAt
    const interval = options.statusUpdateMs ?? intervalOf(job)
    try {
      if (options.ffmpeg === undefined) throw new TranscodeError(1999, NO_FFMPEG)
      const ffmpeg = options.ffmpeg
      const results = await inFolder(folder, () =>
        transcode(readPlan(job.settings), {
          ffmpeg,
          objects: options.objects,
          folder,
          signal,
          onSource: (source) =>
            change(
              id,
              'INPUT_INFORMATION',
              () => ({}),
              (now) => inputInformation(now, source),
            ),
          onProgress(phase, phasePercent, frames) {
            const [from, to] = SPANS[phase]
            if (cloud.now() - toldAt < interval) return
            toldAt = cloud.now()
            const percent = Math.floor(from + ((to - from) * phasePercent) / 100)
            change(
              id,
              'STATUS_UPDATE',
              () => ({ phase, percent }),
              (now) => statusUpdate(now, phasePercent, frames),
            )
          },
        }),
      )
      const done = { status: 'COMPLETE', percent: 100, results, finishedAt: cloud.now() } as const
      change(
        id,
        'COMPLETE',
        () => done,
        () => completion(results),
      )
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof TranscodeError)) report(id, error)
      const errorCode = error instanceof TranscodeError ? error.code : 1999
      const errorMessage = error instanceof TranscodeError ? error.message : 'The local runtime failed; see its log.'
      change(
        id,
        'ERROR',
        () => ({ status: 'ERROR', errorCode, errorMessage, finishedAt: cloud.now() }),
        () => ({ errorCode, errorMessage }),
      )
    }
  }

  function wake(): void {
    if (!started || running) return
    const job = jobs.open().find(({ queue }) => options.isActive(queue))
    if (!job) return
    const abort = new AbortController()
    const ended = run(job, abort.signal).then(
      () => {
        running = undefined
        wake()
      },
      // What became of it could not be written down, so it would be taken up again at once, and for ever: it waits for the
      // next job that comes, or for the next start.
      (error: unknown) => {
        running = undefined
        report(job.id, error)
      },
    )
    running = { id: job.id, abort, ended }
  }

  return {
    wake,
    start() {
      started = true
      wake()
    },
    cancel(id) {
      if (running?.id === id) running.abort.abort()
    },
    async stop() {
      started = false
      running?.abort.abort()
      await running?.ended
    },
  }
}

/** `SECONDS_10` … `SECONDS_600`. */
function intervalOf({ statusUpdateInterval }: Job): number {
  return Number(/^SECONDS_(\d+)$/.exec(statusUpdateInterval)?.[1] ?? 60) * 1000
}
