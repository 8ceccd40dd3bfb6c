import type { Ffmpeg, Missing } from '../ffmpeg/find.ts'
import type { Probe } from '../probe/probe.ts'

/** What every operation works with. */
export interface Context {
  readonly ffmpeg: Ffmpeg | Missing
  readonly probe: Probe
  /** How long one run that encodes may take; the others have a minute. */
  readonly encodeSeconds: number
}
