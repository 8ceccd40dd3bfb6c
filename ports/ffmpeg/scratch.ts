import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'

const OWN = `media-scratch-${process.pid}-${threadId}-`
const sweeps = new Map<string, Promise<void>>()

/**
 * Runs `work` with a new empty folder, and removes the folder with all that is in it, whatever happens. What a process
 * left that was killed, the next to come by here removes: a Lambda sandbox keeps its disk. A thread that is ended while its
 * process goes on leaves its folder to whoever ends it.
 */
export async function inScratch<T>(work: (folder: string) => Promise<T>, parent = tmpdir()): Promise<T> {
  await sweepOnce(parent)
  const folder = await mkdtemp(join(parent, OWN))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** All wait for the first: it takes a folder with our number for one of a process that had it before. */
function sweepOnce(parent: string): Promise<void> {
  const sweep = sweeps.get(parent) ?? removeAbandoned(parent)
  sweeps.set(parent, sweep)
  return sweep
}

/** Removes the folders of processes that are no more. */
async function removeAbandoned(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => [])
  const abandoned = names.filter((name) => {
    const [, pid] = /^media-scratch-(\d+)-/.exec(name) ?? []
    return pid !== undefined && (name.startsWith(OWN) || !isAlive(Number(pid)))
  })
  // Somebody else may be at it, too, and what isn't ours can't be removed: neither is a reason not to work.
  await Promise.allSettled(abandoned.map((name) => rm(join(parent, name), { recursive: true, force: true })))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
