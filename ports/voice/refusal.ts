import { LIMITS } from '../../contracts/limits.ts'
import type { MediaFacts } from '../probe/probe.ts'
import type { VoiceRefusal } from './voice.ts'

function refusal(code: VoiceRefusal['code'], message: string): VoiceRefusal {
  return { ok: false, fault: 'file', code, message }
}

/** As many as have a name each, by which they can be mixed: 7.1. */
const MAX_CHANNELS = 8

/** What a recording's own facts rule out before anything of it is decoded. */
export function refusalByFacts({ video, audio, durationMs, tracks = 1 }: MediaFacts): VoiceRefusal | undefined {
  if (video !== undefined) {
    return refusal('type-mismatch', 'This is a video, not a voice note: send it as a video.')
  }
  if (audio === undefined) return noSound()
  if (tracks > LIMITS.voice.maxTracks) return tooManyTracks(tracks)
  if (audio.channels > MAX_CHANNELS) return tooManyChannels(audio.channels)
  return durationMs !== undefined && durationMs > LIMITS.voice.maxSeconds * 1_000 ? tooLong() : undefined
}

export function tooLong(): VoiceRefusal {
  const minutes = Math.floor(LIMITS.voice.maxSeconds / 60)
  return refusal(
    'too-long',
    `The recording is longer than the ${minutes} minutes that a voice note may have: shorten it, or send it as a file.`,
  )
}

function tooManyTracks(tracks: number): VoiceRefusal {
  return refusal(
    'too-many-tracks',
    `The recording has ${tracks} tracks and ${LIMITS.voice.maxTracks} are allowed: record it anew, or send it as a file.`,
  )
}

function tooManyChannels(channels: number): VoiceRefusal {
  return refusal(
    'too-many-channels',
    `The recording has ${channels} channels and ${MAX_CHANNELS} are allowed: record it anew, or send it as a file.`,
  )
}

export function emptyFile(): VoiceRefusal {
  return refusal('empty', 'The file is empty: record it again, and send it once more.')
}

export function noSound(): VoiceRefusal {
  return refusal('no-sound', 'There is no sound in the file: record it again, and send it once more.')
}

export function cutOff(): VoiceRefusal {
  return refusal(
    'undecodable',
    'Only a part of the recording can be read, the rest is missing or damaged: send it again from the original.',
  )
}

export function damaged(): VoiceRefusal {
  return refusal(
    'undecodable',
    'The recording is damaged and cannot be played: send it again from the original, or record it anew.',
  )
}
