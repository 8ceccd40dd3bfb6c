import type { Database } from '../database.ts'
import type { Checksum, ObjectChecksum } from './checksums.ts'
import type { StorageClass } from './storage-class.ts'
import type { Tag } from './tags.ts'

/** The version id of objects that were stored while their bucket kept no versions. */
export const NULL_VERSION = 'null'

/** What the sender of an object says of it, kept beside its bytes. */
export interface ObjectDescription {
  /** `content-type`, `cache-control` … and `x-amz-meta-…`, as they are answered. */
  readonly headers: Readonly<Record<string, string>>
  readonly tags: readonly Tag[]
  readonly storageClass: StorageClass
}

/** One of the parts that an object was uploaded in. */
export interface ObjectPart {
  readonly number: number
  readonly size: number
  /** Base64; only where the object's checksum is one of its parts' checksums. */
  readonly checksum?: string
}

/** One version of one object; a delete marker is a version without bytes. */
export interface ObjectVersion extends ObjectDescription {
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
  /** MD5 in hex, without quotes; of an object that came in parts, that of its parts' MD5s and their number. */
  readonly etag: string
  /** Milliseconds since 1970. */
  readonly modified: number
  readonly checksum: ObjectChecksum | undefined
  /** In their order; undefined for an object that came as one. */
  readonly parts: readonly ObjectPart[] | undefined
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
  setTags(version: ObjectVersion, tags: readonly Tag[]): void
  setStorageClass(version: ObjectVersion, storageClass: StorageClass): void
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
  readonly tags: string
  readonly storage_class: string
  readonly parts: string | null
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
      tags text not null default '[]',
      storage_class text not null default 'STANDARD',
      parts text,
      primary key (bucket, key, version_id)
    ) strict, without rowid;
    create unique index if not exists s3_version_by_sequence on s3_version (bucket, key, sequence desc);
    create unique index if not exists s3_latest on s3_version (bucket, key) where is_latest = 1;
    create unique index if not exists s3_version_by_file on s3_version (file) where file is not null;
    create table if not exists s3_sequence (one integer primary key check (one = 1), value integer not null) strict;
    insert or ignore into s3_sequence values (1, 0);
  `)
  addMissingColumns(db)
  const findLatest = db.prepare('select * from s3_version where bucket = ? and key = ? and is_latest = 1')
  const findOne = db.prepare('select * from s3_version where bucket = ? and key = ? and version_id = ?')
  const unsetLatest = db.prepare('update s3_version set is_latest = 0 where bucket = ? and key = ? and is_latest = 1')
  const setLatest = db.prepare(`update s3_version set is_latest = 1 where bucket = ?1 and key = ?2
    and sequence = (select max(sequence) from s3_version where bucket = ?1 and key = ?2)`)
  const insert = db.prepare('insert into s3_version values (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const remove = db.prepare('delete from s3_version where bucket = ? and key = ? and version_id = ?')
  const setTags = db.prepare('update s3_version set tags = ?4 where bucket = ?1 and key = ?2 and version_id = ?3')
  const setClass = db.prepare(
    'update s3_version set storage_class = ?4 where bucket = ?1 and key = ?2 and version_id = ?3',
  )
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
        JSON.stringify(version.tags),
        version.storageClass,
        version.parts ? JSON.stringify(version.parts) : null,
      )
      return { added, replaced }
    },
    remove({ bucket, key, versionId, isLatest }) {
      remove.run(bucket, key, versionId)
      if (isLatest) setLatest.run(bucket, key)
    },
    setTags: ({ bucket, key, versionId }, tags) => void setTags.run(bucket, key, versionId, JSON.stringify(tags)),
    setStorageClass: ({ bucket, key, versionId }, storageClass) =>
      void setClass.run(bucket, key, versionId, storageClass),
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
    checksum: row.checksum === null ? undefined : readChecksum(row.checksum),
    tags: JSON.parse(row.tags) as Tag[],
    storageClass: row.storage_class as StorageClass,
    parts: row.parts === null ? undefined : (JSON.parse(row.parts) as ObjectPart[]),
  }
}

/** Rows of an older runtime have no type: they knew no other. */
function readChecksum(stored: string): ObjectChecksum {
  const { algorithm, value, type = 'FULL_OBJECT' } = JSON.parse(stored) as Checksum & Partial<ObjectChecksum>
  return { algorithm, value, type }
}

/** Tables that an older runtime made lack the columns that came later. */
function addMissingColumns(db: Database): void {
  const columns = db.prepare('select name from pragma_table_info(?)').all('s3_version') as { name: string }[]
  const has = (column: string) => columns.some(({ name }) => name === column)
  if (has('tags')) return
  db.exec(`
    alter table s3_version add column tags text not null default '[]';
    alter table s3_version add column storage_class text not null default 'STANDARD';
    alter table s3_version add column parts text;
  `)
}
