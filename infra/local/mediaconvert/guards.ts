import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'

/** A program, by its path, and the words that it is started with. */
export type Command = readonly [program: string, ...words: readonly string[]]

/** What the kernel ends a program at, whatever the program's own options say. */
export interface Bounds {
  /** The only folder that it may write to, where that can be enforced. */
  readonly folder: string
  /** Of address space, which is more than what is used. */
  readonly maxMemoryMb: number
  readonly maxCpuSeconds: number
  /** Of each file. */
  readonly maxFileBytes: number
}

/** The command as it is to be started: within every guard that works on this machine. */
export type Confine = (command: Command, bounds: Bounds) => Command

interface Guard {
  readonly name: string
  confine(guard: string, command: Command, bounds: Bounds): Command
}

/** After a `kill -9` of this process a job would go on, beside the one that does it again; Linux can be asked to end it. */
const SETPRIV: Guard = {
  name: 'setpriv',
  confine: (setpriv, command) => [setpriv, '--pdeathsig', 'KILL', '--', ...command],
}

/** No network, no other process to be seen, and a file system that can only be read, but for the one folder. */
const BWRAP: Guard = {
  name: 'bwrap',
  confine: (bwrap, command, { folder }) => [
    bwrap,
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--bind', folder, folder, '--chdir', folder],
    ...['--unshare-all', '--die-with-parent', '--new-session', '--', ...command],
  ],
}

/** No network. */
const UNSHARE: Guard = {
  name: 'unshare',
  confine: (unshare, command) => [unshare, '--user', '--map-current-user', '--net', '--ipc', '--', ...command],
}

const PRLIMIT: Guard = {
  name: 'prlimit',
  confine: (prlimit, command, { maxMemoryMb, maxCpuSeconds, maxFileBytes }) => [
    prlimit,
    `--as=${Math.ceil(maxMemoryMb * 1024 * 1024)}`,
    `--cpu=${Math.ceil(maxCpuSeconds)}`,
    `--fsize=${Math.ceil(maxFileBytes)}`,
    ...['--core=0', '--', ...command],
  ],
}

/** Innermost first: a new user namespace forgets whose death to die of. Of each, the first that works is taken. */
const LAYERS: readonly (readonly Guard[])[] = [[SETPRIV], [BWRAP, UNSHARE], [PRLIMIT]]

const SYSTEM_FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin']
const TRIAL: Bounds = { folder: '/', maxMemoryMb: 65_536, maxCpuSeconds: 20, maxFileBytes: 1_000_000 }

/**
 * Finds the guards that are there and work: containers often forbid what is installed in them.
 * @param trial what must still run within them
 */
export async function findGuards(trial: Command, folders: readonly string[] = SYSTEM_FOLDERS): Promise<Confine> {
  let confine: Confine = (command) => command
  for (const layer of LAYERS) confine = await within(layer, confine, trial, folders)
  return confine
}

async function within(
  layer: readonly Guard[],
  confine: Confine,
  trial: Command,
  folders: readonly string[],
): Promise<Confine> {
  for (const guard of layer) {
    const path = await find(guard.name, folders)
    if (path === undefined) continue
    const guarded: Confine = (command, bounds) => guard.confine(path, confine(command, bounds), bounds)
    if (await works(guarded(trial, TRIAL))) return guarded
  }
  return confine
}

async function find(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name)
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return path
  }
  return undefined
}

function works([program, ...words]: Command): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(program, words, { timeout: 20_000, killSignal: 'SIGKILL', env: {}, cwd: '/' }, (error) => resolve(!error))
  })
}
