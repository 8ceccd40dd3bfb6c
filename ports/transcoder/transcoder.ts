import type { ReplayMark } from '../../events/envelope.ts'

/** Makes streams of videos: long work, done elsewhere, that tells of its end by an event of its own. MediaConvert on AWS. */
export interface Transcoder extends TranscodeJobs {
  /**
   * Starts a job. Asked again with the same token within a minute, it answers with the job that it started then, whose
   * attempt is the one of that order.
   * @throws OrderRefused where no retry would help; else what a retry may mend.
   */
  start(order: TranscodeOrder): Promise<StartedJob>
}

/** Jobs that were started, by whomever of this product's environment. */
export interface TranscodeJobs {
  /** Undefined where there is no such job, or none of this product's environment. */
  get(jobId: string): Promise<TranscodeJob | undefined>
  /** Ends a job; one that has ended, or never was, is no error. */
  cancel(jobId: string): Promise<void>
}

export interface TranscodeOrder extends JobLabels {
  /** The newest version of this key is read. */
  readonly source: { readonly bucket: string; readonly key: string }
  /** Below which the outputs lie, with a slash at its end: `videos/hls/{mediaId}/{attempt}/`. */
  readonly output: { readonly bucket: string; readonly prefix: string }
  readonly video: SourceVideo
  /** Up to 64 ASCII characters. */
  readonly token: string
}

/** As much of a source as its ladder depends on. */
export interface SourceVideo {
  /** As it is shown. */
  readonly width: number
  readonly height: number
  /** Pictures a second; undefined where the file doesn't say. */
  readonly frameRate: number | undefined
  readonly hdr: boolean
  readonly hasSound: boolean
}

/** What a job is told of itself, and tells again when its state changes. */
export interface JobLabels {
  readonly mediaId: string
  readonly kind: string
  /** `<epoch>.<retry>` */
  readonly run: string
  /** A UUID. */
  readonly attempt: string
  /** Of a forced replay: what is said because of the job carries its mark. */
  readonly replay?: ReplayMark
}

/** The transcoder takes no such order, now or later: what is wrong is how it is set up, what it may do, or what it is told. */
export class OrderRefused extends Error {
  override readonly name = 'OrderRefused'
}

export interface StartedJob {
  readonly jobId: string
  readonly attempt: string
}

export interface TranscodeJob {
  readonly jobId: string
  readonly labels: JobLabels
  readonly state: JobState
}

export type JobState =
  | { readonly status: 'submitted' | 'canceled' }
  | { readonly status: 'progressing'; readonly percent: number }
  | { readonly status: 'complete'; readonly output: TranscodeOrder['output']; readonly durationMs: number }
  | { readonly status: 'failed'; readonly code: string; readonly message: string }
