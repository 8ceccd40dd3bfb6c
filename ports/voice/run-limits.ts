import { LIMITS } from '../../contracts/limits.ts'
import type { RunLimits } from '../ffmpeg/run.ts'
import type { Recording } from './recording.ts'

/** What both runs of a recording may take, but for their time. */
export function boundsOf({ scratch, deadline }: Recording): Omit<RunLimits, 'timeoutMs'> {
  return { scratch, maxFileBytes: LIMITS.voice.maxBytes * 2, maxMemoryMb: 1_024, ...(deadline && { deadline }) }
}

/** Longer recordings are refused; so much more is decoded as shows that they are. */
export const MAX_SECONDS = LIMITS.voice.maxSeconds + 1
