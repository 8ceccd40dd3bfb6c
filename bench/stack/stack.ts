import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build, ROOT } from '../../infra/build/build.ts'
import { local as config } from '../../infra/config/local.ts'
import { apiClient } from '../../infra/dev/client.ts'
import { NODE_FLAGS, nodeEnvironment } from '../../infra/dev/node-settings.mjs'
import { LOCAL_CONVERSATION, LOCAL_USER } from '../../infra/dev/options.ts'
import { localToken } from '../../infra/dev/token.ts'
import type { FromStack, Heaps, Shares, ToStack, Usage } from './protocol.ts'

/** The real stack in a process of its own, on an empty data folder, and clients to send photos to it. */
export interface StackProcess {
  /** Seconds from the process's start until it answers. */
  readonly secondsToReady: number
  /** Sends one file as a client does; the times are milliseconds from the first request. @throws Error unless it gets ready. */
  send(file: string): Promise<{ readonly msToThumbnail: number; readonly msToReady: number }>
  usage(): Promise<Usage>
  /** Of the whole process, resident, in megabytes. */
  memory(): Promise<number>
  heaps(): Promise<Heaps>
  /** Where the time of `work` went: on the main thread, and in each function. */
  profile(work: () => Promise<void>): Promise<{ readonly main: Shares; readonly functions: Record<string, Shares> }>
  stop(): Promise<void>
}

export interface StackProcessOptions {
  /** Starts the functions at once, as `npm start` does where it sends files. */
  readonly warm?: boolean
  /** Where CPU profiles are kept. */
  readonly profiles?: string
}

export async function startStackProcess({ warm, profiles }: StackProcessOptions = {}): Promise<StackProcess> {
  const { assemblyDir } = await build({ environment: 'local', onProgress: (line) => console.error(line) })
  const dataDir = mkdtempSync(join(tmpdir(), 'messageai-bench-'))
  const started = performance.now()
  const child = fork(join(import.meta.dirname, 'child.ts'), [assemblyDir, dataDir, ...(warm ? ['warm'] : [])], {
    // As `npm start` runs it.
    execArgv: NODE_FLAGS,
    env: { ...nodeEnvironment(ROOT), ...process.env, ...(profiles && { BENCH_PROFILES: resolve(profiles) }) },
  })
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`the stack ended with ${code}`)))
  })
  ended.catch(() => undefined)

  const ready = Promise.withResolvers<string>()
  const thumbnails = new Map<string, () => void>()
  const settled = new Map<string, (status: string) => void>()
  const answers = new Map<number, (value: unknown) => void>()
  child.on('message', (message: FromStack) => {
    switch (message.type) {
      case 'ready':
        return ready.resolve(message.apiUrl)
      case 'thumbnail':
        return thumbnails.get(message.mediaId)?.()
      case 'settled':
        return settled.get(message.mediaId)?.(message.status)
      case 'log':
        return console.error(message.line)
      case 'answer':
        answers.get(message.id)?.(message.value)
        answers.delete(message.id)
    }
  })
  let lastId = 0
  const ask = (what: ToStack['ask']): Promise<unknown> => {
    const id = ++lastId
    const answered = new Promise((resolve) => answers.set(id, resolve))
    child.send({ id, ask: what } satisfies ToStack)
    return Promise.race([answered, ended])
  }

  const apiUrl = await Promise.race([ready.promise, ended])
  const secondsToReady = (performance.now() - started) / 1000
  const token = localToken(LOCAL_USER, config.firebase.projectId, Math.floor(Date.now() / 1000))
  const client = apiClient({ apiUrl, token, conversationId: LOCAL_CONVERSATION })

  return {
    secondsToReady,
    async send(file) {
      const began = performance.now()
      const reservation = await client.reserve(file, {
        kind: 'image',
        contentType: 'image/jpeg',
        bytes: statSync(file).size,
      })
      if (!reservation.ok) throw new Error(`${file}: ${reservation.reason}`)
      const { mediaId } = reservation
      let msToThumbnail = Number.NaN
      thumbnails.set(mediaId, () => {
        msToThumbnail = performance.now() - began
      })
      const status = new Promise<string>((resolve) => settled.set(mediaId, resolve))
      const refused = await client.upload(file, reservation)
      if (refused) throw new Error(`${file}: ${refused.reason}`)
      const end = await Promise.race([status, ended])
      thumbnails.delete(mediaId)
      settled.delete(mediaId)
      if (end !== 'ready') throw new Error(`${file} ended ${end}`)
      return { msToThumbnail, msToReady: performance.now() - began }
    },
    usage: async () => (await ask('usage')) as Usage,
    memory: async () => (await ask('memory')) as number,
    heaps: async () => (await ask('heaps')) as Heaps,
    async profile(work) {
      await ask('profile')
      await work()
      return (await ask('profiled')) as Awaited<ReturnType<StackProcess['profile']>>
    },
    async stop() {
      await ask('stop')
      await ended.catch(() => undefined)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Runs `work` for each item, so many at a time. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const queue = [...items.entries()]
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1])
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
  return results
}
