import { confinedThread } from './confined.ts'
import { TooCostly } from './too-costly.ts'

/** The thread failed by its own code, or never came to run: no file is at fault. */
export class BrokenThread extends Error {
  constructor(cause: unknown) {
    super(`a thread failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** The thread ended without an answer, as a decoder does that crashes: the file is at fault. */
export class SilentThread extends Error {
  constructor() {
    super('a thread ended without an answer')
  }
}

/** Of its own JavaScript; what WebAssembly holds doesn't count as such. */
const HEAP = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 }

/**
 * Has one task done by a confined thread of its own, which is ended after, whatever comes of it: a decoder can't be
 * interrupted, but its thread can be ended, and what a hostile file did to its memory ends with it.
 *
 * @param hear what a message of the thread amounts to: the answer, or undefined where more is to come. What it throws is
 *   thrown; of several answers the first counts.
 * @throws TooCostly where the time or the heap was used up; BrokenThread, SilentThread
 */
export async function inThread<Message, Answer>(
  file: string,
  task: object,
  seconds: number,
  hear: (message: Message) => Answer | undefined,
): Promise<Answer> {
  const thread = confinedThread(file, { workerData: task, resourceLimits: HEAP })
  const deadline = AbortSignal.timeout(seconds * 1_000)
  let late = () => {}
  try {
    return await new Promise<Answer>((resolve, reject) => {
      late = () => reject(new TooCostly('time'))
      deadline.addEventListener('abort', late)
      thread.on('message', (message: Message) => {
        try {
          const answer = hear(message)
          if (answer !== undefined) resolve(answer)
        } catch (error) {
          reject(error)
        }
      })
      thread.on('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new TooCostly('memory') : new BrokenThread(error)),
      )
      thread.on('exit', () => reject(new SilentThread()))
    })
  } finally {
    // Else it would keep the answer until its time has come.
    deadline.removeEventListener('abort', late)
    await thread.terminate()
  }
}
