import { isDeleted } from '../../contracts/fold.ts'
import type { MediaDocument } from '../../contracts/generated/documents.ts'
import { MediaUploadedV1, type MediaUploadedV1Data } from '../../contracts/generated/events.ts'
import { LIMITS } from '../../contracts/limits.ts'
import { REQUIRED_STEPS } from '../../contracts/required-steps.ts'
import { formatRun } from '../../contracts/run.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import type { BusPort } from '../../events/bus.ts'
import { createEvent, type MediaEvent } from '../../events/envelope.ts'
import { rootId } from '../../events/ids.ts'
import { traceparentOf } from '../../events/traceparent.ts'
import type { Clock } from '../../ports/clock/clock.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import type { Json, ReadModel } from '../../ports/read-model/read-model.ts'
import { owe, settleDebts, stillOwed } from './outbox.ts'

export interface BindPorts {
  readonly readModel: ReadModel
  readonly objects: Pick<Objects, 'deleteVersion'>
  readonly bus: BusPort
  readonly clock: Clock
}

/** What became of an object that arrived: it is the media's own now, or it was deleted with this reason. */
export type Binding = { readonly kind: 'bound' } | { readonly kind: 'deleted'; readonly reason: string }

/**
 * Binds the bytes that arrived to their media, for good: the first version that gets here is written into the media's
 * document together with the steps that it requires today, and MediaUploaded says so. Any other version of that key,
 * and whatever arrives for a media that is not there or was deleted, is deleted by its version.
 */
export async function bindUpload(ports: BindPorts, mediaId: string, object: StoredObject): Promise<Binding> {
  const { readModel, objects, clock } = ports
  const path = `media/${mediaId}`
  for (;;) {
    const [snapshot] = await readModel.get([path])
    const media = snapshot?.data as MediaDocument | undefined
    const unwanted = reasonToDelete(media, object)
    if (!snapshot || !media || unwanted !== undefined) {
      await objects.deleteVersion(object)
      return { kind: 'deleted', reason: unwanted ?? 'no such media' }
    }
    if (media.object) {
      await settleDebts(ports, await stillOwed(readModel, [uploaded(media, object, clock.now())]))
      return { kind: 'bound' }
    }
    const now = clock.now()
    const event = uploaded(media, object, now)
    const answer = await readModel.commit([
      {
        kind: 'update',
        path,
        ifRevision: snapshot.revision,
        fields: [
          { path: ['object'], value: object as unknown as Json },
          { path: ['uploadedAt'], value: new Date(now).toISOString() },
          { path: ['required'], value: REQUIRED_STEPS[media.kind] ?? [] },
          { path: ['deadlineAt'], value: new Date(now + LIMITS.processing.deadlineSeconds * 1000).toISOString() },
        ],
      },
      owe(event, now),
    ])
    if (answer === 'committed') {
      await settleDebts(ports, [event])
      return { kind: 'bound' }
    }
    // Somebody else wrote to the media, or this very commit was answered late: look again.
  }
}

function reasonToDelete(media: MediaDocument | undefined, object: StoredObject): string | undefined {
  if (!media) return 'no such media'
  if (isDeleted(media)) return 'the media was deleted'
  if (media.object && media.object.versionId !== object.versionId) return 'the media has its bytes already'
  return undefined
}

/** MediaUploaded: its id is made of the key and the version alone, so that it is the same however often it is told. */
export function uploaded(media: MediaDocument, object: StoredObject, now: number): MediaEvent<MediaUploadedV1Data> {
  const id = rootId([object.key, object.versionId])
  return createEvent(
    MediaUploadedV1,
    { mediaId: media.mediaId, kind: media.kind, contentType: media.declared.contentType, object },
    {
      id,
      time: media.uploadedAt === undefined ? now : Date.parse(media.uploadedAt),
      subject: media.mediaId,
      run: formatRun({ epoch: 0, retry: media.retry }),
      correlationId: media.mediaId,
      causationId: id,
      traceparent: traceparentOf(id),
    },
  )
}
