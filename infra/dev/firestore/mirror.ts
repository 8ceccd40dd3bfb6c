import type { Change, Documents } from './documents.ts'

/** Copies every document, and then every change in its order, into another Firestore. */
export interface Mirror {
  /** Resolves once what was there at the start is there too. */
  readonly seeded: Promise<void>
  /** Waits for the copies that are under way. */
  stop(): Promise<void>
}

/** What one commit takes. */
const MAX_WRITES = 500
const RETRY_MS = 500

/**
 * The official emulator keeps nothing on disk, so what must survive lies in the local Firestore, and whoever listens in
 * real time listens to the copy in the emulator at `host`. One commit at a time, tried until it is taken: the copy is
 * late, never out of order.
 */
export function mirrorTo(host: string, documents: Documents, onError: (message: string) => void): Mirror {
  const waiting: Change[] = []
  let stopped = false
  let running: Promise<void> | undefined

  const drain = async () => {
    while (waiting.length > 0 && !stopped) {
      const batch = waiting.slice(0, MAX_WRITES)
      const problem = await copy(host, lastOfEach(batch))
      if (problem === undefined) waiting.splice(0, batch.length)
      else {
        onError(problem)
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
  }
  const wake = (): Promise<void> => {
    running ??= drain().finally(() => {
      running = undefined
    })
    return running
  }
  const unsubscribe = documents.onChange((changes) => {
    waiting.push(...changes)
    void wake()
  })
  for (const { name, fields } of documents.all()) waiting.push({ name, fields })
  return {
    seeded: wake(),
    async stop() {
      unsubscribe()
      stopped = true
      await running
    },
  }
}

/** A commit may name a document once only; its last state is the one that counts. */
function lastOfEach(changes: readonly Change[]): readonly Change[] {
  return [...new Map(changes.map((change) => [change.name, change])).values()]
}

/** Why it was not taken, or undefined. */
async function copy(host: string, changes: readonly Change[]): Promise<string | undefined> {
  const [database] = changes[0]?.name.split('/documents/') ?? []
  const writes = changes.map(({ name, fields }) => (fields ? { update: { name, fields } } : { delete: name }))
  try {
    const answer = await fetch(`http://${host}/v1/${database}/documents:commit`, {
      method: 'POST',
      headers: { authorization: 'Bearer owner', 'content-type': 'application/json' },
      body: JSON.stringify({ writes }),
    })
    const text = await answer.text()
    return answer.ok ? undefined : `the emulator at ${host} answered ${answer.status}: ${text}`
  } catch (error) {
    return `the emulator at ${host} can't be reached: ${error instanceof Error ? error.message : String(error)}`
  }
}
