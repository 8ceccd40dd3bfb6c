import { dirname, join } from 'node:path'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * A thread that decodes or parses what a stranger sent. It has none of the process's environment, so no credentials, and by Node's
 * permission model it reads no file but code (and what lies where the process was started, which Node always adds: on
 * Lambda that is the code), writes none, and starts no program, no thread and no native code. Node 24 can't take the
 * network away.
 * @param file beside the bundle that holds the caller, or a source of this repository
 */
export function confinedThread(file: string, options: Pick<WorkerOptions, 'workerData' | 'resourceLimits'>): Worker {
  const thread = new Worker(file, {
    ...options,
    env: {},
    execArgv: ['--permission', ...codeOf(file).map((path) => `--allow-fs-read=${path}`)],
    stdout: true,
    stderr: true,
  })
  // It says nothing but its answer. Who reads what it prints is kept alive by it, even while it is idle.
  thread.stdout.destroy()
  thread.stderr.destroy()
  return thread
}

/** A thread's file: beside the source that starts it, or beside the bundle that holds that. */
export function fileBeside(starter: string, name: string): string {
  return join(dirname(starter), `${name}${starter.endsWith('.ts') ? '.ts' : '.cjs'}`)
}

/** A bundle's folder holds all that it needs; a source has its packages besides. */
function codeOf(file: string): readonly string[] {
  const folder = dirname(file)
  if (!file.endsWith('.ts')) return [folder]
  const root = dirname(dirname(folder))
  return [`${root}/ports`, `${root}/contracts`, `${root}/node_modules`, `${root}/package.json`]
}
