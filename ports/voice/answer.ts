import { answerTo } from '../ffmpeg/answer.ts'
import type { Failure } from '../ffmpeg/failure.ts'
import { damaged, noSound } from './refusal.ts'
import type { VoiceFault, VoiceRefusal } from './voice.ts'

/**
 * What a failed run amounts to; a file that lacks a stream lacks its sound, and one of too many pixels has a cover that
 * nobody asked for.
 * @throws Error where nobody foresaw it: another try may help
 */
export function answerOf(failure: Failure): VoiceRefusal | VoiceFault {
  const answer = answerTo(failure)
  if (answer.fault === 'ours') return answer
  const { code, message } = answer
  if (code === 'no-stream') return noSound()
  return code === 'too-many-pixels' ? damaged() : { ok: false, fault: 'file', code, message }
}
