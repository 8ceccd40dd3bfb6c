import { fold } from '../../contracts/fold.ts'
import type { MediaDocument } from '../../contracts/generated/documents.ts'
import type { ReadModel } from '../../ports/read-model/read-model.ts'
import { isMember } from './conversation.ts'
import { accepted, type Checked, refused } from './problem.ts'
import { type ApiRequest, callerOf, isModerator } from './request.ts'

/** A media, and the revision at which it was read. */
export interface VisibleMedia {
  readonly media: MediaDocument
  readonly revision: string
}

const MEDIA_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The media of the route's `{id}`, for its owner, the members of its conversation and moderators; to others there is none. */
export async function visibleMedia(
  request: ApiRequest,
  readModel: Pick<ReadModel, 'get'>,
): Promise<Checked<VisibleMedia>> {
  const uid = callerOf(request)
  const id = request.pathParameters?.['id'] ?? ''
  const notFound = refused('not-found', 'There is no media with that id that you can see.')
  if (!MEDIA_ID.test(id)) return notFound
  const [found] = await readModel.get([`media/${id}`])
  if (found === undefined) return notFound
  const media = found.data as unknown as MediaDocument
  const owns = media.ownerId === uid
  const { status } = fold(media)
  if (status === 'deleted' || status === 'purged') {
    if (owns) return refused('deleted', 'You deleted this media.')
    return isModerator(request) ? refused('deleted', 'Its owner deleted this media.') : notFound
  }
  const sees = owns || isModerator(request) || (await isMember(readModel, media.conversationId, uid))
  return sees ? accepted({ media, revision: found.revision }) : notFound
}
