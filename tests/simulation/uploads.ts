import type { Kind } from '../../contracts/limits.ts'
import { rootId } from '../../events/ids.ts'
import type { Plan } from './plan.ts'

/** What may be wrong with bytes that somebody sends. */
export const FLAWS = ['damaged', 'infected', 'locked', 'nude', 'faceless', 'unfit'] as const
export type Flaw = (typeof FLAWS)[number]

/** One file as it is sent. */
export interface Sent {
  readonly kind: Kind
  readonly flaws: readonly Flaw[]
}

/** A file and the media that it becomes. */
export interface Upload extends Sent {
  readonly key: string
  readonly mediaId: string
}

export const OWNER = 'alice'

const CONTENT_TYPES: Readonly<Record<Kind, string>> = {
  image: 'image/jpeg',
  profile: 'image/jpeg',
  video: 'video/mp4',
  voice: 'audio/mp4',
  file: 'application/pdf',
}

export function uploadsOf({ sent }: Plan): readonly Upload[] {
  return sent.map((one, index) => {
    const key = `upload-${index}`
    return { ...one, key, mediaId: rootId(['media', OWNER, key]) }
  })
}

export function contentTypeOf({ kind }: Pick<Sent, 'kind'>): string {
  return CONTENT_TYPES[kind]
}

/** Bytes of a file, which tell their flaws; those of two names differ. */
export function bytesOf(name: string, { kind, flaws }: Sent): Uint8Array {
  return Buffer.from(`${kind === 'file' ? '%PDF-1.7\n' : ''}[${flaws.join(',')}] ${kind} ${name}`)
}

/** The original's bytes in what was made of it: all that is made here ends with what it was made of. */
export function sourceOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return text.slice(text.lastIndexOf('['))
}

/** What is wrong with bytes, or with those that they were made of. */
export function flawsOf(bytes: Uint8Array): readonly Flaw[] {
  const source = sourceOf(bytes)
  const named = source.slice(1, source.indexOf(']'))
  return named === '' ? [] : FLAWS.filter((flaw) => named.includes(flaw))
}
