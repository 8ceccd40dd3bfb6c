/** What a run took, by its own account; a run that was killed gives none. */
export interface Used {
  /** User and system time of all threads. */
  readonly cpuSeconds?: number
  readonly peakMemoryMb?: number
}

/** Reads what `-benchmark` says at the end. */
export function usedOf(stderr: string): Used {
  const [, user, system] = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr) ?? []
  const [, peak] = /bench: maxrss=(\d+)[kK]/.exec(stderr) ?? []
  return {
    ...(user !== undefined && { cpuSeconds: Number(user) + Number(system) }),
    ...(peak !== undefined && { peakMemoryMb: Number(peak) / 1024 }),
  }
}
