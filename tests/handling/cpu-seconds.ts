import { readFileSync } from 'node:fs'

/** Linux counts the times of processes in hundredths of a second (USER_HZ), whatever its kernel's own tick is. */
const TICKS_A_SECOND = 100

/**
 * CPU seconds, user and system, of this process and of every process that it started and that ended meanwhile; of the
 * latter only where there is a /proc.
 */
export async function cpuSeconds(work: () => Promise<unknown>): Promise<number> {
  const [before, childrenBefore] = [process.cpuUsage(), childSeconds()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6 + childSeconds() - childrenBefore
}

function childSeconds(): number {
  if (process.platform !== 'linux') return 0
  const stat = readFileSync('/proc/self/stat', 'utf8')
  // `<pid> (<name>) <state> …`: names may hold blanks and brackets, so the last one counts. cutime and cstime follow.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND
}
