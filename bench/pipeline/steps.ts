import type { Shares, Usage } from '../stack/protocol.ts'

const V8_THREADS = ['V8Worker', 'DelayedTaskSche', 'SignalInspector']

/**
 * Prints each step's CPU milliseconds a photo and its share. Threads are counted by the operating system; what the main
 * thread and the functions did with their time is told apart by the samples of a profile.
 */
export function printSteps(
  used: readonly Usage[],
  photos: number,
  profile: { readonly main: Shares; readonly functions: Readonly<Record<string, Shares>> },
): void {
  const total = sum(used, ({ cpu }) => cpu)
  const rows: [string, number][] = []
  const main = sum(used, ({ mainThread }) => mainThread)
  rows.push(...split(main, profile.main).map(([name, seconds]): [string, number] => [`main thread: ${name}`, seconds]))
  const names = new Set(used.flatMap(({ functions }) => Object.keys(functions)))
  let inFunctions = 0
  for (const name of names) {
    const seconds = sum(used, ({ functions }) => functions[name] ?? 0)
    inFunctions += seconds
    rows.push([`function: ${name}`, seconds])
  }
  const engine = sum(used, ({ threads }) => V8_THREADS.reduce((seconds, name) => seconds + (threads[name] ?? 0), 0))
  rows.push(["V8's helpers: compiling, collecting garbage", engine])
  // libvips' own threads end with their picture, so that nobody can ask them afterwards: what is left is theirs.
  rows.push(['pictures: libvips, and files', total - main - inFunctions - engine])

  console.log(`\n${'step'.padEnd(48)}${'CPU ms a photo'.padStart(15)}${'share'.padStart(8)}`)
  for (const [name, seconds] of rows.toSorted((a, b) => b[1] - a[1])) {
    const each = ((seconds / photos) * 1000).toFixed(1)
    console.log(`${name.padEnd(48)}${each.padStart(15)}${`${((seconds / total) * 100).toFixed(1)} %`.padStart(8)}`)
  }
}

function split(seconds: number, shares: Shares): [string, number][] {
  const all = Object.values(shares).reduce((a, b) => a + b, 0)
  return Object.entries(shares).map(([name, share]) => [name, (seconds * share) / all])
}

function sum(used: readonly Usage[], of: (usage: Usage) => number): number {
  return used.reduce((total, usage) => total + of(usage), 0)
}
