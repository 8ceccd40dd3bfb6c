import { createAlarm, type Schedule } from '../alarm.ts'
import type { Cloud } from '../cloud.ts'
import type { Messages } from './messages.ts'
import type { Queue } from './queues.ts'

/** Wakes those who wait for messages: no loop looks for them, one timer waits for the next that becomes visible. */
export interface Signals {
  /** Calls back whenever a message of the queue may have become visible. Returns the unsubscriber. */
  on(queue: Queue, callback: () => void): () => void
  /** Once the open transaction has committed: messages of the queue are, or will be, visible at `time` (ms since 1970). */
  visibleAt(queue: Queue, time: number): void
  /** A message was deleted: what waited behind it in its group may be visible now. */
  freed(queue: Queue): void
  stop(): void
}

export function createSignals(cloud: Cloud, messages: Messages, schedule: Schedule): Signals {
  const watched = new Map<number, { readonly queue: Queue; readonly callbacks: Set<() => void> }>()

  const call = (queueId: number): void => {
    for (const callback of [...(watched.get(queueId)?.callbacks ?? [])]) callback()
  }
  const setAlarm = (): void => {
    for (const { queue } of watched.values()) {
      const next = messages.nextVisibleAt(queue)
      if (next !== undefined) alarm.setBy(next)
    }
  }
  const alarm = createAlarm(cloud.now, schedule, () => {
    const visible = [...watched.values()].filter(({ queue }) => messages.isVisible(queue))
    setAlarm()
    for (const { queue } of visible) call(queue.id)
  })

  const visibleAt = (queue: Queue, time: number): void =>
    cloud.db.afterCommit(() => {
      if (!watched.has(queue.id)) return
      if (time <= cloud.now()) call(queue.id)
      else alarm.setBy(time)
    })

  return {
    visibleAt,
    freed(queue) {
      if (queue.settings.fifo) visibleAt(queue, cloud.now())
    },
    on(queue, callback) {
      const entry = watched.get(queue.id) ?? { queue, callbacks: new Set() }
      entry.callbacks.add(callback)
      watched.set(queue.id, entry)
      const next = messages.nextVisibleAt(queue)
      if (next !== undefined) alarm.setBy(next)
      return () => {
        entry.callbacks.delete(callback)
        if (entry.callbacks.size === 0 && watched.get(queue.id) === entry) watched.delete(queue.id)
      }
    },
    stop() {
      alarm.stop()
      watched.clear()
    },
  }
}
