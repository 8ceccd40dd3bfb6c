import type { Ffmpeg, Missing } from '../ffmpeg/find.ts'

/** A recording that lies in a scratch folder, and what every run over it works with. */
export interface Recording {
  readonly ffmpeg: Ffmpeg | Missing
  /** Absolute. */
  readonly source: string
  readonly scratch: string
  /** When all runs have to be done: it ends them. */
  readonly deadline?: AbortSignal
}
