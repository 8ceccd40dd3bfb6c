import { LIMITS } from '../../contracts/limits.ts'
import type { Failure } from '../ffmpeg/failure.ts'
import type { RunLimits } from '../ffmpeg/run.ts'
import { damaged, noSound } from './refusal.ts'
import type { VoiceFault, VoiceRefusal } from './voice.ts'

/** What both runs of a recording may take, but for their time. */
export function boundsIn(scratch: string): Omit<RunLimits, 'timeoutMs'> {
  return { scratch, maxFileBytes: LIMITS.voice.maxBytes * 2, maxMemoryMb: 1_024 }
}

/** Longer recordings are refused; so much more is decoded as shows that they are. */
export const MAX_SECONDS = LIMITS.voice.maxSeconds + 1

/**
 * What a failed run amounts to.
 * @throws Error where neither the file nor a missing ffmpeg is to blame: another try may help
 */
export function answerTo({ fault, code, message, detail }: Failure): VoiceRefusal | VoiceFault {
  if (code === 'no-ffmpeg') return { ok: false, fault: 'ours', code, message }
  if (fault === 'ours') throw new Error(`ffmpeg, of a voice note: ${code}: ${message} ${detail}`)
  return code === 'no-stream' ? noSound() : damaged()
}
