import type { APIGatewayProxyResult } from 'aws-lambda'
import { fold, type MediaView } from '../../../contracts/fold.ts'
import type { MediaDocument } from '../../../contracts/generated/documents.ts'
import { LIMITS } from '../../../contracts/limits.ts'
import { MAKING_STEPS } from '../../../contracts/required-steps.ts'
import type { StoredObject } from '../../../contracts/stored-object.ts'
import type { Clock } from '../../../ports/clock/clock.ts'
import type { Objects } from '../../../ports/objects/objects.ts'
import type { ReadModel } from '../../../ports/read-model/read-model.ts'
import { jsonAnswer } from '../answer.ts'
import { accepted } from '../problem.ts'
import { type ApiRequest, isModerator } from '../request.ts'
import { answered } from '../route.ts'
import { visibleMedia } from '../visible-media.ts'

export interface GetMediaPorts {
  readonly readModel: Pick<ReadModel, 'get'>
  readonly objects: Pick<Objects, 'signDownload'>
  readonly clock: Pick<Clock, 'now'>
}

/** GET /media/{id}: one media as its owner and the members of its conversation see it; to others there is none. */
export function handle(request: ApiRequest, ports: GetMediaPorts): Promise<APIGatewayProxyResult> {
  return answered(async () => {
    const found = await visibleMedia(request, ports.readModel)
    if (!found.ok) return found
    const body = await present(found.value.media, ports, { toModerator: isModerator(request) })
    // Not kept: what is deleted or found at fault must be gone at the next look.
    return accepted(jsonAnswer(200, body, { 'Cache-Control': 'private, no-cache' }))
  })
}

/** What moderators see more than others: what was seen in it, and forms that are held back. */
interface Audience {
  readonly toModerator: boolean
}

async function present(
  media: MediaDocument,
  ports: GetMediaPorts,
  audience: Audience,
): Promise<Readonly<Record<string, unknown>>> {
  const view = fold(media)
  const { mediaId, kind, ownerId, conversationId, reservedAt, uploadedAt, expiresAt } = media
  return {
    mediaId,
    kind,
    status: view.status,
    ...(view.reason && { reason: { code: view.reason.code, message: view.reason.message } }),
    ownerId,
    conversationId,
    createdAt: reservedAt,
    ...(uploadedAt !== undefined && { uploadedAt }),
    ...(view.status === 'reserved' && { expiresAt }),
    ...(view.metadata && { metadata: view.metadata }),
    ...(view.details && { details: view.details }),
    ...(view.progress !== undefined && view.status === 'processing' && { progress: view.progress }),
    ...(audience.toModerator && view.moderation && { moderation: view.moderation }),
    ...(await forms(view, ports, isShown(media, view, audience))),
    ...(isShown(media, view, audience) && (await file(media, view, ports))),
  }
}

/**
 * Nothing of a media is handed out, not even a blur of it, before every check of it has passed; then each form as soon
 * as it is there.
 */
async function forms(view: MediaView, { objects, clock }: GetMediaPorts, isShown: boolean) {
  if (!isShown) return { thumbnails: [], variants: [] }
  const { expiresInSeconds } = LIMITS.download
  const urlsExpireAt = new Date(clock.now() + expiresInSeconds * 1000).toISOString()
  const sign = async <F extends { readonly object: StoredObject }>({ object, ...form }: F) => ({
    ...form,
    bytes: object.bytes,
    url: await objects.signDownload(object, { expiresInSeconds }),
  })
  const signAll = <F extends { readonly object: StoredObject }>(all: readonly F[]) => Promise.all(all.map(sign))
  const { thumbhash, videos, audios, previews, avatars, durationMs, peaks } = view
  return {
    ...(thumbhash !== undefined && { thumbhash }),
    thumbnails: await signAll(view.thumbnails),
    variants: await signAll(view.variants),
    ...(videos.length > 0 && { videos: await signAll(videos) }),
    ...(audios.length > 0 && { audios: await signAll(audios), durationMs, peaks }),
    ...(previews.length > 0 && { previews: await signAll(previews) }),
    ...(avatars.length > 0 && { avatars: await signAll(avatars) }),
    urlsExpireAt,
  }
}

/** A file as it came, and as what it is: named by its sender, typed by its bytes; all but a PDF is saved and not shown. */
async function file({ object, declared }: MediaDocument, { handling }: MediaView, { objects }: GetMediaPorts) {
  if (!object || !handling) return {}
  const { contentType, disposition, pages } = handling
  const name = declared.fileName ?? 'file'
  const type = disposition === 'inline' ? 'inline' : 'attachment'
  const { expiresInSeconds } = LIMITS.download
  const url = await objects.signDownload(object, {
    expiresInSeconds,
    contentType,
    disposition: { type, fileName: name },
  })
  return {
    file: { name, contentType, disposition: type, bytes: object.bytes, ...(pages !== undefined && { pages }), url },
  }
}

/** Checks of what a picture shows: whoever is to decide on them has to look. */
const OF_WHAT_IT_SHOWS: readonly string[] = ['moderate-content', 'detect-face']

/** Moderators see what moderation holds back, for deciding is looking; never what may hold malware. */
function isShown(media: MediaDocument, view: MediaView, { toModerator }: Audience): boolean {
  return view.cleared || (toModerator && view.moderation !== undefined && isSafe(media, view))
}

/** Whether all has passed that has to, but for what moderators decide on; a scan has to even where it was not asked for. */
function isSafe({ required }: MediaDocument, { steps }: MediaView): boolean {
  const others = required?.filter((name) => ![...MAKING_STEPS, ...OF_WHAT_IT_SHOWS].includes(name))
  const scans = steps.filter(({ name }) => name === 'scan-malware').map(({ name }) => name)
  const hasPassed = (check: string) =>
    steps.some(({ name, result }) => name === check && result.outcome === 'succeeded')
  return others !== undefined && [...others, ...scans].every(hasPassed)
}
