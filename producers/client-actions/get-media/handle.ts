import type { APIGatewayProxyResult } from 'aws-lambda'
import { fold, type MediaView } from '../../../contracts/fold.ts'
import type { MediaDocument } from '../../../contracts/generated/documents.ts'
import { LIMITS } from '../../../contracts/limits.ts'
import type { StoredObject } from '../../../contracts/stored-object.ts'
import type { Clock } from '../../../ports/clock/clock.ts'
import type { Objects } from '../../../ports/objects/objects.ts'
import type { ReadModel } from '../../../ports/read-model/read-model.ts'
import { jsonAnswer } from '../answer.ts'
import { isMember } from '../conversation.ts'
import { accepted, type Checked, refused } from '../problem.ts'
import { type ApiRequest, callerOf } from '../request.ts'
import { answered } from '../route.ts'

export interface GetMediaPorts {
  readonly readModel: Pick<ReadModel, 'get'>
  readonly objects: Pick<Objects, 'signDownload'>
  readonly clock: Pick<Clock, 'now'>
}

const MEDIA_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** GET /media/{id}: one media as its owner and the members of its conversation see it; to others there is none. */
export function handle(request: ApiRequest, ports: GetMediaPorts): Promise<APIGatewayProxyResult> {
  return answered(async () => {
    const uid = callerOf(request)
    const media = await visibleMedia(request.pathParameters?.['id'] ?? '', uid, ports)
    if (!media.ok) return media
    const body = await present(media.value, ports)
    // Not kept: what is deleted or found at fault must be gone at the next look.
    return accepted(jsonAnswer(200, body, { 'Cache-Control': 'private, no-cache' }))
  })
}

async function visibleMedia(id: string, uid: string, { readModel }: GetMediaPorts): Promise<Checked<MediaDocument>> {
  const notFound = refused('not-found', 'There is no media with that id that you can see.')
  if (!MEDIA_ID.test(id)) return notFound
  const [found] = await readModel.get([`media/${id}`])
  if (found === undefined) return notFound
  const media = found.data as unknown as MediaDocument
  const owns = media.ownerId === uid
  const { status } = fold(media)
  if (status === 'deleted' || status === 'purged')
    return owns ? refused('deleted', 'You deleted this media.') : notFound
  return owns || (await isMember(readModel, media.conversationId, uid)) ? accepted(media) : notFound
}

async function present(media: MediaDocument, ports: GetMediaPorts): Promise<Readonly<Record<string, unknown>>> {
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
    ...(await forms(view, ports)),
  }
}

/**
 * Nothing of a media is handed out, not even a blur of it, before every check of it has passed; then each form as soon
 * as it is there.
 */
async function forms(view: MediaView, { objects, clock }: GetMediaPorts) {
  if (!view.cleared || view.status === 'rejected') return { thumbnails: [], variants: [] }
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
