export interface Spent {
  readonly seconds: number
  readonly cpuSeconds: number
}

/** Time and CPU time, of all threads of this process, that some work takes. */
export async function spent(work: () => unknown): Promise<Spent> {
  const before = process.cpuUsage()
  const started = performance.now()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 }
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}

export function line(what: string, value: number, unit: string): void {
  const digits = value < 10 ? 2 : 0
  console.log(
    `${what.padEnd(64)} ${value.toLocaleString('en', { maximumFractionDigits: digits }).padStart(10)} ${unit}`,
  )
}
