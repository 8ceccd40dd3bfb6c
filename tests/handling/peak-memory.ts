import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setInterval } from 'node:timers'

const SAMPLE_MS = 10

/**
 * The most memory, in megabytes, that this process held during some work, and the largest of those that it started
 * beside it; NaN where there is no /proc. Linux keeps the peak of each process and lets it begin anew.
 */
export async function peakMemory(work: () => Promise<unknown>): Promise<number> {
  if (process.platform !== 'linux') {
    await work()
    return Number.NaN
  }
  let largest = 0
  const look = () => {
    for (const pid of descendants('self')) largest = Math.max(largest, peakOf(pid))
  }
  writeFileSync('/proc/self/clear_refs', '5')
  const timer = setInterval(look, SAMPLE_MS)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return peakOf('self') + largest
}

function peakOf(pid: string): number {
  const [, kilobytes = '0'] = /VmHWM:\s*(\d+) kB/.exec(readIfThere(`/proc/${pid}/status`)) ?? []
  return Number(kilobytes) / 1024
}

function descendants(pid: string): string[] {
  const children = tasksOf(pid).flatMap((task) =>
    readIfThere(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean),
  )
  return children.flatMap((child) => [child, ...descendants(child)])
}

function tasksOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch (error) {
    return gone(error, [])
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    return gone(error, '')
  }
}

/** A process may end between being listed and being read. */
function gone<T>(error: unknown, answer: T): T {
  if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return answer
  throw error
}
