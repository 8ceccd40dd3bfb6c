import { answerTo } from '../ffmpeg/answer.ts'
import type { Failure } from '../ffmpeg/failure.ts'
import { noSound } from './refusal.ts'
import type { VoiceFault, VoiceRefusal } from './voice.ts'

/**
 * What a failed run amounts to; a file that lacks a stream lacks its sound.
 * @throws Error where nobody foresaw it: another try may help
 */
export function answerOf(failure: Failure): VoiceRefusal | VoiceFault {
  const answer = answerTo(failure)
  if (answer.fault === 'ours') return answer
  const { code, message } = answer
  return code === 'no-stream' ? noSound() : { ok: false, fault: 'file', code, message }
}
