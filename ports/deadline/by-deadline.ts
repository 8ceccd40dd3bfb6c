/** Several things together were not done in their time. The file may be sound: the fault counts as ours. */
export interface Late {
  readonly ok: false
  readonly fault: 'ours'
  readonly code: 'timed-out'
  readonly message: string
}

/** Of whoever sent the file, where it took too long: a busy machine is less so later. */
export const REMEDY = 'send it again later, or a shorter copy.'

export const LATE: Late = {
  ok: false,
  fault: 'ours',
  code: 'timed-out',
  message: `All of it together took longer than it may take: ${REMEDY}`,
}

/**
 * What `work` answers, or that it was late: nothing is begun after the deadline, and what `work` throws because of it is
 * no error.
 */
export async function byDeadline<T>(deadline: AbortSignal | undefined, work: () => Promise<T>): Promise<T | Late> {
  if (deadline?.aborted) return LATE
  try {
    return await work()
  } catch (error) {
    if (deadline?.aborted && isOf(deadline, error)) return LATE
    throw error
  }
}

/** The deadline's own error, or one of Node's that was thrown because of it. */
function isOf({ reason }: AbortSignal, error: unknown): boolean {
  if (error === reason) return true
  // Not `instanceof`: Node's own errors may be of another realm.
  const { name, cause } = (error ?? {}) as Partial<Error>
  return name === 'AbortError' && cause === reason
}

/** Whichever of the two passes first. */
export function sooner(deadline: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  return deadline === undefined ? other : AbortSignal.any([deadline, other])
}
