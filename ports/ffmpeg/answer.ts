import type { Failure, FileFault, OurFault } from './failure.ts'

/** What a port answers where ffmpeg gave nothing. */
export type Answer =
  | { readonly ok: false; readonly fault: 'file'; readonly code: FileFault; readonly message: string }
  | { readonly ok: false; readonly fault: 'ours'; readonly code: Final; readonly message: string }

/** Of ours, what another try at once would not mend. */
type Final = Extract<OurFault, 'no-ffmpeg' | 'timed-out'>

/**
 * The answer that a failed run amounts to; ffmpeg's own words are left out, as they may quote the file.
 * @throws Error, with those words, where nobody foresaw it: trying again may help, and an operator has to look
 */
export function answerTo(failure: Failure): Answer {
  const { code, message, detail } = failure
  if (failure.fault === 'file') return { ok: false, fault: 'file', code: failure.code, message }
  if (code === 'no-ffmpeg' || code === 'timed-out') return { ok: false, fault: 'ours', code, message }
  throw new Error(`${code}: ${message} ${detail}`)
}
