import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { confinedThread, fileBeside } from '../thread/confined.ts'
import type { ByteSource, Probe, Probed } from './probe.ts'
import type { FromThread, ToThread } from './probe-thread.ts'
import { final, type Reading } from './reading.ts'
import { damaged } from './refusal.ts'

export interface MediabunnyProbeOptions {
  /** Asked where mediabunny can't read a file, or finds no duration in it. */
  readonly fallback?: Fallback
  /** How long one probe may take in all, bytes and fallback included. */
  readonly budgetMs?: number
}

export interface Fallback {
  /** @throws where the deadline passes before the bytes have come */
  probe(source: ByteSource, deadline: AbortSignal): Promise<Probed>
}

const THREAD_FILE = fileBeside(import.meta.filename, 'probe-thread')

/** A real file takes 20 MB; one that claims four billion samples takes all there is. */
const HEAP = { maxOldGenerationSizeMb: 80, maxYoungGenerationSizeMb: 8 }

/** The function with the least time has ten seconds, and something to do before and after. */
const BUDGET_MS = 7_000

/**
 * Facts by mediabunny, in a thread of its own that lives on between probes. The parser believes the counts in a header,
 * and a few bytes can keep it busy for hours: the thread is what can be stopped, and its memory is bounded.
 */
export function mediabunnyProbe({ fallback, budgetMs = BUDGET_MS }: MediabunnyProbeOptions = {}): Probe {
  let idle: Worker | undefined
  let queue: Promise<unknown> = Promise.resolve()

  async function ask(source: ByteSource, deadline: AbortSignal): Promise<Reading> {
    // A thread that has ended meanwhile has the id -1.
    const thread = idle && idle.threadId !== -1 ? idle : await startThread()
    // It is kept for the next probe only where this one ends as it should.
    idle = undefined
    let reading: Reading | undefined
    try {
      reading = await converse(thread, source, deadline)
    } finally {
      if (reading) idle = thread
      else await thread.terminate()
    }
    // What one parser can't come to an end with isn't given to another.
    return reading ?? final(damaged())
  }

  async function probe(source: ByteSource): Promise<Probed> {
    const deadline = AbortSignal.timeout(budgetMs)
    const { probed, complete } = await ask(source, deadline)
    if (complete || fallback === undefined) return probed
    const second = await fallback.probe(source, deadline)
    // Of two refusals, the first parser's says more.
    return second.ok ? second : probed
  }

  return {
    probe(source) {
      const probed = queue.then(() => probe(source))
      queue = probed.catch(() => {})
      return probed
    },
  }
}

async function startThread(): Promise<Worker> {
  const thread = confinedThread(THREAD_FILE, { resourceLimits: HEAP })
  await once(thread, 'message')
  // What it dies of is told by its end.
  thread.on('error', () => {})
  // An idle thread is no reason for a process to live on.
  thread.unref()
  return thread
}

/**
 * One probe: hands out bytes until the thread is done. Whatever else comes of it, the thread is of no more use then.
 * @returns undefined where it died, or was still at work at the deadline
 * @throws what `source.read` throws; Error where bytes were still to come at the deadline: that isn't the file's doing
 */
async function converse(thread: Worker, source: ByteSource, deadline: AbortSignal): Promise<Reading | undefined> {
  const over = new AbortController()
  thread.ref()
  try {
    return await new Promise<Reading | undefined>((resolve, reject) => {
      const say = (message: ToThread, transferred: readonly ArrayBuffer[] = []) =>
        thread.postMessage(message, transferred)
      let awaited = 0

      const hear = (message: FromThread) => {
        if (message.type === 'done') resolve(message.reading)
        if (message.type !== 'read') return
        awaited += 1
        source.read(message.offset, message.length).then((bytes) => {
          awaited -= 1
          // A copy to give away: a view would take all the memory behind it along.
          const copy = new Uint8Array(bytes)
          say({ type: 'bytes', read: message.read, bytes: copy }, [copy.buffer])
        }, reject)
      }
      const end = () => resolve(undefined)
      const late = () => {
        if (awaited === 0) resolve(undefined)
        else
          reject(new Error(`the bytes of a file of ${source.size} took too long to come`, { cause: deadline.reason }))
      }

      thread.on('message', hear)
      thread.once('exit', end)
      deadline.addEventListener('abort', late, { signal: over.signal })
      over.signal.addEventListener('abort', () => {
        thread.off('message', hear)
        thread.off('exit', end)
      })
      if (deadline.aborted) late()
      else say({ type: 'probe', size: source.size })
    })
  } finally {
    over.abort()
    thread.unref()
  }
}
