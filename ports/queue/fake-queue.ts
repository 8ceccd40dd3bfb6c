import type { Receipt, SourceQueue } from './queue.ts'

/** Remembers what it was asked. */
export interface FakeQueue extends SourceQueue {
  readonly deadLetters: { readonly body: string; readonly reason: string }[]
  readonly retries: { readonly receipt: Receipt; readonly seconds: number }[]
}

export function fakeQueue(): FakeQueue {
  const deadLetters: FakeQueue['deadLetters'] = []
  const retries: FakeQueue['retries'] = []
  return {
    deadLetters,
    retries,
    async deadLetter(body, reason) {
      deadLetters.push({ body, reason })
    },
    async retryAfter(receipt, seconds) {
      retries.push({ receipt, seconds })
    },
  }
}
