import { constants } from 'node:os'

export interface Stopping {
  /** Resolves at the first signal, and never without one. */
  readonly promise: Promise<undefined>
  /** Aborted then; its reason is the signal's name. */
  readonly signal: AbortSignal
}

/** SIGINT, SIGTERM and SIGHUP, or the end of the process that started this one; a later signal ends at once. */
export function stopSignals(): Stopping {
  const controller = new AbortController()
  let first = 0
  const promise = new Promise<undefined>((resolve) => {
    const stop = (name: NodeJS.Signals) => {
      // A terminal's Ctrl-C comes twice: from the terminal itself and handed on by the process before this one.
      if (first > 0 && Date.now() - first > 500) process.exit(exitCodeOf(name))
      first ||= Date.now()
      controller.abort(name)
      resolve(undefined)
    }
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop)
    process.on('disconnect', () => stop('SIGTERM'))
  })
  return { promise, signal: controller.signal }
}

/** As shells have it: 130 after Ctrl-C, 143 after SIGTERM. */
export function exitCodeOf(name: NodeJS.Signals): number {
  return 128 + constants.signals[name]
}
