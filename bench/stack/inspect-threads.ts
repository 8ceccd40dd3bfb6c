import { mkdirSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { join } from 'node:path'
import type { Shares } from './protocol.ts'
import { type Profile, sharesOf } from './shares.ts'

/** The main thread and the functions' worker threads, looked into with V8's inspector. */
export interface ThreadInspector {
  /** What an expression gives in each living worker thread, by function. */
  inFunctions(expression: string): Promise<Record<string, number>>
  collectGarbage(): Promise<void>
  startProfiling(): Promise<void>
  /** Ends it; the profiles are also written into `folder`, as Chrome's DevTools open them. */
  stopProfiling(
    folder: string | undefined,
  ): Promise<{ readonly main: Shares; readonly functions: Record<string, Shares> }>
}

const SAMPLING_MICROSECONDS = 500

type Call = (method: string, params?: object) => Promise<Record<string, unknown>>

interface Thread {
  readonly name: string
  readonly call: Call
}

export function inspectThreads(): ThreadInspector {
  const session = new Session()
  session.connect()
  const callMain: Call = (method, params) =>
    new Promise((resolve, reject) => {
      session.post(method, params, (error: Error | null, result?: object) => {
        if (error) reject(error)
        else resolve((result ?? {}) as Record<string, unknown>)
      })
    })

  const workers = new Map<string, Thread>()
  const answers = new Map<number, (result: Record<string, unknown>) => void>()
  let lastId = 0
  session.on('NodeWorker.attachedToWorker', ({ params }) => {
    const { sessionId, workerInfo } = params
    const call: Call = async (method, callParams = {}) => {
      const id = ++lastId
      const answered = new Promise<Record<string, unknown>>((resolve) => answers.set(id, resolve))
      const message = JSON.stringify({ id, method, params: callParams })
      await callMain('NodeWorker.sendMessageToWorker', { sessionId, message })
      return answered
    }
    // `[worker 3] messageai-local-generate-thumbnail`
    workers.set(sessionId, { name: workerInfo.title.replace(/^\[worker \d+\] /, ''), call })
  })
  session.on('NodeWorker.detachedFromWorker', ({ params }) => void workers.delete(params.sessionId))
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const { id, result } = JSON.parse(params.message) as { id?: number; result?: Record<string, unknown> }
    if (id === undefined) return
    answers.get(id)?.(result ?? {})
    answers.delete(id)
  })
  const attached = callMain('NodeWorker.enable', { waitForDebuggerOnStart: false })

  const everywhere = async <T>(work: (thread: Thread) => Promise<T>): Promise<Record<string, T>> => {
    await attached
    return Object.fromEntries(
      await Promise.all([...workers.values()].map(async (thread) => [thread.name, await work(thread)] as const)),
    )
  }
  const start = async ({ call }: Pick<Thread, 'call'>) => {
    await call('Profiler.enable')
    await call('Profiler.setSamplingInterval', { interval: SAMPLING_MICROSECONDS })
    await call('Profiler.start')
  }
  const stop = async ({ call }: Pick<Thread, 'call'>) => (await call('Profiler.stop'))['profile'] as Profile

  return {
    inFunctions: (expression) =>
      everywhere(async ({ call }) => {
        const { result } = await call('Runtime.evaluate', { expression, returnByValue: true })
        return (result as { value: number }).value
      }),
    async collectGarbage() {
      await callMain('HeapProfiler.collectGarbage')
      await everywhere(({ call }) => call('HeapProfiler.collectGarbage'))
    },
    async startProfiling() {
      await start({ call: callMain })
      await everywhere(start)
    },
    async stopProfiling(folder) {
      const main = await stop({ call: callMain })
      const ended = await everywhere(stop)
      // A thread that started meanwhile has none.
      const functions = Object.fromEntries(Object.entries(ended).filter(([, profile]) => profile !== undefined))
      if (folder !== undefined) {
        mkdirSync(folder, { recursive: true })
        for (const [name, profile] of Object.entries({ main, ...functions })) {
          writeFileSync(join(folder, `${name}.cpuprofile`), JSON.stringify(profile))
        }
      }
      return {
        main: sharesOf(main),
        functions: Object.fromEntries(Object.entries(functions).map(([name, profile]) => [name, sharesOf(profile)])),
      }
    },
  }
}
