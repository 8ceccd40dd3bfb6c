import { toUserMetadata } from '../../ports/transcoder/labels.ts'
import { OUTPUT_NAMES } from '../../ports/transcoder/ladder.ts'
import {
  type JobLabels,
  OrderRefused,
  type TranscodeJob,
  type TranscodeOrder,
} from '../../ports/transcoder/transcoder.ts'
import type { Process, Scheduler } from './scheduler.ts'
import type { Storage } from './storage.ts'

export const ENVIRONMENT = 'simulated'

/** How one job goes. */
export interface JobFate {
  /** Until it begins, and again until it ends. */
  readonly milliseconds: number
  readonly end: 'complete' | 'error' | 'canceled'
  /** It says that it is complete, and one of its files is not there. */
  readonly isIncomplete: boolean
  /** Nobody hears how it ended. */
  readonly isNewsLost: boolean
  /** What becomes of who started it, before hearing of it. */
  readonly starter: Starter
}

export type Starter = 'lives' | 'dies' | 'dies, and its media goes' | 'waits, and its media goes'

export interface JobsOptions {
  readonly storage: Storage
  readonly scheduler: Scheduler
  /** Asked for each order that would become a job: whether none is taken, now or later. */
  refuses(): boolean
  /** Asked for each job. */
  fate(): JobFate
  /** One event on the default bus. */
  tell(body: string): void
  /** Told of an order for what another job, younger than a token lives, was ordered for. */
  onDouble(order: TranscodeOrder): void
}

interface Job {
  readonly id: string
  readonly order: TranscodeOrder
  readonly startedAt: number
  readonly by: Process
  /** How long MediaConvert takes to answer who started it. */
  readonly answerMilliseconds: number
  state: TranscodeJob['state']
  endedAt: number
  readonly isNewsLost: boolean
  readonly isIncomplete: boolean
}

/** As much of what is told of a job as the simulation itself reads. */
export interface JobNews {
  readonly detail: { readonly jobId: string; readonly userMetadata: { readonly mediaId: string } }
}

const TOKEN_MILLISECONDS = 60_000
/** Longer than a purge takes. */
const LATE_ANSWER_MILLISECONDS = 1_000
const DURATION_MS = 1_000

/** MediaConvert: it remembers a token for a minute; its outputs come one by one; what it says comes in any order. */
export class Jobs {
  readonly #options: JobsOptions
  readonly #jobs = new Map<string, Job>()
  /** Told of media of whose job nobody knows yet, and that are deleted for good at this moment. */
  onForsaken: (mediaId: string) => void = () => {}

  constructor(options: JobsOptions) {
    this.#options = options
  }

  start(order: TranscodeOrder, by: Process): { readonly jobId: string; readonly attempt: string } {
    const { scheduler, refuses, fate, onDouble } = this.#options
    const young = [...this.#jobs.values()].filter(({ startedAt }) => startedAt + TOKEN_MILLISECONDS > scheduler.time)
    const known = young.find(({ order: { token } }) => token === order.token)
    if (known) return { jobId: known.id, attempt: known.order.attempt }
    if (refuses()) throw new OrderRefused('ForbiddenException: the role may not be passed on')
    if (young.some((job) => job.order.mediaId === order.mediaId && job.order.run === order.run)) onDouble(order)
    const path = fate()
    const job: Job = {
      id: `job-${this.#jobs.size + 1}`,
      order,
      startedAt: scheduler.time,
      by,
      answerMilliseconds: path.starter === 'waits, and its media goes' ? LATE_ANSWER_MILLISECONDS : 0,
      state: { status: 'submitted' },
      endedAt: 0,
      isNewsLost: path.isNewsLost,
      isIncomplete: path.isIncomplete,
    }
    this.#jobs.set(job.id, job)
    if (path.starter.startsWith('dies')) scheduler.kill(by)
    if (path.starter.endsWith('its media goes')) this.onForsaken(order.mediaId)
    scheduler.after(path.milliseconds, () => this.#begin(job, path))
    return { jobId: job.id, attempt: order.attempt }
  }

  get(jobId: string): TranscodeJob | undefined {
    const job = this.#jobs.get(jobId)
    return job && { jobId, labels: labelsOf(job), state: job.state }
  }

  answerMilliseconds(jobId: string): number {
    return this.#jobs.get(jobId)?.answerMilliseconds ?? 0
  }

  cancel(jobId: string): void {
    const job = this.#jobs.get(jobId)
    if (job && isGoingOn(job)) this.#end(job, { status: 'canceled' })
  }

  /** When the last job of this media ended of which nobody heard; before all time where there is none. */
  lostAt(mediaId: string): number {
    const lost = [...this.#jobs.values()].filter(({ order, isNewsLost }) => isNewsLost && order.mediaId === mediaId)
    return Math.max(0, ...lost.map(({ endedAt }) => endedAt))
  }

  countOf(mediaId: string): number {
    return [...this.#jobs.values()].filter(({ order }) => order.mediaId === mediaId).length
  }

  /** The runs in which it was transcoded to the end, of which everybody could hear. */
  runsDone(mediaId: string): readonly string[] {
    return [...this.#jobs.values()]
      .filter(({ order, state, isNewsLost, isIncomplete }) => {
        return order.mediaId === mediaId && state.status === 'complete' && !isNewsLost && !isIncomplete
      })
      .map(({ order }) => order.run)
  }

  /** Whether a job that this process started is at work. */
  isAtWorkFor(by: Process): boolean {
    return [...this.#jobs.values()].some((job) => job.by === by && isGoingOn(job))
  }

  isAtWork(jobId: string): boolean {
    const job = this.#jobs.get(jobId)
    return job !== undefined && isGoingOn(job)
  }

  /** Whether somebody heard of the end of the job that read this; undefined where none did. */
  isHeardOf(sourceKey: string): boolean | undefined {
    const reader = [...this.#jobs.values()].find(({ order }) => order.source.key === sourceKey)
    return reader && !reader.isNewsLost
  }

  #begin(job: Job, fate: JobFate): void {
    if (!isGoingOn(job)) return
    const { scheduler, storage } = this.#options
    const source = storage.versions(job.order.source.key)[0]
    if (!source || fate.end === 'error') {
      this.#end(job, { status: 'failed', code: '1040', message: 'it could not be read' })
      return
    }
    const text = Buffer.from(source.bytes).toString('latin1')
    const files = [...filesOf(job, text)].slice(fate.isIncomplete ? 1 : 0)
    const step = Math.ceil(fate.milliseconds / files.length)
    const next = (index: number) => {
      if (!isGoingOn(job)) return
      const file = files[index]
      if (!file || (fate.end === 'canceled' && index === 1)) {
        const output = { ...job.order.output }
        this.#end(
          job,
          fate.end === 'canceled' ? { status: 'canceled' } : { status: 'complete', output, durationMs: DURATION_MS },
        )
        return
      }
      const [name, content] = file
      const key = `${job.order.output.prefix}${name}`
      storage.store({ key, bytes: Buffer.from(content), contentType: 'video/mp4', by: undefined })
      const percent = Math.floor((100 * (index + 1)) / (files.length + 1))
      job.state = { status: 'progressing', percent }
      // What was said first may come last.
      scheduler.soon(() =>
        this.#tell(job, 'STATUS_UPDATE', {
          jobProgress: { currentPhase: 'TRANSCODING', jobPercentComplete: percent },
        }),
      )
      scheduler.after(step, () => next(index + 1))
    }
    next(0)
  }

  #end(job: Job, state: Exclude<TranscodeJob['state'], { status: 'submitted' | 'progressing' }>): void {
    const { scheduler } = this.#options
    job.state = state
    job.endedAt = scheduler.time
    if (scheduler.isTraced) scheduler.tell(`MediaConvert: ${job.id} is ${state.status}`)
    if (job.isNewsLost) return
    const { bucket, prefix } = job.order.output
    scheduler.soon(() => {
      switch (state.status) {
        case 'complete':
          return this.#tell(job, 'COMPLETE', {
            outputGroupDetails: [
              {
                type: 'CMAF_GROUP',
                playlistFilePaths: [`s3://${bucket}/${prefix}${OUTPUT_NAMES.hls}`],
                outputDetails: [{ durationInMs: DURATION_MS }],
              },
            ],
          })
        case 'failed':
          return this.#tell(job, 'ERROR', { errorCode: Number(state.code), errorMessage: state.message })
        default:
          return this.#tell(job, 'CANCELED', {})
      }
    })
  }

  #tell(job: Job, status: string, facts: object): void {
    const { scheduler, tell } = this.#options
    const detail = {
      timestamp: scheduler.time,
      jobId: job.id,
      status,
      userMetadata: toUserMetadata(labelsOf(job), ENVIRONMENT),
      ...facts,
    }
    tell(JSON.stringify({ source: 'aws.mediaconvert', 'detail-type': 'MediaConvert Job State Change', detail }))
  }
}

function isGoingOn({ state: { status } }: Job): boolean {
  return status === 'submitted' || status === 'progressing'
}

function labelsOf({ order: { mediaId, kind, run, attempt, replay } }: Job): JobLabels {
  return { mediaId, kind, run, attempt, ...(replay && { replay }) }
}

const SEGMENTS = 'stream_360p.mp4'
const PLAYLIST = 'stream_360p.m3u8'

/** Every file of a stream. */
export const STREAM_FILES: readonly string[] = [SEGMENTS, PLAYLIST, OUTPUT_NAMES.dash, OUTPUT_NAMES.hls]

/** A stream of one quality; two jobs never make the very same bytes. */
function filesOf({ id }: Job, source: string): readonly (readonly [name: string, content: string])[] {
  const playlist = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXTINF:1.0,', SEGMENTS, '#EXT-X-ENDLIST', '']
  const master = [
    '#EXTM3U',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    '#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=480x360,CODECS="avc1.64001e"',
    PLAYLIST,
    '',
  ]
  return [
    [SEGMENTS, `by ${id} ${source}`],
    [PLAYLIST, playlist.join('\n')],
    [OUTPUT_NAMES.dash, `<MPD><BaseURL>${SEGMENTS}</BaseURL></MPD>`],
    [OUTPUT_NAMES.hls, master.join('\n')],
  ]
}
