import { readFileSync } from 'node:fs'
import { median } from '../bus/measure.ts'

/** Linux counts the times of processes in hundredths of a second (USER_HZ), whatever its kernel's own tick is. */
const TICKS_A_SECOND = 100

/** CPU seconds, user and system, of this process and of every process that it started and that ended meanwhile. */
export async function cpuSeconds(work: () => Promise<unknown>): Promise<number> {
  const [before, childrenBefore] = [process.cpuUsage(), childSeconds()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6 + childSeconds() - childrenBefore
}

function childSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  // `<pid> (<name>) <state> …`: names may hold blanks and brackets, so the last one counts. cutime and cstime follow.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND
}

export type Ways = Readonly<Record<string, () => Promise<unknown>>>

/**
 * The median CPU seconds of each way. They go in turns, so that whatever else the machine does falls on all of them; the
 * first turn, in which code is compiled, doesn't count.
 */
export async function inTurns<W extends Ways>(ways: W, rounds: number): Promise<Record<keyof W, number>> {
  const spent = new Map<string, number[]>()
  for (let round = 0; round <= rounds; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const seconds = await cpuSeconds(way)
      if (round > 0) spent.set(name, [...(spent.get(name) ?? []), seconds])
      process.stderr.write('.')
    }
  }
  process.stderr.write('\n')
  return Object.fromEntries([...spent].map(([name, seconds]) => [name, median(seconds)])) as Record<keyof W, number>
}
