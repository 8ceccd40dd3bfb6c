import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { firstOnPath } from './path.ts'
import { findSandbox, type Sandbox } from './sandbox.ts'

/** An ffmpeg that was tried and runs. */
export interface Ffmpeg {
  readonly found: true
  readonly path: string
  /** Some builds come without it. */
  readonly ffprobe?: string
  /** As it names itself: `7.0.2-static`, `5.1.9-0+deb12u1`. */
  readonly version: string
  readonly has: Readonly<Record<Part, boolean>>
  /** What it is shut in by on this machine. */
  readonly sandbox: Sandbox
  /** What an operator should know: parts that it lacks, guards that this machine doesn't offer. */
  readonly notes: readonly string[]
}

/** Nothing runs here; what needs it says `message`, which names the remedy. */
export interface Missing {
  readonly found: false
  readonly message: string
}

/** What is looked for in a build: two encoders, one that every build has, and two filters. */
export type Part = 'libx264' | 'libopus' | 'aac' | 'loudnorm' | 'zscale'

export interface FindOptions {
  /** Folder or file from where on `ffmpeg-static` is looked for, as `require` would; without it the package is left out. */
  readonly packagesFrom?: string
  /** On a developer's machine the build of 2018 in `@ffmpeg-installer/ffmpeg` is better than none. */
  readonly local?: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

interface Candidate {
  /** For messages: `FFMPEG_BIN`, `ffmpeg-static`, `PATH`. */
  readonly origin: string
  readonly path: string
  /** Somebody chose it: nothing else will do in its place. */
  readonly chosen?: boolean
}

/** Guards are looked for here where nobody says where programs lie: they are not to be missing for that. */
const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin'].join(delimiter)

const ENCODERS: readonly Part[] = ['libx264', 'libopus', 'aac']
const FILTERS: readonly Part[] = ['loudnorm', 'zscale']

const REMEDY =
  'install ffmpeg (apt install ffmpeg, brew install ffmpeg), or set FFMPEG_BIN to the path of a build with libx264 and libopus'

/**
 * Looks for an ffmpeg that runs: `FFMPEG_BIN` or `FFMPEG_PATH`, the package `ffmpeg-static`, PATH, and on a developer's
 * machine `@ffmpeg-installer/ffmpeg`. The first with every part wins, else the first that runs; one that was chosen by a
 * variable is taken or missed, never replaced. It costs a few starts of ffmpeg: ask once and keep the answer.
 */
export async function findFfmpeg(environment: Environment, options: FindOptions = {}): Promise<Ffmpeg | Missing> {
  const tried: string[] = []
  let second: Ffmpeg | undefined
  for (const candidate of await candidates(environment, options)) {
    const answer = await inspect(candidate, environment)
    if (typeof answer === 'string') {
      tried.push(answer)
      if (candidate.chosen) break
      continue
    }
    if (candidate.chosen || Object.values(answer.has).every(Boolean)) return answer
    second ??= answer
  }
  if (second) return second
  const looked = tried.length > 0 ? tried.join('; ') : 'nothing in FFMPEG_BIN, ffmpeg-static or PATH'
  return { found: false, message: `No ffmpeg runs here (${looked}): ${REMEDY}.` }
}

async function candidates(environment: Environment, { packagesFrom, local }: FindOptions): Promise<Candidate[]> {
  for (const origin of ['FFMPEG_BIN', 'FFMPEG_PATH']) {
    const path = environment[origin]
    if (path) return [{ origin, path, chosen: true }]
  }
  const onPath = await firstOnPath('ffmpeg', environment['PATH'])
  const fromStatic = packagesFrom && packageFile('ffmpeg-static', packagesFrom, EXECUTABLE)
  const fromInstaller =
    local &&
    packagesFrom &&
    packageFile(`@ffmpeg-installer/${process.platform}-${process.arch}`, packagesFrom, EXECUTABLE)
  return [
    ...(fromStatic ? [{ origin: 'ffmpeg-static', path: fromStatic }] : []),
    ...(onPath ? [{ origin: 'PATH', path: onPath }] : []),
    ...(fromInstaller ? [{ origin: '@ffmpeg-installer/ffmpeg', path: fromInstaller }] : []),
  ]
}

const EXECUTABLE = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg'

/** A file of an installed package. The package's own code isn't run: it reads the environment. */
function packageFile(name: string, from: string, file: string): string | undefined {
  try {
    return join(dirname(createRequire(join(from, 'package.json')).resolve(`${name}/package.json`)), file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** The program as found, or why it doesn't count. */
async function inspect({ origin, path }: Candidate, environment: Environment): Promise<Ffmpeg | string> {
  // Each start of it takes a tenth of a second: the version is what it says by the way, and all is asked at once.
  const [encoders, filters, ffprobe, sandbox] = await Promise.all([
    ask(path, '-encoders'),
    ask(path, '-filters'),
    findFfprobe(path, environment),
    findSandbox({ file: path, args: ['-version'] }, environment['PATH'] ?? SYSTEM_PATH),
  ])
  const [, named] = /^ffmpeg version (\S+)/m.exec(encoders?.stderr ?? '') ?? []
  if (named === undefined || encoders === undefined || filters === undefined) {
    return `${origin} names ${path}, which does not run`
  }
  const lists = (list: string) => (part: Part) => [part, new RegExp(`^\\s*\\S+\\s+${part}\\s`, 'm').test(list)] as const
  const has = Object.fromEntries([
    ...ENCODERS.map(lists(encoders.stdout)),
    ...FILTERS.map(lists(filters.stdout)),
  ]) as Ffmpeg['has']
  const lacks = Object.entries(has).flatMap(([part, there]) => (there ? [] : [part]))
  return {
    found: true,
    path,
    ...(ffprobe !== undefined && { ffprobe }),
    version: named,
    has,
    sandbox,
    notes: [
      ...(lacks.length > 0 ? [`ffmpeg ${named} at ${path} lacks ${lacks.join(', ')}: ${REMEDY}`] : []),
      ...(origin.startsWith('@') ? [`ffmpeg ${named} at ${path} is of 2018: ${REMEDY}`] : []),
      ...sandbox.notes,
    ],
  }
}

/** Beside ffmpeg, or where a variable or PATH says; ffmpeg-static has none. */
async function findFfprobe(ffmpeg: string, environment: Environment): Promise<string | undefined> {
  const beside = join(dirname(ffmpeg), EXECUTABLE.replace('ffmpeg', 'ffprobe'))
  const paths = [environment['FFPROBE_BIN'], environment['FFPROBE_PATH'], beside]
  for (const path of [...paths, await firstOnPath('ffprobe', environment['PATH'])]) {
    if (path && (await ask(path, '-version'))?.stdout.startsWith('ffprobe version')) return path
  }
  return undefined
}

interface Said {
  readonly stdout: string
  readonly stderr: string
}

/** What the program prints, or undefined where it doesn't run or takes too long. */
function ask(path: string, question: string): Promise<Said | undefined> {
  return new Promise((resolve) => {
    const options = { timeout: 20_000, killSignal: 'SIGKILL', maxBuffer: 4 * 1024 * 1024, env: {} } as const
    execFile(path, [question], options, (error, stdout, stderr) => resolve(error ? undefined : { stdout, stderr }))
  })
}
