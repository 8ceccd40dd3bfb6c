import type { ConsumerPorts, Need } from './define-consumer.ts'

/** Of a function's time, for storing what was made last, half a gigabyte at most, and for writing down what came of it. */
export const STORING_SECONDS = 15

/** The ports that start programs: each run has a time of its own, and all of them together may take longer than there is. */
export const PORTS_WITH_PROGRAMS = ['video', 'voice'] as const satisfies readonly Need[]

/** When the programs have to be done, in a function that has so many milliseconds left. */
export function deadlineIn(remainingMs: number): AbortSignal {
  return AbortSignal.timeout(Math.max(0, remainingMs - STORING_SECONDS * 1_000))
}

/** The ports, of which those with programs end them at the deadline, and answer that it took too long. */
export function endingAt<P extends Partial<ConsumerPorts>>(deadline: AbortSignal, ports: P): P {
  const { video, voice } = ports
  return { ...ports, ...(video && { video: video.until(deadline) }), ...(voice && { voice: voice.until(deadline) }) }
}
