import { LIMITS } from '../../contracts/limits.ts'
import type { RunLimits } from '../ffmpeg/run.ts'
import type { Recording } from './recording.ts'

/**
 * Three times what the dearest hour takes of one processor, a faint tone in Opus of eight channels, and more: 26 seconds to
 * hear it, which is done twice, and 60 to write it. Talk of one channel takes 7 and 33.
 */
export const LISTEN_SECONDS = 80
export const WRITE_SECONDS = 245

/** What both runs of a recording may take, but for their time. */
export function boundsOf({ scratch, deadline }: Recording): Omit<RunLimits, 'timeoutMs'> {
  return { scratch, maxFileBytes: LIMITS.voice.maxBytes * 2, maxMemoryMb: 1_024, ...(deadline && { deadline }) }
}

/** Longer recordings are refused; so much more is decoded as shows that they are. */
export const MAX_SECONDS = LIMITS.voice.maxSeconds + 1
