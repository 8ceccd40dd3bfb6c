import type { FunctionDeclaration } from './declaration.ts'
import type { InvocationResult } from './protocol.ts'
import { type Sandbox, SandboxFailure, startSandbox } from './sandbox.ts'

export interface FunctionHost {
  /** The most invocations of one function at a time. One worker thread stands for that many sandboxes. */
  readonly concurrency: number
  /** How long a worker without an invocation stays. */
  readonly idleMs: number
  /** The folder for functions' compiled code; undefined keeps none. */
  readonly compileCache: string | undefined
  /** The folder for workers' temporary folders. */
  readonly temporaryRoot: string
  environment(declaration: FunctionDeclaration): Readonly<Record<string, string>>
  requestId(): string
  log(
    declaration: FunctionDeclaration,
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    requestId?: string,
  ): void
}

/**
 * One function and its worker thread, which lives from the first invocation until it has been idle for a while.
 *
 * Where AWS gives each concurrent invocation a sandbox of its own, they interleave here in one thread, up to the
 * function's concurrency: module state is shared between them, and one that crashes or runs out of time takes those in
 * flight beside it along. Those fail as a crashed sandbox fails them, so a sound function only sees a redelivery.
 */
export interface LocalFunction {
  readonly declaration: FunctionDeclaration
  /** Starts its worker, so that its first invocation need not wait for it; resolves once that has loaded, or failed to. */
  warm(): Promise<void>
  /** Whether an invocation would start at once. */
  hasRoom(): boolean
  /** Runs it, after those that wait already; never rejects. */
  invoke(payload: string, requestId?: string): Promise<InvocationResult>
  /** Calls back each time that there is room again. Returns the unsubscriber. */
  onRoom(callback: () => void): () => void
  /** Lets what runs end for `graceMs`, refuses what waits, then ends the worker with all that it started. */
  stop(graceMs: number): Promise<void>
}

// Lambda answers with at most 6 MB.
const MAX_ANSWER_BYTES = 6 * 1024 * 1024 + 100

// Lambda's is 10 s; a laptop that starts ten functions at once on two cores is not slower than that by a fault of theirs.
const INIT_TIMEOUT_MS = 30_000

interface Waiting {
  readonly payload: string
  readonly requestId: string
  readonly answer: (result: InvocationResult) => void
}

export function createFunction(declaration: FunctionDeclaration, host: FunctionHost): LocalFunction {
  const limit = Math.min(declaration.reservedConcurrency ?? Number.POSITIVE_INFINITY, host.concurrency)
  const waiting: Waiting[] = []
  const subscribers = new Set<() => void>()
  let running = 0
  let stopped = false
  let sandbox: Sandbox | undefined
  /** Those that end, too. */
  const sandboxes = new Set<Sandbox>()
  let idleTimer: NodeJS.Timeout | undefined
  let drained: (() => void) | undefined

  const currentSandbox = (): Sandbox => {
    if (sandbox) return sandbox
    const started = startSandbox({
      data: {
        taskRoot: declaration.codePath,
        handler: declaration.handler,
        functionName: declaration.name,
        functionArn: declaration.arn,
        memoryMb: declaration.memoryMb,
        compileCache: host.compileCache,
      },
      environment: host.environment(declaration),
      temporaryRoot: host.temporaryRoot,
      initTimeoutMs: INIT_TIMEOUT_MS,
      log: (level, message, requestId) => host.log(declaration, level, message, requestId),
      ended: () => {
        if (sandbox === started) sandbox = undefined
      },
    })
    sandbox = started
    sandboxes.add(started)
    void started.gone.then(() => sandboxes.delete(started))
    return started
  }

  const run = async ({ payload, requestId, answer }: Waiting): Promise<void> => {
    running += 1
    clearTimeout(idleTimer)
    const used = currentSandbox()
    answer(await attempt(used, payload, requestId))
    running -= 1
    if (running === 0) {
      drained?.()
      endWhenIdle()
    }
    next()
  }

  const endWhenIdle = (): void => {
    clearTimeout(idleTimer)
    idleTimer = setTimeout(() => {
      const idle = sandbox
      sandbox = undefined
      void idle?.terminate()
    }, host.idleMs)
    idleTimer.unref()
  }

  const attempt = async (used: Sandbox, payload: string, requestId: string): Promise<InvocationResult> => {
    try {
      const answer = await used.invoke(requestId, payload, declaration.timeoutMs)
      const bytes = Buffer.byteLength(answer)
      if (bytes <= MAX_ANSWER_BYTES) return { ok: true, requestId, payload: answer }
      const errorMessage = `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (6291556 bytes).`
      return { ok: false, requestId, error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage } }
    } catch (failure) {
      if (!(failure instanceof SandboxFailure)) throw failure
      const { error, sandboxEnded } = failure
      if (sandboxEnded && sandbox === used) sandbox = undefined
      host.log(declaration, 'error', error.trace?.join('\n') ?? `${error.errorType}: ${error.errorMessage}`, requestId)
      return { ok: false, requestId, error }
    }
  }

  const next = (): void => {
    while (running < limit) {
      const invocation = waiting.shift()
      if (!invocation) break
      void run(invocation)
    }
    for (const callback of [...subscribers]) {
      if (running >= limit || stopped) return
      // Served first, it goes to the end of the line, so that a busy source leaves room for a quiet one.
      if (subscribers.delete(callback)) subscribers.add(callback)
      callback()
    }
  }

  return {
    declaration,
    async warm() {
      if (stopped || limit === 0) return
      const warmed = currentSandbox()
      // What still loads is not idle, however long that takes on a busy machine.
      if (running === 0) clearTimeout(idleTimer)
      await warmed.settled()
      if (running === 0 && sandbox === warmed && !stopped) endWhenIdle()
    },
    hasRoom: () => !stopped && running < limit && waiting.length === 0,
    invoke(payload, requestId = host.requestId()) {
      const refuse = (errorType: string, errorMessage: string): Promise<InvocationResult> =>
        Promise.resolve({ ok: false, requestId, error: { errorType, errorMessage } })
      if (stopped) return refuse('ServiceException', 'The local runtime is stopping.')
      if (limit === 0) return refuse('TooManyRequestsException', 'Rate Exceeded.')
      return new Promise((answer) => {
        waiting.push({ payload, requestId, answer })
        if (running >= limit) return
        const invocation = waiting.shift()
        if (invocation) void run(invocation)
      })
    },
    onRoom(callback) {
      subscribers.add(callback)
      return () => subscribers.delete(callback)
    },
    async stop(graceMs) {
      stopped = true
      for (const { requestId, answer } of waiting.splice(0)) {
        const error = { errorType: 'ServiceException', errorMessage: 'The local runtime is stopping.' }
        answer({ ok: false, requestId, error })
      }
      if (running > 0) {
        await new Promise<void>((resolve) => {
          const grace = setTimeout(resolve, graceMs)
          drained = () => {
            clearTimeout(grace)
            resolve()
          }
        })
      }
      clearTimeout(idleTimer)
      await Promise.all([...sandboxes].map((one) => one.terminate()))
    },
  }
}
