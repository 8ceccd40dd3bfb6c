import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setInterval } from 'node:timers'

const SAMPLE_MS = 10

export interface PeakMemory {
  /** Of this process, and of the largest of those that it started beside it; NaN where there is no /proc. */
  readonly megabytes: number
  /** CPU time that looking took, which is no part of the work. */
  readonly lookingSeconds: number
}

/** The most memory that was held during some work. Linux keeps the peak of each process and lets it begin anew. */
export async function peakMemory(work: () => Promise<unknown>): Promise<PeakMemory> {
  if (process.platform !== 'linux') {
    await work()
    return { megabytes: Number.NaN, lookingSeconds: 0 }
  }
  let largest = 0
  let lookingSeconds = 0
  const look = () => {
    const before = process.threadCpuUsage()
    for (const pid of descendants('self')) largest = Math.max(largest, peakOf(pid))
    const { user, system } = process.threadCpuUsage(before)
    lookingSeconds += (user + system) / 1e6
  }
  writeFileSync('/proc/self/clear_refs', '5')
  const timer = setInterval(look, SAMPLE_MS)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return { megabytes: peakOf('self') + largest, lookingSeconds }
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
