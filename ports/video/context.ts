import type { Ffmpeg, Missing } from '../ffmpeg/find.ts'
import type { Probe } from '../probe/probe.ts'

/** What every operation works with. */
export interface Context {
  readonly ffmpeg: Ffmpeg | Missing
  readonly probe: Probe
  /** How long one run that encodes may take; the others have a minute. */
  readonly encodeSeconds: number
  /** How long a film of an animation may take, with all that is done for it. */
  readonly filmSeconds: number
  /**
   * When all runs have to be done: it ends them. A probe can't be told of it and is left behind, to end by a time of its own.
   */
  readonly deadline?: AbortSignal
}
