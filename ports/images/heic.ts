import { LIMITS } from '../../contracts/limits.ts'
import { fileBeside } from '../thread/confined.ts'
import { inThread } from '../thread/in-thread.ts'
import { TooCostly } from '../thread/too-costly.ts'
import type { FromThread, ToDecode } from './heic-thread.ts'
import type { Pixels } from './pixels.ts'
import type { Size } from './size.ts'

/** What decoding one picture may take. */
export interface HeicLimits {
  readonly seconds: number
  /** Of the decoder, its input and its pixels. */
  readonly maxMemoryBytes: number
}

const HEIC: HeicLimits = { seconds: LIMITS.image.decodeSeconds, maxMemoryBytes: LIMITS.image.maxDecoderBytes }

const THREAD_FILE = fileBeside(import.meta.filename, 'heic-thread')

/**
 * The primary picture of a HEIC file in full size, upright already: libheif turns by the container's own properties,
 * which HEIC has in place of EXIF's orientation. Colours are as stored. Rejects with libheif's message, with TooCostly,
 * or with what its thread ended by. 12 megapixels take a second.
 */
export function decodeHeic(heic: Uint8Array, expected: Size, limits = HEIC): Promise<Pixels> {
  const { seconds, maxMemoryBytes } = limits
  return inThread(THREAD_FILE, { heic, expected, maxMemoryBytes } satisfies ToDecode, seconds, pixelsOf)
}

function pixelsOf(answer: FromThread): Pixels {
  if (answer.type === 'decoded') return answer.pixels
  if (answer.type === 'exhausted') throw new TooCostly('memory')
  throw answer.ours ? new TypeError(answer.message) : new Error(answer.message)
}
