import { existsSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { findFfmpeg } from '../../ports/ffmpeg/find.ts'
import { build } from '../build/build.ts'
import { local as config } from '../config/local.ts'
import { DataFolderInUse, openDatabase } from '../local/database.ts'
import { createDisplay, type Display } from './display.ts'
import { findEmulator, startEmulator } from './firestore/emulator.ts'
import { mirrorTo } from './firestore/mirror.ts'
import { findMalwareScanner } from './malware-scanner.ts'
import { HELP, LOCAL_USER, type Options, readOptions, UsageError } from './options.ts'
import { sampleFiles } from './samples.ts'
import { sendFiles } from './send-files.ts'
import { type Stack, startStack } from './stack.ts'
import { exitCodeOf, stopSignals } from './stop-signals.ts'
import { localToken } from './token.ts'

const ROOT = join(import.meta.dirname, '..', '..')
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
  /** Who wants the stack ends it by a signal; who wants files sent has not got what they asked for. */
  const stopped = (unfinished: readonly string[]) => {
    if (options.command !== 'once') return 0
    display.say(`ended by ${signal.reason}, and not done with ${unfinished.join(', ')}`)
    return exitCodeOf(signal.reason)
  }
  if (!built || signal.aborted) return stopped(options.files.map((file) => basename(file)))
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
    const sending = sendFiles(files, { options, stack, display, token: token(LOCAL_USER), listeners })
    const results = await Promise.race([sending.done, stopping.promise])
    if (sending.results().length > 0) display.table(sending.results())
    if (!results) return stopped(sending.unfinished())
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
