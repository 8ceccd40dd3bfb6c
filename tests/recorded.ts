import { join } from 'node:path'
import type { MediaDocument } from '../contracts/generated/documents.ts'
import type { MediaEvent } from '../events/envelope.ts'
import { type Database, openDatabase } from '../infra/local/database.ts'
import { decodeFields, type Fields } from '../ports/read-model/firestore-values.ts'

/** What a stack that has ended left in its data folder. */
export interface Recorded {
  readonly media: readonly MediaDocument[]
  /** Every document of the read model, by its path. */
  readonly documents: ReadonlyMap<string, unknown>
  /** What the archive took, in its order. */
  readonly archived: readonly ArchivedEvent[]
  /** Messages that lie in a queue, by its name; dead letters too. */
  readonly waiting: ReadonlyMap<string, readonly string[]>
}

export interface ArchivedEvent {
  readonly 'detail-type': string
  readonly detail: MediaEvent
}

/** Reads the data folder of a stack that no longer runs. @throws Error while it runs. */
export function readRecorded(dataDir: string): Recorded {
  const documents = within(join(dataDir, 'firestore'), (db) => {
    const rows = db.prepare('select name, fields from document order by name').all()
    return new Map(
      rows.map(({ name, fields }) => [
        String(name).split('/documents/')[1] ?? '',
        decodeFields(JSON.parse(String(fields)) as Fields),
      ]),
    )
  })
  const { archived, waiting } = within(join(dataDir, 'aws'), (db) => ({
    archived: db
      .prepare('select json from events_archived order by id')
      .all()
      .map(({ json }) => JSON.parse(String(json)) as ArchivedEvent),
    waiting: Map.groupBy(
      db
        .prepare('select name, body from sqs_message join sqs_queue on sqs_queue.id = sqs_message.queue')
        .all()
        .map(({ name, body }) => ({ name: String(name), body: String(body) })),
      ({ name }) => name,
    ),
  }))
  return {
    media: [...documents].flatMap(([path, data]) =>
      /^media\/[^/]+$/.test(path) ? [data as unknown as MediaDocument] : [],
    ),
    documents,
    archived,
    waiting: new Map([...waiting].map(([name, messages]) => [name, messages.map(({ body }) => body)])),
  }
}

function within<T>(folder: string, read: (db: Database) => T): T {
  const db = openDatabase(folder)
  try {
    return read(db)
  } finally {
    db.close()
  }
}
