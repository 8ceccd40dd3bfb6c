import { setTimeout as wait } from 'node:timers/promises'
import { localToken } from '../../../infra/dev/token.ts'
import type { LocalFile, RunningStack } from '../../program.ts'
import { isAbandoned, photo } from './photos.ts'

/** What a client sees of a media. */
export interface Seen {
  readonly status: string
  readonly thumbnails: readonly { readonly url: string; readonly bytes: number }[]
  readonly variants: readonly { readonly url: string; readonly bytes: number }[]
}

interface Grant {
  readonly mediaId: string
  readonly upload: { readonly url: string; readonly fields: Readonly<Record<string, string>> }
}

/** An answer that another try won't change. */
class Refused extends Error {}

/** Clients on a bad line: whatever gets no answer is asked again, a reservation under its own key. */
export class Clients {
  /** By media id, the photo that it was reserved for; from the answer on. */
  readonly reserved = new Map<string, number>()
  /** Of these, the ones whose file was answered with 201. */
  readonly accepted = new Map<string, number>()
  readonly #stack: () => Promise<RunningStack>

  /** @param stack the process that runs, or that is about to. */
  constructor(stack: () => Promise<RunningStack>) {
    this.#stack = stack
  }

  get answers(): number {
    return this.reserved.size + this.accepted.size
  }

  /** Reserves and sends, until both were answered. */
  async send(index: number): Promise<void> {
    const file = await photo(index)
    for (;;) {
      try {
        const { local } = await this.#stack()
        const { mediaId, upload } = await reserve(local, index, file.length)
        this.reserved.set(mediaId, index)
        if (isAbandoned(index)) return
        const form = new FormData()
        for (const [name, value] of Object.entries(upload.fields)) form.append(name, value)
        form.append('file', new Blob([Uint8Array.from(file)]))
        const answer = await fetch(upload.url, { method: 'POST', body: form })
        if (answer.status === 201) {
          this.accepted.set(mediaId, index)
          await answer.arrayBuffer()
          return
        }
        const message = `file ${index}: ${answer.status} ${await answer.text()}`
        throw answer.status < 500 ? new Refused(message) : new Error(message)
      } catch (error) {
        // The process is dead, or dying.
        if (error instanceof Refused) throw error
      }
      await wait(20)
    }
  }
}

async function reserve(local: LocalFile, index: number, bytes: number): Promise<Grant> {
  const answer = await fetch(`${local.apiUrl}/media/upload`, {
    method: 'POST',
    headers: { ...authorization(local), 'content-type': 'application/json', 'idempotency-key': `photo-${index}` },
    body: JSON.stringify({ kind: 'image', contentType: 'image/jpeg', bytes, conversationId: 'local-conversation' }),
  })
  const text = await answer.text()
  if (answer.status === 201) return JSON.parse(text) as Grant
  const message = `reservation ${index}: ${answer.status} ${text}`
  throw answer.status < 500 ? new Refused(message) : new Error(message)
}

/** Undefined where there is no such media. */
export async function look({ local }: RunningStack, mediaId: string): Promise<Seen | undefined> {
  const answer = await fetch(`${local.apiUrl}/media/${mediaId}`, { headers: authorization(local) })
  const text = await answer.text()
  if (answer.status === 200) return JSON.parse(text) as Seen
  if (answer.status === 404) return undefined
  throw new Error(`GET /media/${mediaId}: ${answer.status} ${text}`)
}

const authorization = ({ projectId }: LocalFile) => ({
  authorization: `Bearer ${localToken('local-user', projectId, Math.floor(Date.now() / 1000))}`,
})
