import type { Schedule } from '../alarm.ts'
import type { Cloud, ReceivedMessage } from '../cloud.ts'
import type { Messages } from './messages.ts'
import type { Queue, Queues } from './queues.ts'
import type { Signals } from './signals.ts'

export interface Poll {
  /** 1 to 10. */
  readonly max: number
  readonly visibilitySeconds: number | undefined
  readonly waitSeconds: number
  /** Aborted when the poller went away: what it would have received stays visible. */
  readonly signal: AbortSignal
}

export interface Polls {
  /** What is visible now. */
  receive(queue: Queue, max: number, visibilitySeconds: number | undefined): ReceivedMessage[]
  /** Waits for the first messages, until the poll's time is over. */
  poll(queue: Queue, poll: Poll): Promise<ReceivedMessage[]>
  /** Ends all that wait, with nothing. */
  stop(): void
}

interface Parts {
  readonly queues: Queues
  readonly messages: Messages
  readonly signals: Signals
  readonly schedule: Schedule
}

export function createPolls(cloud: Cloud, { queues, messages, signals, schedule }: Parts): Polls {
  const waiting = new Set<() => void>()

  const receive = (queue: Queue, max: number, visibilitySeconds: number | undefined): ReceivedMessage[] =>
    cloud.db.transaction(() => {
      const seconds = visibilitySeconds ?? queue.settings.visibilityTimeoutSeconds
      const { redrive } = queue.settings
      const deadLetters = redrive && queues.find(queues.nameOf(redrive.deadLetterTargetArn) ?? '')
      const received = messages.receive(queue, max, seconds, deadLetters)
      const now = cloud.now()
      if (received.length > 0) signals.visibleAt(queue, now + seconds * 1000)
      if (deadLetters) signals.visibleAt(deadLetters, now)
      return received
    })

  const wait = (queue: Queue, { max, visibilitySeconds, waitSeconds, signal }: Poll): Promise<ReceivedMessage[]> =>
    new Promise((resolve, reject) => {
      const end = (received: ReceivedMessage[]): void => {
        leave()
        resolve(received)
      }
      const endEmpty = (): void => end([])
      const tryAgain = (): void => {
        try {
          // Looked up anew: its settings may have changed, or it may be gone.
          const received = receive(queues.get(queue.arn), max, visibilitySeconds)
          if (received.length > 0) end(received)
        } catch (error) {
          leave()
          reject(error)
        }
      }
      const unsubscribe = signals.on(queue, tryAgain)
      const cancel = schedule(waitSeconds * 1000, endEmpty)
      signal.addEventListener('abort', endEmpty)
      waiting.add(endEmpty)
      const leave = (): void => {
        unsubscribe()
        cancel()
        signal.removeEventListener('abort', endEmpty)
        waiting.delete(endEmpty)
      }
    })

  return {
    receive,
    async poll(queue, poll) {
      const received = receive(queue, poll.max, poll.visibilitySeconds)
      if (received.length > 0 || poll.waitSeconds === 0 || poll.signal.aborted) return received
      return wait(queue, poll)
    },
    stop() {
      for (const end of [...waiting]) end()
    },
  }
}
