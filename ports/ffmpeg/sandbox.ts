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
 * Finds what is there and works: containers often forbid what is installed in them.
 * @param trial what must still run within it
 * @param path the PATH to look in
 */
export async function findSandbox(trial: Command, path: string | undefined): Promise<Sandbox> {
  const [prlimit, setpriv, isolations] = await Promise.all([
    firstOnPath('prlimit', path),
    firstOnPath('setpriv', path),
    isolationsOn(path),
  ])
  const wrappers = { ...(prlimit !== undefined && { prlimit }), ...(setpriv !== undefined && { setpriv }) }
  // All of it at once, as it is going to be used; each for itself only where that doesn't work.
  const together = await firstThatWorks(trial, isolations, wrappers)
  if (together !== undefined) return sandboxOf({ ...wrappers, network: together })
  const [limits, dies, network] = await Promise.all([
    prlimit !== undefined && works(limited(prlimit, trial, TRIAL)),
    setpriv !== undefined && works(dyingWithUs(setpriv, trial)),
    firstThatWorks(trial, isolations, {}),
  ])
  return sandboxOf({
    ...(prlimit !== undefined && limits && { prlimit }),
    ...(setpriv !== undefined && dies && { setpriv }),
    ...(network !== undefined && { network }),
  })
}

type Guards = Omit<Sandbox, 'notes'>
type Isolation = NonNullable<Sandbox['network']>

const TRIAL: Bounds = { scratch: '/', maxMemoryMb: 4_096, maxCpuSeconds: 20, maxFileBytes: 1_000_000 }

function sandboxOf(guards: Guards): Sandbox {
  return {
    ...guards,
    notes: [
      ...(guards.prlimit === undefined
        ? ['prlimit does not run here: memory and processor time of ffmpeg have no bound']
        : []),
      ...(guards.network === undefined
        ? ['neither bwrap nor unshare works here: ffmpeg runs with a network, which only its whitelists keep it from']
        : []),
    ],
  }
}

/** The better first. */
async function isolationsOn(path: string | undefined): Promise<readonly Isolation[]> {
  const names = ['bwrap', 'unshare'] as const
  const paths = await Promise.all(names.map((by) => firstOnPath(by, path)))
  return names.flatMap((by, index) => {
    const found = paths[index]
    return found === undefined ? [] : [{ by, path: found }]
  })
}

async function firstThatWorks(
  trial: Command,
  isolations: readonly Isolation[],
  wrappers: Omit<Guards, 'network'>,
): Promise<Isolation | undefined> {
  for (const network of isolations) {
    if (await works(confine(trial, { ...wrappers, network }, TRIAL))) return network
  }
  return undefined
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
