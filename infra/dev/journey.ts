import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fold, type MediaView } from '../../contracts/fold.ts'
import type { MediaDocument } from '../../contracts/generated/documents.ts'
import { decodeFields, type Fields } from '../../ports/read-model/firestore-values.ts'
import type { Client, Media, Refused, Variant } from './client.ts'
import type { Documents } from './firestore/documents.ts'
import type { PickedFile } from './picked-file.ts'

/** How a file fared, as `--json` prints it. */
export interface Result {
  readonly file: string
  readonly mediaId: string | null
  readonly status: string
  readonly kind: string
  readonly reason?: string
  readonly variants: readonly LocalVariant[]
  /** Detail-types, in the order in which they came. */
  readonly events: readonly string[]
  readonly msToThumbnail: number | null
  /** When a video or a voice note could first be played; left out for what isn't played. */
  readonly msToPlayable?: number | null
  readonly msToReady: number | null
  /** `media/{mediaId}` as the app reads it, with what each step has left in it; left out where the upload was refused. */
  readonly document?: MediaDocument
  /** Who was still at work on it when it was waited for no longer; left out where nobody was. */
  readonly unfinished?: readonly string[]
}

export type LocalVariant = Omit<Variant, 'url'> & {
  /** A copy that can be opened. */
  readonly path: string
}

/** What is seen of a file on its way. */
export interface Sighting {
  readonly file: string
  /** 0 to 1. */
  readonly progress: number
  readonly status: string
  readonly event?: string
}

export interface Travel {
  readonly client: Client
  /** What the app knows of a file. */
  readonly pick: (file: string) => Promise<PickedFile>
  readonly documents: Documents
  /** Subscribes to the events about one media; returns the unsubscriber. */
  readonly onEvent: (mediaId: string, listener: (detailType: string) => void) => () => void
  /** Who has a message about a media before them or in work. */
  readonly atWorkOn: (mediaId: string) => readonly string[]
  /** Where copies of the variants are put. */
  readonly outDir: string
  readonly now: () => number
  readonly onSighting: (sighting: Sighting) => void
}

const FINAL: ReadonlySet<string> = new Set(['ready', 'rejected', 'failed', 'expired', 'deleted', 'purged'])

/** A share of the way for each thing that happens to a file. */
const PROGRESS = { reserved: 0.1, uploaded: 0.3, processing: 0.4, done: 1 }

/** Sends one file as a client does (reserve, upload, watch the read model) and tells how it fared. */
export async function send(file: string, travel: Travel): Promise<Result> {
  const { client, onSighting } = travel
  const started = travel.now()
  const picked = await travel.pick(file)
  const failed = (status: string, reason: string, mediaId: string | null = null): Result => {
    onSighting({ file, progress: PROGRESS.done, status })
    return {
      file,
      mediaId,
      status,
      kind: picked.kind,
      reason,
      variants: [],
      events: [],
      msToThumbnail: null,
      msToReady: null,
    }
  }

  if (picked.bytes === 0) return failed('rejected', 'The file is empty: it has no bytes. Choose another one.')
  const reservation = await client.reserve(file, picked)
  if (!reservation.ok) return failed(statusOf(reservation), reservation.reason)
  const { mediaId } = reservation
  onSighting({ file, progress: PROGRESS.reserved, status: 'reserved' })

  const events: string[] = []
  const unsubscribe = travel.onEvent(mediaId, (detailType) => {
    events.push(detailType)
    onSighting({ file, progress: 0, status: '', event: detailType })
  })
  let msToThumbnail: number | null = null
  let msToPlayable: number | null = null
  try {
    const arrival = watch(travel.documents, mediaId, (view, required) => {
      if (view.thumbnails.length > 0) msToThumbnail ??= Math.round(travel.now() - started)
      if (view.cleared && view.videos.length + view.audios.length > 0)
        msToPlayable ??= Math.round(travel.now() - started)
      const share = shareOf(view, required)
      onSighting({
        file,
        progress: FINAL.has(view.status) ? PROGRESS.done : PROGRESS.processing + share * (1 - PROGRESS.processing),
        status: view.status,
      })
    })
    const refused = await client.upload(file, reservation)
    if (refused) {
      arrival.cancel()
      return failed(statusOf(refused), refused.reason, mediaId)
    }
    onSighting({ file, progress: PROGRESS.uploaded, status: 'uploading' })
    const { view, name } = await arrival.final
    const msToReady = view.status === 'ready' ? Math.round(travel.now() - started) : null
    const unfinished = await settled(() => travel.atWorkOn(mediaId))
    const stored = travel.documents.get(name)
    const variants = view.status === 'ready' ? await download(mediaId, travel) : []
    return {
      file,
      mediaId,
      status: view.status,
      kind: picked.kind,
      ...(view.reason && { reason: view.reason.message }),
      variants,
      events,
      msToThumbnail,
      ...(isPlayed(picked) && { msToPlayable }),
      msToReady,
      ...(stored && { document: mediaOf(stored.fields) }),
      ...(unfinished.length > 0 && { unfinished }),
    }
  } finally {
    unsubscribe()
  }
}

/** The required steps that are done; the long one is known by its tenths. */
function shareOf({ steps, progress = 0 }: MediaView, required: readonly string[]): number {
  const done = steps.filter(({ name, result }) => required.includes(name) && result.outcome === 'succeeded').length
  return Math.min(1, (done + (done < required.length ? progress / 100 : 0)) / Math.max(required.length, 1))
}

function isPlayed({ kind }: PickedFile): boolean {
  return kind === 'video' || kind === 'voice'
}

const TOO_MANY_REQUESTS = 429

/** Whose fault a refusal is: the file's, or ours. */
function statusOf({ status }: Refused): string {
  return status >= 500 || status === TOO_MANY_REQUESTS ? 'failed' : 'rejected'
}

/** For steps that nobody waits for before a media is ready, and for news of it that is not out yet. */
const PATIENCE = { tries: 500, everyMs: 20 }

/** Waits until nobody is at work; answers who still is, once that has taken too long. */
async function settled(atWork: () => readonly string[]): Promise<readonly string[]> {
  for (let tries = 0; tries < PATIENCE.tries && atWork().length > 0; tries++)
    await new Promise((resolve) => setTimeout(resolve, PATIENCE.everyMs))
  return atWork()
}

function mediaOf(fields: Fields): MediaDocument {
  return decodeFields(fields) as unknown as MediaDocument
}

interface Final {
  readonly view: MediaView
  /** The document's own. */
  readonly name: string
}

/** Follows a media's document until its status is final. */
function watch(
  documents: Documents,
  mediaId: string,
  onView: (view: MediaView, required: readonly string[]) => void,
): { readonly final: Promise<Final>; cancel(): void } {
  let cancel = (): void => {}
  const final = new Promise<Final>((resolve) => {
    cancel = documents.onChange((changes) => {
      for (const { name, fields } of changes) {
        if (!fields || !name.endsWith(`/documents/media/${mediaId}`)) continue
        const media = mediaOf(fields)
        const view = fold(media)
        onView(view, media.required ?? [])
        if (!FINAL.has(view.status)) continue
        cancel()
        resolve({ view, name })
      }
    })
  })
  return { final, cancel }
}

async function download(mediaId: string, { client, outDir }: Travel): Promise<LocalVariant[]> {
  const media = await client.media(mediaId)
  const folder = join(outDir, mediaId)
  await mkdir(folder, { recursive: true })
  return Promise.all(
    formsOf(media).map(async ({ url, ...variant }) => {
      if (url === undefined) throw new Error(`${variant.name} of ${mediaId} is ready but has no URL`)
      const answer = await fetch(url)
      if (!answer.ok) throw new Error(`${variant.name} of ${mediaId}: the storage answered ${answer.status}`)
      const path = join(folder, `${variant.name}.${endingOf(variant.contentType)}`)
      await writeFile(path, Buffer.from(await answer.arrayBuffer()))
      return { ...variant, path }
    }),
  )
}

function formsOf({
  thumbnails,
  variants,
  videos = [],
  audios = [],
  previews = [],
  avatars = [],
  file,
}: Media): readonly Variant[] {
  return [...thumbnails, ...variants, ...videos, ...audios, ...previews, ...avatars, ...(file ? [file] : [])]
}

const ENDINGS: Readonly<Record<string, string>> = { 'image/jpeg': 'jpg', 'audio/mp4': 'm4a' }

function endingOf(contentType: string): string {
  return ENDINGS[contentType] ?? basename(contentType)
}
