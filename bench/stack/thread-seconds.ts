import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts thread times in hundredths of a second (USER_HZ), whatever its kernel's own tick is. */
const TICKS_A_SECOND = 100

/** CPU seconds of this process's living threads, summed by name; empty where there is no /proc. */
export function threadSeconds(): Record<string, number> {
  const seconds: Record<string, number> = {}
  for (const task of tasks()) {
    try {
      const stat = readFileSync(`/proc/self/task/${task}/stat`, 'utf8')
      // `<pid> (<name>) <state> …`: names may hold blanks and brackets, so the last one counts.
      const end = stat.lastIndexOf(')')
      const name = stat.slice(stat.indexOf('(') + 1, end)
      const fields = stat.slice(end + 2).split(' ')
      const ticks = Number(fields[11]) + Number(fields[12])
      seconds[name] = (seconds[name] ?? 0) + ticks / TICKS_A_SECOND
    } catch (error) {
      // It has ended since it was listed.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  return seconds
}

function tasks(): string[] {
  try {
    return readdirSync('/proc/self/task')
  } catch {
    return []
  }
}
