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
  /** Where more than one run has to be done in a time: it ends them all. */
  readonly deadline?: AbortSignal
}
