import { dirname, join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { LIMITS } from '../../contracts/limits.ts'
import { confinedThread } from '../thread/confined.ts'
import type { FromThread, ToDecode } from './heic-thread.ts'
import type { Pixels } from './pixels.ts'
import type { Size } from './size.ts'
import { TooCostly } from './too-costly.ts'

/** What decoding one picture may take. */
export interface HeicLimits {
  readonly seconds: number
  /** Of the decoder, its input and its pixels. */
  readonly maxMemoryBytes: number
}

const HEIC: HeicLimits = { seconds: LIMITS.image.decodeSeconds, maxMemoryBytes: LIMITS.image.maxDecoderBytes }

/** Beside this file, or beside the bundle that holds it. */
const THREAD_FILE = join(
  dirname(import.meta.filename),
  import.meta.filename.endsWith('.ts') ? 'heic-thread.ts' : 'heic-thread.cjs',
)

/**
 * The primary picture of a HEIC file in full size, upright already: libheif turns by the container's own properties,
 * which HEIC has in place of EXIF's orientation. Colours are as stored. Rejects with libheif's message, or with TooCostly.
 *
 * Each picture gets a thread with a WebAssembly instance of its own: libheif can't be interrupted, but the thread can be
 * ended, and what a hostile file did to its memory ends with it. 12 megapixels take a second.
 */
export async function decodeHeic(heic: Uint8Array, expected: Size, limits = HEIC): Promise<Pixels> {
  const thread = startThread({ heic, expected, maxMemoryBytes: limits.maxMemoryBytes })
  try {
    return await listen(thread, limits)
  } finally {
    await thread.terminate()
  }
}

function startThread(workerData: ToDecode): Worker {
  const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 }
  return confinedThread(THREAD_FILE, { workerData, resourceLimits })
}

function listen(thread: Worker, { seconds }: HeicLimits): Promise<Pixels> {
  return new Promise((resolve, reject) => {
    // The first answer counts; what comes after it changes nothing.
    AbortSignal.timeout(seconds * 1000).addEventListener('abort', () => reject(new TooCostly('time')))
    thread.on('message', (answer: FromThread) => {
      if (answer.type === 'decoded') resolve(answer.pixels)
      else if (answer.type === 'exhausted') reject(new TooCostly('memory'))
      else reject(answer.ours ? new TypeError(answer.message) : new Error(answer.message))
    })
    // An error here is one of the thread's own heap or of its code, not of the file's.
    thread.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new TooCostly('memory') : error)
    })
    thread.on('exit', () => reject(new Error('heif: the decoder ended without an answer')))
  })
}
