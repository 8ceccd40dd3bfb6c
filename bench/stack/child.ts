// The stack in a process of its own, so that what it uses is told apart from what its clients use.
import { fold } from '../../contracts/fold.ts'
import type { MediaDocument } from '../../contracts/generated/documents.ts'
import { startStack } from '../../infra/dev/stack.ts'
import { decodeFields } from '../../ports/read-model/firestore-values.ts'
import { inspectThreads } from './inspect-threads.ts'
import type { FromStack, Heaps, ToStack, Usage } from './protocol.ts'
import { threadSeconds } from './thread-seconds.ts'

const SETTLED: ReadonlySet<string> = new Set(['ready', 'rejected', 'failed'])
const MEDIA = /\/documents\/media\/([^/]+)$/

const [assemblyDir = '', dataDir = '', warm] = process.argv.slice(2)
const tell = (message: FromStack): void => void process.send?.(message)

const stack = await startStack({
  build: { assemblyDir },
  dataDir,
  port: 0,
  now: Date.now,
  log: ({ level, from, message }) => {
    if (level === 'warn' || level === 'error') tell({ type: 'log', line: `${level} ${from}: ${message}` })
  },
  observe: () => {},
})
if (warm === 'warm') void stack.cloud.warm()
const underway = new Set<string>()
stack.firestore.documents.onChange((changes) => {
  for (const { name, fields } of changes) {
    const mediaId = MEDIA.exec(name)?.[1]
    if (mediaId === undefined || !fields) continue
    const { status, thumbnails } = fold(decodeFields(fields) as unknown as MediaDocument)
    if (thumbnails.length > 0 && !underway.has(mediaId)) {
      underway.add(mediaId)
      tell({ type: 'thumbnail', mediaId })
    }
    if (!SETTLED.has(status)) continue
    underway.delete(mediaId)
    tell({ type: 'settled', mediaId, status })
  }
})

const threads = inspectThreads()

async function usage(): Promise<Usage> {
  const functions = await threads.inFunctions('Object.values(process.threadCpuUsage()).reduce((a, b) => a + b) / 1e6')
  const main = process.threadCpuUsage()
  const all = process.cpuUsage()
  return {
    cpu: (all.user + all.system) / 1e6,
    mainThread: (main.user + main.system) / 1e6,
    functions,
    threads: threadSeconds(),
  }
}

async function heaps(): Promise<Heaps> {
  await threads.collectGarbage()
  const functions = Object.values(await threads.inFunctions('process.memoryUsage().heapUsed / 1e6'))
  return {
    mainMb: process.memoryUsage().heapUsed / 1e6,
    functionsMb: functions.reduce((a, b) => a + b, 0),
    functions: functions.length,
  }
}

async function answer(ask: ToStack['ask']): Promise<unknown> {
  switch (ask) {
    case 'usage':
      return usage()
    case 'memory':
      return process.memoryUsage.rss() / 1e6
    case 'heaps':
      return heaps()
    case 'profile':
      return threads.startProfiling()
    case 'profiled':
      return threads.stopProfiling(process.env['BENCH_PROFILES'])
    case 'stop':
      return stack.stop()
  }
}

process.on('message', ({ id, ask }: ToStack) => {
  answer(ask).then(
    (value) => {
      tell({ type: 'answer', id, value: value ?? null })
      if (ask === 'stop') process.disconnect()
    },
    (error: unknown) => {
      throw error
    },
  )
})
process.on('disconnect', () => process.exit())
tell({ type: 'ready', apiUrl: stack.apiUrl })
