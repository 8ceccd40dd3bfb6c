import { execFile } from 'node:child_process'
import { firstOnPath } from './path.ts'

/** What this machine has to shut a process in with. */
export interface Sandbox {
  /** util-linux's, which bounds memory, processor time and file sizes. */
  readonly prlimit?: string
  /** util-linux's, which has the kernel end a process with the thread that started it. */
  readonly setpriv?: string
  /** What takes the network away; without it the whitelists of protocols and formats alone stand guard. */
  readonly network?: { readonly by: 'bwrap' | 'unshare'; readonly path: string }
  /** For operators: which guards are missing here. */
  readonly notes: readonly string[]
}

/** What the kernel ends a process at, beside what ffmpeg is told by its own options. */
export interface Bounds {
  /** The only folder that may be written to, where that can be enforced. */
  readonly scratch: string
  readonly maxMemoryMb: number
  readonly maxCpuSeconds: number
  readonly maxFileBytes: number
}

export interface Command {
  readonly file: string
  readonly args: readonly string[]
}

/**
 * Finds what is there and works, each guard around those that were found before it: containers often forbid what is
 * installed in them, and some guards don't work within each other.
 * @param trial what must still run within it
 * @param path the PATH to look in
 */
export async function findSandbox(trial: Command, path: string | undefined): Promise<Sandbox> {
  let guards: Guards = {}
  for (const layer of LAYERS) guards = await withLayer(layer, guards, trial, path)
  return { ...guards, notes: notesOf(guards) }
}

type Guards = Omit<Sandbox, 'notes'>

interface Guard {
  readonly name: string
  /** What it adds, where it was found. */
  at(path: string): Guards
}

const SETPRIV: Guard = { name: 'setpriv', at: (setpriv) => ({ setpriv }) }
const BWRAP: Guard = { name: 'bwrap', at: (path) => ({ network: { by: 'bwrap', path } }) }
const UNSHARE: Guard = { name: 'unshare', at: (path) => ({ network: { by: 'unshare', path } }) }
const PRLIMIT: Guard = { name: 'prlimit', at: (prlimit) => ({ prlimit }) }

/** Innermost first, as `confine` puts them. Of each, the first that works is taken: the better comes before. */
const LAYERS: readonly (readonly Guard[])[] = [[SETPRIV], [BWRAP, UNSHARE], [PRLIMIT]]

const TRIAL: Bounds = { scratch: '/', maxMemoryMb: 4_096, maxCpuSeconds: 20, maxFileBytes: 1_000_000 }

async function withLayer(
  layer: readonly Guard[],
  within: Guards,
  trial: Command,
  path: string | undefined,
): Promise<Guards> {
  for (const guard of layer) {
    const found = await firstOnPath(guard.name, path)
    if (found === undefined) continue
    const guards = { ...within, ...guard.at(found) }
    if (await works(confine(trial, guards, TRIAL))) return guards
  }
  return within
}

function notesOf({ prlimit, setpriv, network }: Guards): readonly string[] {
  // bwrap, too, ends what it runs with whoever started it.
  const ends = setpriv !== undefined || network?.by === 'bwrap'
  return [
    ...(prlimit === undefined ? ['prlimit does not run here: memory and processor time of ffmpeg have no bound'] : []),
    ...(network === undefined
      ? ['neither bwrap nor unshare works here: ffmpeg runs with a network, which only its whitelists keep it from']
      : []),
    ...(ends
      ? []
      : ['setpriv does not run here: ffmpeg goes on for a while where the process that started it is killed']),
  ]
}

/** The command as it is to be started: within everything that the sandbox offers. */
export function confine(command: Command, { prlimit, setpriv, network }: Guards, bounds: Bounds): Command {
  // Innermost: a new user namespace forgets whose death to die of.
  const dying = setpriv === undefined ? command : dyingWithUs(setpriv, command)
  const isolated = network ? ISOLATIONS[network.by](network.path, dying, bounds) : dying
  return prlimit === undefined ? isolated : limited(prlimit, isolated, bounds)
}

type Isolate = (path: string, command: Command, bounds: Bounds) => Command

const ISOLATIONS: Readonly<Record<'bwrap' | 'unshare', Isolate>> = {
  /** A file system that can only be read, but for the scratch folder; no network, no other process to be seen. */
  bwrap: (path, { file, args }, { scratch }) => ({
    file: path,
    args: [
      ...['--ro-bind', '/', '/', '--dev', '/dev', '--bind', scratch, scratch, '--chdir', scratch],
      ...['--unshare-all', '--die-with-parent', '--new-session', '--', file, ...args],
    ],
  }),
  /** Becomes the command itself, so that what is killed is ffmpeg. */
  unshare: (path, { file, args }) => ({
    file: path,
    args: ['--user', '--map-current-user', '--net', '--ipc', '--', file, ...args],
  }),
}

/** Else what a killed process has started would go on, for as long as it may. */
function dyingWithUs(setpriv: string, { file, args }: Command): Command {
  return { file: setpriv, args: ['--pdeathsig', 'KILL', '--', file, ...args] }
}

function limited(prlimit: string, { file, args }: Command, bounds: Bounds): Command {
  const { maxMemoryMb, maxCpuSeconds, maxFileBytes } = bounds
  return {
    file: prlimit,
    args: [
      `--as=${Math.ceil(maxMemoryMb * 1024 * 1024)}`,
      `--cpu=${Math.ceil(maxCpuSeconds)}`,
      `--fsize=${Math.ceil(maxFileBytes)}`,
      ...['--core=0', '--', file, ...args],
    ],
  }
}

function works({ file, args }: Command): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: 20_000, killSignal: 'SIGKILL', env: {}, cwd: '/' }, (error) => resolve(!error))
  })
}
