import type { Database } from '../database.ts'
import type { Checksum } from './checksums.ts'

/** The version id of objects that were stored while their bucket kept no versions. */
export const NULL_VERSION = 'null'

/** One version of one object; a delete marker is a version without bytes. */
export interface ObjectVersion {
  readonly bucket: string
  readonly key: string
  readonly versionId: string
  /** Grows with every change of the service, so that it orders the versions of a key. */
  readonly sequence: number
  readonly isLatest: boolean
  readonly isDeleteMarker: boolean
  /** The name of the file that holds the bytes; delete markers have none. */
  readonly file: string | undefined
  readonly size: number
  /** MD5 in hex, without quotes. */
  readonly etag: string
  /** Milliseconds since 1970. */
  readonly modified: number
  /** `content-type`, `cache-control` … and `x-amz-meta-…`, as they are answered. */
  readonly headers: Readonly<Record<string, string>>
  readonly checksum: Checksum | undefined
}

/** A version that has bytes. */
export interface StoredVersion extends ObjectVersion {
  readonly isDeleteMarker: false
  readonly file: string
}

export type NewVersion = Omit<ObjectVersion, 'sequence' | 'isLatest'>

/** The rows of all objects' versions. Its changes must run in a transaction of their caller. */
export interface Versions {
  latest(bucket: string, key: string): ObjectVersion | undefined
  find(bucket: string, key: string, versionId: string): ObjectVersion | undefined
  /** Adds a version as the latest of its key; a version with the same id is replaced and returned. */
  add(version: NewVersion): { added: ObjectVersion; replaced: ObjectVersion | undefined }
  /** Takes a version away; the next younger one becomes the latest. */
  remove(version: ObjectVersion): void
  /** A number that no other change has or had. */
  nextSequence(): number
  /** Latest versions that are no delete markers, by key in order of UTF-8 bytes, from `fromKey` on. */
  listLatest(bucket: string, fromKey: string): Iterable<ObjectVersion>
  /** All versions and delete markers, by key and then youngest first, from `fromKey` on. */
  listAll(bucket: string, fromKey: string): Iterable<ObjectVersion>
  isFileNamed(file: string): boolean
}

export function hasBytes(version: ObjectVersion): version is StoredVersion {
  return !version.isDeleteMarker && version.file !== undefined
}

interface Row {
  readonly bucket: string
  readonly key: string
  readonly version_id: string
  readonly sequence: number
  readonly is_latest: number
  readonly is_delete_marker: number
  readonly file: string | null
  readonly size: number
  readonly etag: string
  readonly modified: number
  readonly headers: string
  readonly checksum: string | null
}

export function openVersions(db: Database): Versions {
  db.exec(`
    create table if not exists s3_version (
      bucket text not null,
      key text not null,
      version_id text not null,
      sequence integer not null,
      is_latest integer not null,
      is_delete_marker integer not null,
      file text,
      size integer not null,
      etag text not null,
      modified integer not null,
      headers text not null,
      checksum text,
      primary key (bucket, key, version_id)
    ) strict, without rowid;
    create unique index if not exists s3_version_by_sequence on s3_version (bucket, key, sequence desc);
    create unique index if not exists s3_latest on s3_version (bucket, key) where is_latest = 1;
    create unique index if not exists s3_version_by_file on s3_version (file) where file is not null;
    create table if not exists s3_sequence (one integer primary key check (one = 1), value integer not null) strict;
    insert or ignore into s3_sequence values (1, 0);
  `)
  const findLatest = db.prepare('select * from s3_version where bucket = ? and key = ? and is_latest = 1')
  const findOne = db.prepare('select * from s3_version where bucket = ? and key = ? and version_id = ?')
  const unsetLatest = db.prepare('update s3_version set is_latest = 0 where bucket = ? and key = ? and is_latest = 1')
  const setLatest = db.prepare(`update s3_version set is_latest = 1 where bucket = ?1 and key = ?2
    and sequence = (select max(sequence) from s3_version where bucket = ?1 and key = ?2)`)
  const insert = db.prepare('insert into s3_version values (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)')
  const remove = db.prepare('delete from s3_version where bucket = ? and key = ? and version_id = ?')
  const increment = db.prepare('update s3_sequence set value = value + 1 returning value')
  const hasFile = db.prepare('select 1 from s3_version where file = ?')
  const listLatest = db.prepare(`select * from s3_version
    where bucket = ? and key >= ? and is_latest = 1 and is_delete_marker = 0 order by key`)
  const listAll = db.prepare('select * from s3_version where bucket = ? and key >= ? order by key, sequence desc')

  const one = (row: unknown) => (row === undefined ? undefined : fromRow(row as Row))
  function* each(rows: Iterable<unknown>): Generator<ObjectVersion> {
    for (const row of rows) yield fromRow(row as Row)
  }
  const nextSequence = () => (increment.get() as { value: number }).value

  return {
    latest: (bucket, key) => one(findLatest.get(bucket, key)),
    find: (bucket, key, versionId) => one(findOne.get(bucket, key, versionId)),
    add(version) {
      const { bucket, key, versionId } = version
      const replaced = one(findOne.get(bucket, key, versionId))
      if (replaced) remove.run(bucket, key, versionId)
      unsetLatest.run(bucket, key)
      const added: ObjectVersion = { ...version, sequence: nextSequence(), isLatest: true }
      insert.run(
        bucket,
        key,
        versionId,
        added.sequence,
        Number(version.isDeleteMarker),
        version.file ?? null,
        version.size,
        version.etag,
        version.modified,
        JSON.stringify(version.headers),
        version.checksum ? JSON.stringify(version.checksum) : null,
      )
      return { added, replaced }
    },
    remove({ bucket, key, versionId, isLatest }) {
      remove.run(bucket, key, versionId)
      if (isLatest) setLatest.run(bucket, key)
    },
    nextSequence,
    listLatest: (bucket, fromKey) => each(listLatest.iterate(bucket, fromKey)),
    listAll: (bucket, fromKey) => each(listAll.iterate(bucket, fromKey)),
    isFileNamed: (file) => hasFile.get(file) !== undefined,
  }
}

function fromRow(row: Row): ObjectVersion {
  return {
    bucket: row.bucket,
    key: row.key,
    versionId: row.version_id,
    sequence: row.sequence,
    isLatest: row.is_latest === 1,
    isDeleteMarker: row.is_delete_marker === 1,
    file: row.file ?? undefined,
    size: row.size,
    etag: row.etag,
    modified: row.modified,
    headers: JSON.parse(row.headers) as Record<string, string>,
    checksum: row.checksum === null ? undefined : (JSON.parse(row.checksum) as Checksum),
  }
}
