import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PREFIX = 'media-scratch-'
const swept = new Set<string>()

/**
 * Runs `work` with a new empty folder, and removes the folder with all that is in it, whatever happens. What a process
 * left that was killed, the next to come by here removes: a Lambda sandbox keeps its disk.
 */
export async function inScratch<T>(work: (folder: string) => Promise<T>, parent = tmpdir()): Promise<T> {
  if (!swept.has(parent)) {
    swept.add(parent)
    await removeAbandoned(parent)
  }
  const folder = await mkdtemp(join(parent, `${PREFIX}${process.pid}-`))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Removes the folders of processes that are no more. */
async function removeAbandoned(parent: string): Promise<void> {
  const abandoned = (await readdir(parent)).filter((name) => {
    const [, pid] = /^media-scratch-(\d+)-/.exec(name) ?? []
    return pid !== undefined && !isAlive(Number(pid))
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
