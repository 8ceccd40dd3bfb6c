import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { ByteSource, Probe, Probed } from './probe.ts'
import type { FromThread, ToThread } from './probe-thread.ts'
import type { Reading } from './reading.ts'
import { damaged } from './refusal.ts'

export interface MediabunnyProbeOptions {
  /** Asked where mediabunny can't read a file, or finds no duration in it. */
  readonly fallback?: Probe
  /** How long it may compute without asking for bytes; some thousand times what it takes. */
  readonly thinkMs?: number
}

/** Beside this file, or beside the bundle that holds it. */
const THREAD_FILE = join(
  dirname(import.meta.filename),
  import.meta.filename.endsWith('.ts') ? 'probe-thread.ts' : 'probe-thread.cjs',
)

/** A real file takes 20 MB; one that claims four billion samples takes all there is. */
const HEAP = { maxOldGenerationSizeMb: 80, maxYoungGenerationSizeMb: 8 }

/**
 * Facts by mediabunny, in a thread of its own that lives on between probes. The parser believes the counts in a header,
 * and a few bytes can keep it busy for hours: the thread is what can be stopped, and its memory is bounded.
 */
export function mediabunnyProbe({ fallback, thinkMs = 5_000 }: MediabunnyProbeOptions = {}): Probe {
  let idle: Promise<Worker> | undefined
  let queue: Promise<unknown> = Promise.resolve()

  async function ask(source: ByteSource): Promise<Reading> {
    idle ??= startThread()
    const thread = await idle.catch((error: unknown) => {
      idle = undefined
      throw error
    })
    const reading = await converse(thread, source, thinkMs)
    if (reading !== undefined) return reading
    idle = undefined
    await thread.terminate()
    return { probed: damaged(), complete: false }
  }

  return {
    async probe(source: ByteSource): Promise<Probed> {
      const asked = queue.then(() => ask(source))
      queue = asked.catch(() => {})
      const { probed, complete } = await asked
      if (complete || fallback === undefined) return probed
      const second = await fallback.probe(source)
      // Of two refusals, the first parser's says more.
      return second.ok ? second : probed
    },
  }
}

async function startThread(): Promise<Worker> {
  // It needs nothing of what this process knows.
  const thread = new Worker(THREAD_FILE, { env: {}, execArgv: [], resourceLimits: HEAP })
  await once(thread, 'message')
  // What it dies of is told by its end.
  thread.on('error', () => {})
  // An idle thread is no reason for a process to live on.
  thread.unref()
  return thread
}

/**
 * One probe: hands out bytes until the thread is done.
 * @returns undefined where it died, or thought for too long, and is of no more use
 * @throws what `source.read` throws
 */
async function converse(thread: Worker, source: ByteSource, thinkMs: number): Promise<Reading | undefined> {
  const over = new AbortController()
  thread.ref()
  try {
    return await new Promise<Reading | undefined>((resolve, reject) => {
      let turn = 0
      let reading = 0
      let failure: { readonly error: unknown } | undefined

      const say = (message: ToThread, transferred: readonly ArrayBuffer[] = []) => {
        turn += 1
        const asked = turn
        thread.postMessage(message, transferred)
        // It thinks as long as nobody else is at work for it, and it says nothing.
        const isThinking = () => asked === turn && reading === 0
        AbortSignal.timeout(thinkMs).addEventListener('abort', () => isThinking() && resolve(undefined), {
          signal: over.signal,
        })
      }
      const give = (read: number, bytes: Uint8Array) => {
        // A copy to give away: a view would take all the memory behind it along.
        const copy = Uint8Array.from(bytes)
        say({ type: 'bytes', read, bytes: copy }, [copy.buffer])
      }
      const hear = (message: FromThread) => {
        turn += 1
        if (message.type === 'read') {
          const { read, offset, length } = message
          reading += 1
          source
            .read(offset, length)
            .finally(() => {
              reading -= 1
            })
            .then(
              (bytes) => give(read, bytes),
              (error: unknown) => {
                failure = { error }
                say({ type: 'bytes', read })
              },
            )
        }
        if (message.type !== 'done') return
        if (failure) reject(failure.error)
        else if (message.reading) resolve(message.reading)
        else reject(new Error('a probe ended without an answer'))
      }
      const end = () => resolve(undefined)

      thread.on('message', hear)
      thread.once('exit', end)
      over.signal.addEventListener('abort', () => {
        thread.off('message', hear)
        thread.off('exit', end)
      })
      say({ type: 'probe', size: source.size })
    })
  } finally {
    over.abort()
    thread.unref()
  }
}
