import { cpuSeconds } from '../../tests/handling/cpu-seconds.ts'

export type Ways = Readonly<Record<string, () => Promise<unknown>>>

/**
 * The CPU seconds of each way, turn by turn, so that whatever else the machine does falls on all of them; the first turn,
 * in which code is compiled, doesn't count.
 */
export async function inTurns<W extends Ways>(ways: W, rounds: number): Promise<Record<keyof W, number[]>> {
  const spent = new Map<string, number[]>()
  for (let round = 0; round <= rounds; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const seconds = await cpuSeconds(way)
      if (round > 0) spent.set(name, [...(spent.get(name) ?? []), seconds])
      process.stderr.write('.')
    }
  }
  process.stderr.write('\n')
  return Object.fromEntries(spent) as Record<keyof W, number[]>
}
