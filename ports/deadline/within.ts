/**
 * Waits for work no longer than a deadline allows, where there is one. The work itself goes on, and nobody hears of it.
 * @throws what the deadline was aborted for, where the work isn't done by then
 */
export async function within<T>(deadline: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (deadline === undefined) return work
  const over = new AbortController()
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => reject(deadline.reason)
    if (deadline.aborted) giveUp()
    else deadline.addEventListener('abort', giveUp, { signal: over.signal })
  })
  try {
    return await Promise.race([work, late])
  } finally {
    over.abort()
  }
}
