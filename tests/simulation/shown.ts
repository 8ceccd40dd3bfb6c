import { fold } from '../../contracts/fold.ts'
import type { MediaDocument } from '../../contracts/generated/documents.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import { apiRequest } from '../../producers/client-actions/fixtures.ts'
import { handle as getMedia } from '../../producers/client-actions/get-media/handle.ts'
import type { Cloud } from './cloud.ts'
import { uncheckedOf } from './judge.ts'
import { OWNER, type Upload } from './uploads.ts'

/** Somebody of the conversation, who sent nothing. */
export const MEMBER = 'bob'

/** Asks for a media as others see it: nothing of it is handed out that has not passed its checks, or was deleted. */
export async function judgeShown(cloud: Cloud, upload: Upload): Promise<void> {
  const media = cloud.media(upload.mediaId)
  // A profile picture is in no conversation.
  const uid = upload.kind === 'profile' ? OWNER : MEMBER
  judge(cloud, { media, mediaId: upload.mediaId, ...(await look(cloud, upload, { uid })) })
}

/** Whoever is to decide on what moderation refused can see it, where no malware is in it. */
export async function judgeAppeal(cloud: Cloud, upload: Upload): Promise<void> {
  const media = cloud.media(upload.mediaId)
  // What a moderator has blocked was seen, or is nothing that can be.
  if (!media?.object || media.overrides || fold(media).reason?.step !== 'moderate-content') return
  if (cloud.scanner.found(media.object).some((status) => status !== 'NO_THREATS_FOUND')) return
  const { handedOut } = await look(cloud, upload, { uid: 'mallory', moderator: true })
  if (handedOut.length === 0) cloud.judge.broken('I1', `no moderator can see ${upload.mediaId}`)
}

async function look(
  cloud: Cloud,
  { mediaId }: Upload,
  caller: { readonly uid: string; readonly moderator?: boolean },
): Promise<Pick<Seen, 'statusCode' | 'body' | 'handedOut'>> {
  const handedOut: StoredObject[] = []
  const ports = {
    readModel: { get: async (paths: readonly string[]) => cloud.store.get(paths) },
    objects: {
      signDownload: async (object: StoredObject) => {
        handedOut.push(object)
        return `https://media/${object.key}`
      },
    },
    clock: { now: () => cloud.scheduler.time },
  }
  const request = apiRequest({
    method: 'GET',
    path: `/media/${mediaId}`,
    resource: '/media/{id}',
    ...caller,
    pathParameters: { id: mediaId },
  })
  const { statusCode, body } = await getMedia(request, ports)
  return { statusCode, body, handedOut }
}

interface Seen {
  readonly mediaId: string
  readonly media: MediaDocument | undefined
  readonly statusCode: number
  readonly body: string
  readonly handedOut: readonly StoredObject[]
}

function judge(cloud: Cloud, { mediaId, media, statusCode, body, handedOut }: Seen): void {
  const { judge } = cloud
  const gone = !media || media.life % 2 === 1
  if (gone !== (statusCode !== 200))
    judge.broken('I10', `${mediaId} is ${gone ? '' : 'not '}gone: ${statusCode} ${body}`)
  if (gone && handedOut.length > 0) judge.broken('I10', `${mediaId} is gone, and ${handedOut[0]?.key} was handed out`)
  const isBlurred = statusCode === 200 && (JSON.parse(body) as { readonly thumbhash?: string }).thumbhash !== undefined
  if (!media || (handedOut.length === 0 && !isBlurred)) return
  const unpassed = uncheckedOf(cloud, media)
  if (unpassed !== undefined) judge.broken('I9', `${mediaId} was handed out, and ${unpassed} has not passed its bytes`)
  for (const object of handedOut) {
    if (!cloud.storage.find(object))
      judge.broken('I18', `${object.key} ${object.versionId} was handed out, and is gone`)
  }
}
