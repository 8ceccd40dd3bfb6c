import { LIMITS } from '../../contracts/limits.ts'
import type { RunLimits } from '../ffmpeg/run.ts'
import type { Context } from './context.ts'

/** What every run over a video may take, but for its memory and what it writes; one that encodes has a time of its own. */
export function boundsIn(
  { deadline }: Context,
  scratch: string,
): Pick<RunLimits, 'scratch' | 'timeoutMs' | 'maxPixels' | 'deadline'> {
  return { scratch, timeoutMs: 60_000, maxPixels: LIMITS.video.maxPixels, ...(deadline && { deadline }) }
}
