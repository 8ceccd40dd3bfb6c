import { existsSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { findFfmpeg } from '../../ports/ffmpeg/find.ts'
import { mediabunnyProbe } from '../../ports/probe/mediabunny-probe.ts'
import { build } from '../build/build.ts'
import { local as config } from '../config/local.ts'
import { DataFolderInUse, openDatabase } from '../local/database.ts'
import { apiClient } from './client.ts'
import { createDisplay, type Display } from './display.ts'
import { findEmulator, startEmulator } from './firestore/emulator.ts'
import { mirrorTo } from './firestore/mirror.ts'
import { type Result, send } from './journey.ts'
import { findMalwareScanner } from './malware-scanner.ts'
import { HELP, LOCAL_CONVERSATION, LOCAL_USER, type Options, readOptions, UsageError } from './options.ts'
import { pickedFile } from './picked-file.ts'
import { sampleFiles } from './samples.ts'
import { type Stack, startStack } from './stack.ts'
import { localToken } from './token.ts'

const ROOT = join(import.meta.dirname, '..', '..')
/** Files under way at once: enough to keep two cores busy, few enough to see each. */
const PARALLEL = 8

/** Marks a data folder as one of ours, so that `--fresh` never deletes anything else. */
const OURS = ['aws', 'firestore', 'out', 'local.json']

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), { cwd: process.env['INIT_CWD'] ?? process.cwd(), root: ROOT })
  if (options.command === 'help') {
    process.stdout.write(HELP)
    return 0
  }
  const token = (user: string, claims: object = {}) =>
    localToken(user, config.firebase.projectId, Math.floor(Date.now() / 1000), { ...claims })
  if (options.command === 'token') {
    process.stdout.write(`${token(options.user, options.moderator ? { moderator: true } : {})}\n`)
    return 0
  }
  for (const file of options.files) {
    if (!existsSync(file) || !statSync(file).isFile()) throw new UsageError(`${file} is not a file`)
  }
  const display = createDisplay(options.json ? process.stderr : process.stdout)
  if (options.fresh) empty(options.dataDir)

  const stopping = stopSignals()
  const listeners = new Map<string, (detailType: string) => void>()
  const { signal } = stopping
  const findingFfmpeg = findFfmpeg(process.env, { packagesFrom: ROOT, local: true })
  // Asking a daemon that isn't there takes a second, as the build does.
  const malwareScanner = findMalwareScanner(process.env)
  const built = await build({ environment: 'local', onProgress: display.say, signal }).catch((error: unknown) => {
    if (signal.aborted) return undefined
    throw error
  })
  const ffmpeg = await findingFfmpeg
  if (!built || signal.aborted) return 0
  for (const note of ffmpeg.found
    ? ffmpeg.notes
    : [`photos and files run, videos and voice notes don't: ${ffmpeg.message}`]) {
    display.say(note)
  }
  const stack = await startStack({
    build: built,
    dataDir: options.dataDir,
    port: options.port,
    ffmpegPath: ffmpeg.found ? ffmpeg.path : undefined,
    now: Date.now,
    malwareScanner: await malwareScanner,
    log: ({ level, from, message }) => {
      if (options.verbose || level === 'warn' || level === 'error') display.say(`${level} ${from}: ${message}`)
    },
    observe: (event) => {
      const subject = (event.detail as { meta?: { subject?: string } }).meta?.subject
      if (subject !== undefined) listeners.get(subject)?.(event['detail-type'])
    },
  })
  try {
    if (options.command === 'once' || options.samples) void stack.cloud.warm()
    const files = await filesToSend(options, display, ffmpeg.found ? ffmpeg.path : undefined)
    const results = await Promise.race([
      sendAll(files, { options, stack, display, token: token(LOCAL_USER), listeners }),
      stopping.promise,
    ])
    if (!results) return 0
    if (options.command === 'once') return results.every(({ status }) => status === 'ready') ? 0 : 1
    announce(stack, options)
    const emulator = listenable(stack, display, signal)
    await stopping.promise
    await (await emulator)?.stop()
    return 0
  } finally {
    if (signal.aborted) display.say('stopping …')
    await stack.stop()
  }
}

async function filesToSend(
  options: Options,
  display: Display,
  ffmpegPath: string | undefined,
): Promise<readonly string[]> {
  if (options.command === 'once') return options.files
  return options.samples ? sampleFiles({ root: ROOT, ffmpegPath, say: display.say }) : []
}

interface Sending {
  readonly options: Options
  readonly stack: Stack
  readonly display: Display
  readonly token: string
  readonly listeners: Map<string, (detailType: string) => void>
}

async function sendAll(files: readonly string[], { options, stack, display, token, listeners }: Sending) {
  const client = apiClient({ apiUrl: stack.apiUrl, token, conversationId: LOCAL_CONVERSATION })
  const probe = mediabunnyProbe()
  const results: Result[] = []
  const queue = [...files.entries()]
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, file] = next
      results[index] = await send(file, {
        client,
        pick: (file) => pickedFile(file, { probe, as: options.kind }),
        documents: stack.firestore.documents,
        atWorkOn: stack.atWorkOn,
        onEvent(mediaId, listener) {
          listeners.set(mediaId, listener)
          return () => listeners.delete(mediaId)
        },
        outDir: join(options.dataDir, 'out'),
        now: () => performance.now(),
        onSighting: display.sight,
      })
      if (options.json) process.stdout.write(`${JSON.stringify(results[index])}\n`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(PARALLEL, files.length) }, work))
  if (files.length > 0) display.table(results)
  return results
}

function announce(stack: Stack, options: Options): void {
  const { cloud, apiUrl } = stack
  process.stdout.write(
    `ready  api ${apiUrl}  aws ${cloud.endpoint}  region ${cloud.region}  keys in ${join(options.dataDir, 'local.json')}\n`,
  )
  if (process.stdout.isTTY) process.stdout.write('Ctrl-C stops it.\n')
}

/**
 * Apps listen to Firestore in real time, which takes the official emulator: where it is at hand it gets a copy of every
 * document, after the pipeline is up and without being waited for.
 */
async function listenable(
  stack: Stack,
  display: Display,
  signal: AbortSignal,
): Promise<{ stop(): Promise<void> } | undefined> {
  const source = findEmulator(process.env)
  if (source.kind === 'missing') {
    display.say(`no Firestore that apps can listen to: ${source.reason}`)
    return undefined
  }
  try {
    const emulator = await startEmulator(source, config.firebase.projectId, signal)
    const mirror = mirrorTo(emulator.host, stack.firestore.documents, (problem) => display.say(problem))
    await mirror.seeded
    stack.advertise(emulator.host)
    display.say(`apps can listen to Firestore at ${emulator.host} (the official emulator)`)
    return {
      async stop() {
        await mirror.stop()
        await emulator.stop()
      },
    }
  } catch (error) {
    if (signal.aborted) return undefined
    display.say(`no Firestore that apps can listen to: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

/** Resolves at the first SIGINT or SIGTERM, or when the process that started this one is gone; a later signal ends at once. */
function stopSignals(): { readonly promise: Promise<undefined>; readonly signal: AbortSignal } {
  const controller = new AbortController()
  let first = 0
  const promise = new Promise<undefined>((resolve) => {
    const stop = () => {
      // A terminal's Ctrl-C comes twice: from the terminal itself and handed on by the process before this one.
      if (first > 0 && Date.now() - first > 500) process.exit(130)
      first ||= Date.now()
      controller.abort()
      resolve(undefined)
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
    process.on('SIGHUP', stop)
    process.on('disconnect', stop)
  })
  return { promise, signal: controller.signal }
}

/**
 * Deletes what a data folder of ours holds, and nothing that is not ours.
 * @throws DataFolderInUse, and nothing is deleted.
 */
function empty(dataDir: string): void {
  for (const name of ['firestore', 'aws'].filter((folder) => existsSync(join(dataDir, folder)))) {
    try {
      openDatabase(join(dataDir, name)).close()
    } catch (error) {
      // One that can't be read is a reason to start anew.
      if (error instanceof DataFolderInUse) throw error
    }
  }
  for (const name of OURS) rmSync(join(dataDir, name), { recursive: true, force: true })
}

main().then(
  (code) => {
    process.exit(code)
  },
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(`${message}\n`)
    if (error instanceof UsageError) process.stderr.write(`\n${HELP}`)
    else if (process.env['DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`)
    process.exit(error instanceof UsageError ? 2 : 1)
  },
)
