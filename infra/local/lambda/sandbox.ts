import { mkdirSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { type FromSandbox, type FunctionError, MAX_CHILDREN, type SandboxData, type ToSandbox } from './protocol.ts'

export interface SandboxOptions {
  readonly data: Omit<SandboxData, 'children'>
  /** The environment of the thread, but for where its temporary folder is; nothing of the host's is added. */
  readonly environment: Readonly<Record<string, string>>
  /** Where it gets a temporary folder of its own, as each sandbox of Lambda's has its `/tmp`. */
  readonly temporaryRoot: string
  readonly initTimeoutMs: number
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, requestId?: string): void
  /** Called once, when the thread has ended, for whatever reason. */
  ended(): void
}

export interface Sandbox {
  /** Resolves once it has loaded the handler, or failed to. */
  settled(): Promise<void>
  /**
   * Runs the handler; several calls interleave. Resolves to the answer's JSON; rejects with a `SandboxFailure` where
   * the handler threw, ran out of time or died with its sandbox.
   */
  invoke(requestId: string, payload: string, timeoutMs: number): Promise<string>
  /** Ends the thread at once; what is in flight in it fails. Resolves as `gone` does. */
  terminate(): Promise<void>
  /** Resolves once the thread has ended, for whatever reason, and what it started and left on the disk is gone, too. */
  readonly gone: Promise<void>
}

/** Why an invocation gave no answer. */
export class SandboxFailure extends Error {
  readonly error: FunctionError
  /** False where the handler threw, which leaves its sandbox fit for the next invocation. */
  readonly sandboxEnded: boolean

  constructor(error: FunctionError, sandboxEnded: boolean) {
    super(error.errorMessage)
    this.name = 'SandboxFailure'
    this.error = error
    this.sandboxEnded = sandboxEnded
  }
}

interface Pending {
  resolve(payload: string): void
  reject(failure: SandboxFailure): void
  readonly timer: NodeJS.Timeout
}

/** Starts a worker thread that has loaded nothing yet but the function's handler, or fails each invocation with why. */
export function startSandbox(options: SandboxOptions): Sandbox {
  const data: SandboxData = { ...options.data, children: sharedNumbers(MAX_CHILDREN) }
  mkdirSync(options.temporaryRoot, { recursive: true })
  const temporary = mkdtempSync(join(options.temporaryRoot, 'sandbox-'))
  const worker = new Worker(join(import.meta.dirname, 'sandbox-worker.mjs'), {
    workerData: data,
    // Windows has it by another name.
    env: { ...options.environment, TMPDIR: temporary, TEMP: temporary },
    argv: [],
    execArgv: [],
    stdout: true,
    stderr: true,
    name: data.functionName,
    // Bounds the heap only: memory outside of it, as an image library takes, is the whole process's here.
    resourceLimits: { maxOldGenerationSizeMb: data.memoryMb },
  })
  forwardLines(worker.stdout, (line) => options.log('info', line))
  forwardLines(worker.stderr, (line) => options.log('error', line))

  const pending = new Map<string, Pending>()
  const gone = Promise.withResolvers<void>()
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => undefined) // Each invocation reports it; without one there is nobody to tell.
  let end: FunctionError | undefined

  const fail = (error: FunctionError): void => {
    end ??= error
    clearTimeout(initTimer)
    ready.reject(new SandboxFailure(end, true))
    for (const { reject, timer } of pending.values()) {
      clearTimeout(timer)
      reject(new SandboxFailure(end, true))
    }
    pending.clear()
  }
  const initTimer = setTimeout(() => {
    fail({
      errorType: 'Sandbox.Timedout',
      errorMessage: `Init timed out after ${options.initTimeoutMs / 1000} seconds`,
    })
    void worker.terminate()
  }, options.initTimeoutMs)

  worker.on('message', (message: FromSandbox) => {
    switch (message.type) {
      case 'ready':
        clearTimeout(initTimer)
        return ready.resolve()
      case 'unready':
        fail(message.error)
        return void worker.terminate()
      case 'log':
        return options.log(message.level, message.message, message.requestId)
      case 'done':
      case 'failed': {
        const invocation = pending.get(message.requestId)
        if (!invocation) return
        pending.delete(message.requestId)
        clearTimeout(invocation.timer)
        if (message.type === 'done') invocation.resolve(message.payload)
        else invocation.reject(new SandboxFailure(message.error, false))
      }
    }
  })
  worker.on('error', (error) => {
    const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    const message = outOfMemory ? `Runtime exited: out of memory (${data.memoryMb} MB)` : error.message
    fail({ errorType: outOfMemory ? 'Runtime.OutOfMemory' : error.name, errorMessage: message })
  })
  worker.on('exit', (code) => {
    fail({ errorType: 'Runtime.ExitError', errorMessage: `Runtime exited with exit status ${code}` })
    options.ended()
    endAll(data.children, (problem) => options.log('warn', problem))
    rm(temporary, { recursive: true, force: true, maxRetries: 5 })
      .catch((error: Error) => options.log('warn', `${temporary} was left: ${error.message}`))
      .finally(gone.resolve)
  })

  return {
    settled: () => ready.promise.catch(() => undefined),
    async invoke(requestId, payload, timeoutMs) {
      await ready.promise
      if (end) throw new SandboxFailure(end, true)
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          // Lambda ends the sandbox, and with it whatever else of this worker was under way.
          const seconds = (timeoutMs / 1000).toFixed(2)
          fail({ errorType: 'Sandbox.Timedout', errorMessage: `Task timed out after ${seconds} seconds` })
          void worker.terminate()
        }, timeoutMs)
        pending.set(requestId, { resolve, reject, timer })
        worker.postMessage({ type: 'invoke', requestId, payload, remainingMs: timeoutMs } satisfies ToSandbox)
      })
    },
    async terminate() {
      await worker.terminate()
      await gone.promise
    },
    gone: gone.promise,
  }
}

function sharedNumbers(count: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT))
}

/** Ends what the thread has started: nobody else would. */
function endAll(children: Int32Array, report: (problem: string) => void): void {
  for (const pid of children) {
    if (pid === 0) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      // It may have ended already.
      if (code !== 'ESRCH') report(`process ${pid} goes on: ${message}`)
    }
  }
}

function forwardLines(stream: Readable, log: (line: string) => void): void {
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    for (const line of chunk.split('\n')) if (line !== '') log(line)
  })
}
