import { LIMITS } from '../../contracts/limits.ts'
import type { Refusal, RefusalCode } from './images.ts'
import type { Sniffed } from './sniff.ts'

const WHAT_WE_TAKE = 'send it as a JPEG, PNG, WebP, GIF, AVIF or HEIC picture'

function refusal(code: RefusalCode, message: string): Refusal {
  return { ok: false, code, message }
}

export function emptyFile(): Refusal {
  return refusal('empty', 'The file is empty: choose the picture again and send it once more.')
}

export function unsupportedType(sniffed: Extract<Sniffed, { kind: 'refused' | 'unknown' }>): Refusal {
  const what =
    sniffed.kind === 'refused'
      ? `This is ${sniffed.name}, not a picture that can be shown here`
      : 'This is not a picture'
  return refusal('unsupported-type', `${what}: ${WHAT_WE_TAKE}.`)
}

export function tooManyBytes(bytes: number): Refusal {
  const allowed = megabytes(LIMITS.image.maxBytes)
  return refusal('too-large', `The file has ${megabytes(bytes)} MB and ${allowed} MB are allowed: send a smaller copy.`)
}

export function tooManyPixels(width: number, height: number, allowed: number): Refusal {
  return refusal(
    'too-many-pixels',
    `The picture has ${width} × ${height} pixels and ${millions(allowed)} million are allowed in a file of its kind: send a smaller copy.`,
  )
}

export function tooManyFrames(frames: number): Refusal {
  return refusal(
    'too-many-frames',
    `The animation has ${frames} frames and ${LIMITS.image.maxFrames} are allowed: shorten it, or send it as a video.`,
  )
}

export function tooManyPixelsInAll(width: number, height: number, frames: number): Refusal {
  return refusal(
    'too-many-frames',
    `The animation has ${frames} frames of ${width} × ${height} pixels, more than the ` +
      `${millions(LIMITS.image.maxTotalPixels)} million pixels that are allowed in all: shorten it, or send it as a video.`,
  )
}

export function cutOff(): Refusal {
  return refusal('undecodable', 'The picture is cut off, its end is missing: send it again from the original.')
}

export function damaged(): Refusal {
  return refusal(
    'undecodable',
    'The picture is damaged and cannot be opened: send it again from the original, or save it anew in a photo app first.',
  )
}

export function tooCostly(): Refusal {
  return refusal(
    'undecodable',
    'Opening the picture takes more time or memory than any photo needs: save it anew in a photo app, or send it as a JPEG.',
  )
}

/** One decimal, rounded up, so that a file just above the limit never reads as allowed. */
function megabytes(bytes: number): string {
  return String(Math.ceil((bytes / (1024 * 1024)) * 10) / 10)
}

function millions(pixels: number): string {
  return String(Math.floor(pixels / 1_000_000))
}
