import type { Outcome } from '../../consumers/runtime/outcomes.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'

/** What a consumer's process is asked: to handle an event with this data, of a media whose original this is. */
export interface Ask {
  readonly id: number
  /** `MediaUploaded.v1` */
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
  readonly original: StoredObject
}

/** What came of it. Drafts are named by their contracts. */
export interface Handled {
  readonly outcome: Told
  readonly seconds: number
  /** Of the process and of those that it started. */
  readonly cpuSeconds: number
  /** Of the process, and of the largest that it started beside it; NaN where the platform doesn't tell. */
  readonly peakMb: number
}

export type Told =
  | { readonly kind: 'emitted'; readonly events: readonly { readonly type: string; readonly data: unknown }[] }
  | Pick<Extract<Outcome, { kind: 'rejected' }>, 'kind' | 'code' | 'message'>
  | Extract<Outcome, { kind: 'failed' | 'skipped' }>
  /** What nobody foresaw. */
  | { readonly kind: 'thrown'; readonly message: string }

export type Answer = Handled & { readonly id: number }
