import type { MediaFacts } from '../probe/probe.ts'

/** Recordings made fit for a chat: ffmpeg in production. A bad file is an answer, not an error. */
export interface Voice {
  /**
   * Makes every form of a recording: AAC, which plays everywhere, and Opus beside it; evenly loud, without metadata,
   * pictures or other tracks. Nothing is told of a form that wasn't looked at again.
   * @param facts what the probe found in `bytes`
   */
  render(bytes: Uint8Array, facts: MediaFacts): Promise<VoiceRendered>
  /** The same, but what is not done by the deadline is ended, and answered as a fault of ours: `timed-out`. */
  until(deadline: AbortSignal): Voice
  /** Names settings and encoder versions: the same recipe of the same bytes gives the same bytes. */
  recipe(): Promise<string>
}

export type VoiceRendered =
  | {
      readonly ok: true
      /** Of what can be heard, counted in samples. */
      readonly durationMs: number
      /** base64 of 64 bytes: of each 64th of the recording the loudest sample, as √(part of full scale) × 255. */
      readonly peaks: string
      /** LUFS (EBU R 128, integrated) of the recording as it came; missing for silence. */
      readonly loudness?: number
      /** Best supported first: `aac`, `opus`. */
      readonly audios: readonly RenderedAudio[]
    }
  | VoiceRefusal
  | VoiceFault

export interface RenderedAudio {
  readonly name: 'aac' | 'opus'
  readonly contentType: string
  /** File name ending without a dot: `m4a`, `ogg`. */
  readonly extension: string
  readonly durationMs: number
  readonly bitsPerSecond: number
  readonly bytes: Uint8Array
}

/** The file is at fault: a code for programs, a sentence for the person who sent it. */
export interface VoiceRefusal {
  readonly ok: false
  readonly fault: 'file'
  readonly code:
    | 'empty'
    | 'type-mismatch'
    | 'too-long'
    | 'too-many-tracks'
    | 'too-many-channels'
    | 'too-many-pixels'
    | 'too-much-memory'
    | 'too-large'
    | 'unsupported-type'
    | 'undecodable'
    | 'no-sound'
  readonly message: string
}

/** We are at fault, and trying again at once would not help; the sentence names the remedy, an operator's or a sender's. */
export interface VoiceFault {
  readonly ok: false
  readonly fault: 'ours'
  readonly code: 'no-ffmpeg' | 'timed-out'
  readonly message: string
}
