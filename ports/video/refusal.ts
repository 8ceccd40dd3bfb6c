import { LIMITS } from '../../contracts/limits.ts'
import type { Refusal } from './video.ts'

function refusal(code: string, message: string): Refusal {
  return { ok: false, fault: 'file', code, message }
}

export function noPictures(): Refusal {
  return refusal('type-mismatch', 'The file has sound and no pictures: send it as a voice note or as a file.')
}

export function tooLong(durationMs: number): Refusal {
  const allowed = LIMITS.video.maxSeconds / 60
  const minutes = Math.ceil(durationMs / 60_000)
  return refusal(
    'too-long',
    `The video lasts ${minutes} minutes and ${allowed} are allowed: send a shorter part of it.`,
  )
}

export function tooManyPixels(width: number, height: number): Refusal {
  return refusal(
    'too-many-pixels',
    `The video has ${width} × ${height} pixels and 4K (3840 × 2160) is the most that is allowed: send a smaller copy.`,
  )
}

export function nothingToSee(): Refusal {
  return refusal(
    'undecodable',
    'No picture of the video can be opened: send it again from the original, or export it anew first.',
  )
}

export function cutOff(): Refusal {
  return refusal('undecodable', 'The video is cut off, its end is missing: send it again from the original.')
}

export function contradicting(): Refusal {
  return refusal(
    'undecodable',
    'The video is longer than it says of itself, as happens when it was damaged: export it anew and send that.',
  )
}
