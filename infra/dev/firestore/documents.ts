import type { Fields, Value } from '../../../ports/read-model/firestore-values.ts'
import type { Database } from '../../local/database.ts'
import { parseFieldPath } from './field-path.ts'

/** One document in the protocol's form. `name` is the full one, `projects/…/documents/media/42`. */
export interface StoredDocument {
  readonly name: string
  readonly fields: Fields
  readonly createTime: string
  readonly updateTime: string
}

export interface WireWrite {
  readonly update?: { readonly name: string; readonly fields?: Fields }
  readonly delete?: string
  readonly updateMask?: { readonly fieldPaths?: readonly string[] }
  readonly currentDocument?: { readonly exists?: boolean; readonly updateTime?: string }
}

/** A refusal in Firestore's own terms. */
export class FirestoreError extends Error {
  readonly httpStatus: number
  readonly status: string
  constructor(httpStatus: number, status: string, message: string) {
    super(message)
    this.httpStatus = httpStatus
    this.status = status
  }
}

/** Documents in SQLite: what a commit answered survives the death of the process. */
export interface Documents {
  get(name: string): StoredDocument | undefined
  /** Applies all writes or throws FirestoreError and applies none; returns the time of the commit. */
  commit(writes: readonly WireWrite[]): string
  /** Documents directly in `collection` (a full name) that have `field`, as a string, at most `atMost`; by rising `field`. */
  upTo(collection: string, field: string, atMost: string, limit: number): StoredDocument[]
  /** Every document there is. */
  all(): Iterable<StoredDocument>
  /** Calls back after each commit with what changed; undefined fields stand for a deletion. Returns the unsubscriber. */
  onChange(listener: (changes: readonly Change[]) => void): () => void
}

export interface Change {
  readonly name: string
  readonly fields: Fields | undefined
}

export function openDocuments(db: Database, now: () => number): Documents {
  db.exec(`create table if not exists document (
    name text primary key, collection text not null, fields text not null, create_time text not null, update_time text not null
  ) without rowid;
  create index if not exists document_collection on document (collection);`)

  const listeners = new Set<(changes: readonly Change[]) => void>()
  let lastMicros = 0
  const nextTime = (): string => {
    lastMicros = Math.max(lastMicros + 1, Math.round(now() * 1000))
    const micros = String(lastMicros % 1_000_000).padStart(6, '0')
    return `${new Date(Math.floor(lastMicros / 1_000_000) * 1000).toISOString().slice(0, 19)}.${micros}Z`
  }
  const newest = db.prepare('select max(update_time) as time from document').get()?.['time']
  if (typeof newest === 'string')
    lastMicros = Date.parse(`${newest.slice(0, 19)}Z`) * 1000 + Number(newest.slice(20, 26))

  const toDocument = (row: Record<string, unknown>): StoredDocument => ({
    name: String(row['name']),
    fields: JSON.parse(String(row['fields'])) as Fields,
    createTime: String(row['create_time']),
    updateTime: String(row['update_time']),
  })
  const get = (name: string): StoredDocument | undefined => {
    const row = db.prepare('select * from document where name = ?').get(name)
    return row && toDocument(row)
  }

  const apply = (write: WireWrite, time: string): Change => {
    const name = write.update?.name ?? write.delete
    if (name === undefined) throw new FirestoreError(400, 'INVALID_ARGUMENT', 'a write is an update or a delete')
    const current = get(name)
    checkPrecondition(write, name, current)
    if (!write.update) {
      db.prepare('delete from document where name = ?').run(name)
      return { name, fields: undefined }
    }
    const fields = write.updateMask
      ? masked(current?.fields ?? {}, write.update.fields ?? {}, write.updateMask.fieldPaths ?? [])
      : (write.update.fields ?? {})
    db.prepare(
      `insert into document (name, collection, fields, create_time, update_time) values (?, ?, ?, ?, ?)
       on conflict (name) do update set fields = excluded.fields, update_time = excluded.update_time`,
    ).run(name, name.slice(0, name.lastIndexOf('/')), JSON.stringify(fields), time, time)
    return { name, fields }
  }

  return {
    get,
    commit(writes) {
      const time = nextTime()
      const changes = db.transaction(() => writes.map((write) => apply(write, time)))
      for (const listener of listeners) listener(changes)
      return time
    },
    upTo(collection, field, atMost, limit) {
      const path = `$."${field.replaceAll('"', '')}".stringValue`
      return db
        .prepare(
          `select * from document where collection = ? and json_extract(fields, ?) <= ?
           order by json_extract(fields, ?), name limit ?`,
        )
        .all(collection, path, atMost, path, limit)
        .map(toDocument)
    },
    *all() {
      for (const row of db.prepare('select * from document').all()) yield toDocument(row)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function checkPrecondition(write: WireWrite, name: string, current: StoredDocument | undefined): void {
  const { exists, updateTime } = write.currentDocument ?? {}
  if (exists === true && !current) throw new FirestoreError(404, 'NOT_FOUND', `No document to update: ${name}`)
  if (exists === false && current) throw new FirestoreError(409, 'ALREADY_EXISTS', `Document already exists: ${name}`)
  if (updateTime === undefined) return
  if (!current) throw new FirestoreError(404, 'NOT_FOUND', `No document to update: ${name}`)
  if (!sameInstant(current.updateTime, updateTime)) {
    throw new FirestoreError(400, 'FAILED_PRECONDITION', `the document was changed since ${updateTime}: ${name}`)
  }
}

/** Clients may write `.120Z` for `.120000Z`. */
function sameInstant(a: string, b: string): boolean {
  const [x, y] = [a, b].map((time) => {
    const [seconds, fraction = ''] = time.replace('Z', '').split('.')
    return `${seconds}.${fraction.padEnd(9, '0')}`
  })
  return x === y
}

/** `current` with just the masked fields taken from `incoming`; a masked field that `incoming` lacks is removed. */
function masked(current: Fields, incoming: Fields, mask: readonly string[]): Fields {
  const result = structuredClone(current)
  for (const fieldPath of mask) {
    const path = parseFieldPath(fieldPath)
    setAt(result, path, valueAt(incoming, path))
  }
  return result
}

function valueAt(fields: Fields, path: readonly string[]): Value | undefined {
  const [first, ...rest] = path
  const value = first === undefined ? undefined : fields[first]
  if (rest.length === 0 || !value) return value
  return 'mapValue' in value ? valueAt(value.mapValue.fields ?? {}, rest) : undefined
}

function setAt(fields: Fields, path: readonly string[], value: Value | undefined): void {
  const [first, ...rest] = path
  if (first === undefined) return
  if (rest.length === 0) {
    if (value) fields[first] = value
    else delete fields[first]
    return
  }
  const child = fields[first]
  if (child && 'mapValue' in child) {
    child.mapValue.fields ??= {}
    setAt(child.mapValue.fields, rest, value)
  } else if (value) {
    const made: Fields = {}
    fields[first] = { mapValue: { fields: made } }
    setAt(made, rest, value)
  }
}
