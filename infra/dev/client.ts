import { openAsBlob } from 'node:fs'
import { basename } from 'node:path'
import type { PickedFile } from './picked-file.ts'

/** What a chat app does with a file, over the API alone. */
export interface Client {
  /** Asks for a place to upload to. */
  reserve(file: string, picked: PickedFile): Promise<Reservation | Refused>
  /** Sends the file's bytes there. */
  upload(file: string, reservation: Reservation): Promise<Refused | undefined>
  /** The media as the API shows it, with signed URLs where it is ready. */
  media(mediaId: string): Promise<Media>
}

export interface Reservation {
  readonly ok: true
  readonly mediaId: string
  readonly upload: { readonly url: string; readonly fields: Readonly<Record<string, string>> }
}

/** The API or the storage said no; the reason is for people. */
export interface Refused {
  readonly ok: false
  /** Of HTTP: from 500 on, the file is not at fault. */
  readonly status: number
  readonly code: string
  readonly reason: string
}

export interface Media {
  readonly mediaId: string
  readonly kind: string
  readonly status: string
  readonly reason?: { readonly code: string; readonly message: string }
  readonly thumbnails: readonly Variant[]
  readonly variants: readonly Variant[]
  readonly videos?: readonly Variant[]
  readonly audios?: readonly Variant[]
  readonly previews?: readonly Variant[]
  readonly avatars?: readonly Variant[]
  /** The original of a file, as it may be handed out. */
  readonly file?: Variant
}

export interface Variant {
  readonly name: string
  readonly contentType: string
  readonly bytes: number
  readonly width?: number
  readonly height?: number
  readonly durationMs?: number
  readonly url?: string
}

export function apiClient(options: {
  readonly apiUrl: string
  readonly token: string
  readonly conversationId: string
}): Client {
  const call = (path: string, init: RequestInit = {}) =>
    fetch(`${options.apiUrl}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${options.token}`, 'content-type': 'application/json', ...init.headers },
    })

  return {
    async reserve(file, picked) {
      const answer = await call('/media/upload', {
        method: 'POST',
        body: JSON.stringify({
          ...picked,
          ...(picked.kind !== 'profile' && { conversationId: options.conversationId }),
          ...(picked.kind === 'file' && { fileName: basename(file) }),
        }),
      })
      if (!answer.ok) return refused(answer)
      return { ok: true, ...((await answer.json()) as Omit<Reservation, 'ok'>) }
    },
    async upload(file, { upload }) {
      const form = new FormData()
      for (const [name, value] of Object.entries(upload.fields)) form.append(name, value)
      form.append('file', await openAsBlob(file), basename(file))
      const answer = await fetch(upload.url, { method: 'POST', body: form })
      if (answer.ok) {
        await answer.arrayBuffer()
        return undefined
      }
      const text = await answer.text()
      return {
        ok: false,
        status: answer.status,
        code: /<Code>(.*?)<\/Code>/.exec(text)?.[1] ?? String(answer.status),
        reason: /<Message>(.*?)<\/Message>/.exec(text)?.[1] ?? text,
      }
    },
    async media(mediaId) {
      const answer = await call(`/media/${mediaId}`)
      if (!answer.ok) throw new Error(`GET /media/${mediaId} answered ${answer.status}: ${await answer.text()}`)
      return (await answer.json()) as Media
    },
  }
}

/** Reads a problem document; anything else is quoted. */
async function refused(answer: Response): Promise<Refused> {
  const text = await answer.text()
  try {
    const { code, detail, remedy, title } = JSON.parse(text) as Readonly<Record<string, string | undefined>>
    const reason = [detail ?? title, remedy].filter((part) => part !== undefined).join(' ')
    return { ok: false, status: answer.status, code: code ?? String(answer.status), reason }
  } catch {
    return { ok: false, status: answer.status, code: String(answer.status), reason: text }
  }
}
