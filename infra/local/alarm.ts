/** Starts a timer of so many milliseconds; returns what cancels it. */
export type Schedule = (delayMs: number, callback: () => void) => () => void

export const scheduleWithNode: Schedule = (delayMs, callback) => {
  const timer = setTimeout(callback, delayMs)
  return () => clearTimeout(timer)
}

/** One timer for the earliest of many times. */
export interface Alarm {
  /** Rings at `time` (milliseconds since 1970) or earlier; a later time than the one that is set changes nothing. */
  setBy(time: number): void
  stop(): void
}

// setTimeout fires at once beyond 2^31 - 1 ms, and a machine that slept fires late: look at the clock in between.
const LONGEST_DELAY_MS = 3_600_000

/** `ring` runs once `now()` has reached the time that was set, and must set the next one. */
export function createAlarm(now: () => number, schedule: Schedule, ring: () => void): Alarm {
  let due: number | undefined
  let cancel: (() => void) | undefined
  const wait = (): void => {
    cancel?.()
    cancel = undefined
    if (due === undefined) return
    const remaining = Math.max(0, due - now())
    cancel = schedule(Math.min(remaining, LONGEST_DELAY_MS), () => {
      if (due !== undefined && now() >= due) {
        due = undefined
        cancel = undefined
        ring()
      } else wait()
    })
  }
  return {
    setBy(time) {
      if (due !== undefined && due <= time) return
      due = time
      wait()
    },
    stop() {
      due = undefined
      cancel?.()
      cancel = undefined
    },
  }
}
