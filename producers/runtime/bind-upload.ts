import { isDeleted } from '../../contracts/fold.ts'
import type { MediaDocument } from '../../contracts/generated/documents.ts'
import { MediaUploadedV1, type MediaUploadedV1Data } from '../../contracts/generated/events.ts'
import { deadlineSeconds } from '../../contracts/limits.ts'
import { requiredSteps } from '../../contracts/required-steps.ts'
import { formatRun } from '../../contracts/run.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import type { BusPort } from '../../events/bus.ts'
import { createEvent, type MediaEvent } from '../../events/envelope.ts'
import { rootId } from '../../events/ids.ts'
import { traceparentOf } from '../../events/traceparent.ts'
import type { Clock } from '../../ports/clock/clock.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import { owe, settleDebts, stillOwed } from '../../ports/outbox/outbox.ts'
import type { Json, ReadModel } from '../../ports/read-model/read-model.ts'

export interface BindPorts {
  readonly readModel: ReadModel
  readonly objects: Pick<Objects, 'deleteVersion' | 'versions'>
  readonly bus: BusPort
  readonly clock: Clock
  /** The checks that are switched on, by their steps' names. */
  readonly checks: readonly string[]
}

/** What became of an object that arrived. */
export type Binding =
  | { readonly kind: 'bound' }
  | { readonly kind: 'deleted'; readonly reason: string }
  /** It lies there and belongs to nobody yet. */
  | { readonly kind: 'left'; readonly reason: string }

/**
 * Binds the bytes that arrived to their media, for good: the first version that gets here is written into the media's
 * document together with the steps that it requires today, and MediaUploaded says so. Any other version of that key,
 * and whatever arrives for a media that is not there, is deleted by its version. Nothing is deleted of a media that may
 * be restored: told twice, with the restore in between, S3 would have bytes bound that are gone.
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
    if (isDeleted(media)) {
      return { kind: 'left', reason: 'the media was deleted: a restore binds its bytes, a purge deletes them' }
    }
    if (media.object) {
      if (media.life > 0) await deleteOthers(objects, object)
      await settleDebts(ports, await stillOwed(readModel, [{ event: uploaded(media, object, clock.now()) }]))
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
          { path: ['required'], value: requiredSteps(media.kind, ports.checks) },
          { path: ['deadlineAt'], value: new Date(now + deadlineSeconds(media.kind) * 1000).toISOString() },
        ],
      },
      owe({ event }, now),
    ])
    if (answer === 'committed') {
      // While it was deleted, others may have been left where they were.
      if (media.life > 0) await deleteOthers(objects, object)
      await settleDebts(ports, [{ event }])
      return { kind: 'bound' }
    }
    // Somebody else wrote to the media, or this very commit was answered late: look again.
  }
}

function reasonToDelete(media: MediaDocument | undefined, object: StoredObject): string | undefined {
  if (!media || media.purged) return 'no such media'
  if (media.object && media.object.versionId !== object.versionId) return 'the media has its bytes already'
  return undefined
}

async function deleteOthers(objects: BindPorts['objects'], bound: StoredObject): Promise<void> {
  for (const version of await objects.versions(bound.key)) {
    if (version.versionId !== bound.versionId) await objects.deleteVersion(version)
  }
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
