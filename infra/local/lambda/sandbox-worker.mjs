// @ts-check
// Runs inside a function's worker thread, started by sandbox.ts. It imports node alone, so that a function's own
// packages are the only ones in its thread. Plain JavaScript: to strip types, each thread would load a compiler first,
// which takes 50 ms and 15 MB.
import { AsyncLocalStorage } from 'node:async_hooks'
import { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire, enableCompileCache, flushCompileCache, registerHooks } from 'node:module'
import { join, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { format } from 'node:util'
import { parentPort, workerData } from 'node:worker_threads'

/**
 * @import { FromSandbox, FunctionError, SandboxData, ToSandbox } from './protocol.ts'
 * @typedef {(event: unknown, context: object) => unknown} Handler
 */

/** @type {SandboxData} */
const data = workerData
if (data.compileCache !== undefined) enableCompileCache(data.compileCache)
const port = parentPort
if (!port) throw new Error('this file runs in a worker thread')
/** @type {AsyncLocalStorage<string>} */
const invocation = new AsyncLocalStorage()
/** @param {FromSandbox} message */
const send = (message) => port.postMessage(message)

/** @type {ReadonlyArray<[method: string, level: 'debug' | 'info' | 'warn' | 'error']>} */
const LEVELS = [
  ['debug', 'debug'],
  ['trace', 'debug'],
  ['log', 'info'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['error', 'error'],
]
for (const [method, level] of LEVELS) {
  Object.defineProperty(console, method, {
    /** @param {unknown[]} values */
    value: (...values) => {
      const requestId = invocation.getStore()
      send({ type: 'log', level, message: format(...values), ...(requestId === undefined ? {} : { requestId }) })
    },
  })
}

// A thread that is ended ends no process that it has started: whoever ends it finds them in `children`.
/** @type {(this: ChildProcess, options: unknown) => unknown} */
const spawn = Reflect.get(ChildProcess.prototype, 'spawn')
Reflect.set(
  ChildProcess.prototype,
  'spawn',
  /** @type {typeof spawn} */
  function (options) {
    const place = data.children.indexOf(0)
    if (place === -1) throw named('Error', `spawn EAGAIN: a sandbox holds ${data.children.length} processes at most`)
    const answer = Reflect.apply(spawn, this, [options])
    if (this.pid !== undefined) {
      data.children[place] = this.pid
      this.once('exit', () => {
        data.children[place] = 0
      })
    }
    return answer
  },
)

// `index.js` is CommonJS in /var/task unless a package.json beside it says otherwise. Here the assembly lies below a
// project whose own package.json must not decide it.
if (!taskIsModule()) {
  const root = data.taskRoot + sep
  registerHooks({
    load(url, context, next) {
      if (!url.startsWith('file:') || !url.endsWith('.js')) return next(url, context)
      const file = fileURLToPath(url)
      if (!file.startsWith(root) || file.includes(`${sep}node_modules${sep}`)) return next(url, context)
      return { format: 'commonjs', source: readFileSync(file, 'utf8'), shortCircuit: true }
    },
  })
}

/** @returns {boolean} */
function taskIsModule() {
  const manifest = join(data.taskRoot, 'package.json')
  if (!existsSync(manifest)) return false
  /** @type {unknown} */
  const parsed = JSON.parse(readFileSync(manifest, 'utf8'))
  return typeof parsed === 'object' && parsed !== null && 'type' in parsed && parsed.type === 'module'
}

/** @returns {Promise<Handler>} */
async function load() {
  const dot = data.handler.lastIndexOf('.')
  const [file, name] = [data.handler.slice(0, dot), data.handler.slice(dot + 1)]
  const extension = ['.js', '.mjs', '.cjs'].find((candidate) => existsSync(join(data.taskRoot, file + candidate)))
  if (extension === undefined) {
    throw named('Runtime.ImportModuleError', `Error: Cannot find module '${file}' in ${data.taskRoot}`)
  }
  const path = join(data.taskRoot, file + extension)
  const isModule = extension === '.mjs' || (extension === '.js' && taskIsModule())
  /** @type {unknown} */
  const exported = isModule ? await import(pathToFileURL(path).href) : createRequire(path)(path)
  const handler = typeof exported === 'object' && exported !== null ? Reflect.get(exported, name) : undefined
  if (typeof handler !== 'function') {
    throw named('Runtime.HandlerNotFound', `${data.handler} is undefined or not exported`)
  }
  return handler
}

/**
 * @param {string} errorType
 * @param {string} message
 */
function named(errorType, message) {
  const error = new Error(message)
  error.name = errorType
  return error
}

/**
 * @param {Handler} handler
 * @param {ToSandbox} message
 */
async function invoke(handler, { requestId, payload, remainingMs }) {
  // Of its own: the wall clock may jump, and the deadline must not.
  const deadline = performance.now() + remainingMs
  const context = {
    functionName: data.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: data.functionArn,
    memoryLimitInMB: String(data.memoryMb),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${data.functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
  }
  try {
    const value = await invocation.run(requestId, async () => handler(JSON.parse(payload), context))
    send({ type: 'done', requestId, payload: JSON.stringify(value) ?? 'null' })
  } catch (error) {
    send({ type: 'failed', requestId, error: describe(error) })
  }
}

/**
 * @param {unknown} error
 * @returns {FunctionError}
 */
function describe(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) }
  return {
    errorType: error.name,
    errorMessage: error.message,
    ...(error.stack === undefined ? {} : { trace: error.stack.split('\n') }),
  }
}

load().then(
  (handler) => {
    port.on('message', (message) => void invoke(handler, message))
    send({ type: 'ready' })
    // Threads are ended, not left to end: what was compiled is written down now.
    if (data.compileCache !== undefined) flushCompileCache()
  },
  (error) => send({ type: 'unready', error: describe(error) }),
)
