import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ByteSource, Probe, Probed } from './probe.ts'
import { type FromThread, PROBES, THREAD_FILE, type ToThread } from './probe-thread.ts'
import type { Reading } from './reading.ts'
import { damaged } from './refusal.ts'

export interface MediabunnyProbeOptions {
  /** Asked where mediabunny can't read a file, or finds no duration in it. */
  readonly fallback?: Probe
  /** How long it may compute without asking for bytes; some thousand times what it takes. */
  readonly thinkMs?: number
}

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
    const { alive, reading } = await converse(thread, source, thinkMs)
    if (!alive) {
      idle = undefined
      await thread.terminate()
    }
    return reading
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
  const thread = new Worker(THREAD_FILE, { workerData: PROBES, resourceLimits: HEAP })
  await once(thread, 'message')
  // What it dies of is told by its end.
  thread.on('error', () => {})
  // An idle thread is no reason for a process to live on.
  thread.unref()
  return thread
}

type Answer = { readonly alive: boolean; readonly reading: Reading }

/** One probe: hands out bytes until the thread is done, dies, or thinks for too long. */
async function converse(thread: Worker, source: ByteSource, thinkMs: number): Promise<Answer> {
  const over = new AbortController()
  thread.ref()
  try {
    return await new Promise<Answer>((resolve, reject) => {
      let turn = 0
      let failure: { readonly error: unknown } | undefined
      const giveUp = () => resolve({ alive: false, reading: { probed: damaged(), complete: false } })

      const say = (message: ToThread) => {
        const asked = ++turn
        thread.postMessage(message, message.type === 'bytes' ? [message.bytes.buffer] : [])
        AbortSignal.timeout(thinkMs).addEventListener('abort', () => asked === turn && giveUp(), {
          signal: over.signal,
        })
      }
      const hear = (message: FromThread) => {
        turn += 1
        if (message.type === 'read') {
          source.read(message.offset, message.length).then(
            // A copy to give away: a view would take all the memory behind it along.
            (bytes) => say({ type: 'bytes', bytes: Uint8Array.from(bytes) }),
            (error: unknown) => {
              failure = { error }
              say({ type: 'no-bytes' })
            },
          )
        }
        if (message.type !== 'done') return
        if (failure) reject(failure.error)
        else if (message.reading) resolve({ alive: true, reading: message.reading })
        else reject(new Error('a probe ended without an answer'))
      }

      thread.on('message', hear)
      thread.once('exit', giveUp)
      over.signal.addEventListener('abort', () => {
        thread.off('message', hear)
        thread.off('exit', giveUp)
      })
      say({ type: 'probe', size: source.size })
    })
  } finally {
    over.abort()
    thread.unref()
  }
}
