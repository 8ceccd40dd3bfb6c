import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '..')

/** What `npm start` runs, once it has come this far. */
export const MAIN = [process.execPath, join(ROOT, 'infra/dev/main.ts')] as const

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A program in a process of its own, as a person runs it. It ends by itself where the tests die before it. */
export interface Program {
  readonly pid: number
  readonly stdout: () => string
  readonly stderr: () => string
  /** Once it has ended and all that it wrote was read. */
  readonly ended: Promise<Ending>
  /** To this very process. */
  signal(signal: NodeJS.Signals): void
}

export interface ProgramOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

export function run([command, ...args]: readonly [string, ...string[]], options: ProgramOptions = {}): Program {
  const child: ChildProcess = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8')
    child[name]?.on('data', (chunk: string) => {
      written[name] += chunk
    })
  }
  return {
    pid: child.pid ?? 0,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    ended: new Promise((done, fail) => {
      child.once('error', fail)
      child.once('close', (code, signal) => done({ code, signal, ...written }))
    }),
    signal: (signal) => void child.kill(signal),
  }
}

/** What `DIR/local.json` tells other programs. */
export interface LocalFile {
  readonly pid: number
  readonly awsEndpoint: string
  readonly apiUrl: string
  readonly region: string
  readonly accountId: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly buckets: readonly string[]
  readonly eventBus: { readonly name: string; readonly arn: string }
  readonly queues: Readonly<Record<string, string>>
  readonly archive: string
  readonly projectId: string
}

export interface RunningStack extends Program {
  readonly local: LocalFile
}

/**
 * `npm start`, without samples and on any port, once it says that it is ready. It finds no Java: the emulator for apps
 * would take longer to start than all the rest.
 */
export async function startProgram(dataDir: string, ...args: readonly string[]): Promise<RunningStack> {
  const command = [...MAIN, '--data', dataDir, '--port', '0', '--no-samples', ...args] as const
  const program = run(command, { env: { PATH: dirname(process.execPath) } })
  await said(program, 'ready  api ')
  return { ...program, local: JSON.parse(readFileSync(join(dataDir, 'local.json'), 'utf8')) as LocalFile }
}

/** Waits until the program has written `words`. @throws Error with all that it wrote where it ends before. */
export async function said(program: Program, words: string): Promise<void> {
  let over: Ending | undefined
  program.ended.then(
    (ending) => {
      over = ending
    },
    () => {},
  )
  while (!`${program.stdout()}${program.stderr()}`.includes(words)) {
    if (over) throw new Error(`it ended with ${over.code ?? over.signal} before it said "${words}":\n${over.stderr}`)
    await new Promise((wait) => setTimeout(wait, 20))
  }
}
