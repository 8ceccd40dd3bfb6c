import { LIMITS } from '../../contracts/limits.ts'
import type { RunLimits } from '../ffmpeg/run.ts'

/** What both runs of a recording may take, but for their time. */
export function boundsIn(scratch: string): Omit<RunLimits, 'timeoutMs'> {
  return { scratch, maxFileBytes: LIMITS.voice.maxBytes * 2, maxMemoryMb: 1_024 }
}

/** Longer recordings are refused; so much more is decoded as shows that they are. */
export const MAX_SECONDS = LIMITS.voice.maxSeconds + 1
