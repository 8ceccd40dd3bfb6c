import { fold, isDeleted } from '../../contracts/fold.ts'
import { DOCUMENT_VERSIONS, type MediaDocument, type StepDocument } from '../../contracts/generated/documents.ts'
import type { MediaEvent } from '../../events/envelope.ts'
import type { Data, ReadModel, Write } from '../../ports/read-model/read-model.ts'

/** Where one step, for one cause and run, writes down what it did. */
export interface RecordKey {
  readonly mediaId: string
  /** The consumer, or the decision that is told of, such as `ready`. */
  readonly name: string
  /** The id of the event that caused it. */
  readonly source: string
  readonly run: string
}

export function mediaPath(mediaId: string): string {
  return `media/${mediaId}`
}

export function recordPath({ mediaId, name, source, run }: RecordKey): string {
  return `media/${mediaId}/steps/${name}~${source}~${run}`
}

/** A media and the record of a step, as they stood together. */
export interface Standing {
  readonly media: MediaDocument | undefined
  /** The media's. */
  readonly revision: string | undefined
  readonly record: StepDocument | undefined
}

export async function readStanding(readModel: ReadModel, key: RecordKey): Promise<Standing> {
  const [media, record] = await readModel.get([mediaPath(key.mediaId), recordPath(key)])
  return {
    media: media?.data as MediaDocument | undefined,
    revision: media?.revision,
    record: record?.data as StepDocument | undefined,
  }
}

/** Whether work on it is wanted at all. */
export function isAlive(media: MediaDocument | undefined): media is MediaDocument {
  return media !== undefined && !isDeleted(media)
}

/** Whether somebody has found the file at fault, so that nothing more is worth doing. */
export function isRejected(media: MediaDocument): boolean {
  return fold(media).status === 'rejected'
}

export function eventsOf(record: StepDocument): readonly MediaEvent[] {
  return record.events as readonly MediaEvent[]
}

/** The write that makes a record; refused with `exists` where another try was first. */
export function createRecord(
  key: RecordKey,
  record: Pick<StepDocument, 'outcome' | 'code' | 'message' | 'time' | 'startedAt' | 'tries'> & {
    readonly events: readonly MediaEvent[]
  },
): Extract<Write, { kind: 'create' }> {
  const document: StepDocument = {
    version: DOCUMENT_VERSIONS.StepDocument,
    consumer: key.name,
    source: key.source,
    run: key.run,
    ...record,
    published: record.events.length === 0,
  }
  return { kind: 'create', path: recordPath(key), data: document as unknown as Data }
}

/** The write that says that a record's events are out. */
export function markPublished(key: RecordKey): Extract<Write, { kind: 'update' }> {
  return { kind: 'update', path: recordPath(key), fields: [{ path: ['published'], value: true }] }
}
