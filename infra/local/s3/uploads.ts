import type { Database } from '../database.ts'
import type { Algorithm, ChecksumType } from './checksums.ts'
import type { StorageClass } from './storage-class.ts'
import type { Tag } from './tags.ts'
import type { ObjectDescription } from './versions.ts'

/** An upload in parts that is neither completed nor aborted. */
export interface MultipartUpload extends ObjectDescription {
  readonly uploadId: string
  readonly bucket: string
  readonly key: string
  /** Milliseconds since 1970. */
  readonly initiated: number
  readonly checksum: UploadChecksum
}

/** The checksum that the object will have. */
export interface UploadChecksum {
  readonly algorithm: Algorithm
  readonly type: ChecksumType
  /** Whether the sender asked for it; else it is S3's own. */
  readonly isDeclared: boolean
}

export interface UploadedPart {
  readonly number: number
  readonly file: string
  readonly size: number
  /** MD5 in hex, without quotes. */
  readonly etag: string
  /** Base64, of its upload's algorithm. */
  readonly checksum: string
  /** Milliseconds since 1970. */
  readonly modified: number
}

/** The rows of all multipart uploads. Its changes must run in a transaction of their caller. */
export interface Uploads {
  add(upload: MultipartUpload): void
  find(uploadId: string): MultipartUpload | undefined
  /** By key in order of UTF-8 bytes, then oldest first, from `fromKey` on. */
  list(bucket: string, fromKey: string): Iterable<MultipartUpload>
  /** Adds a part; the one of the same number is replaced and returned. */
  addPart(uploadId: string, part: UploadedPart): UploadedPart | undefined
  /** By number. */
  parts(uploadId: string): readonly UploadedPart[]
  /** Takes an upload away with its parts. */
  remove(uploadId: string): void
  isFileNamed(file: string): boolean
}

interface UploadRow {
  readonly upload_id: string
  readonly bucket: string
  readonly key: string
  readonly initiated: number
  readonly headers: string
  readonly tags: string
  readonly storage_class: string
  readonly checksum: string
}

interface PartRow extends UploadedPart {
  readonly upload_id: string
}

export function openUploads(db: Database): Uploads {
  db.exec(`
    create table if not exists s3_upload (
      upload_id text primary key,
      bucket text not null,
      key text not null,
      initiated integer not null,
      headers text not null,
      tags text not null,
      storage_class text not null,
      checksum text not null
    ) strict, without rowid;
    create index if not exists s3_upload_by_key on s3_upload (bucket, key, initiated, upload_id);
    create table if not exists s3_part (
      upload_id text not null references s3_upload,
      number integer not null,
      file text not null unique,
      size integer not null,
      etag text not null,
      checksum text not null,
      modified integer not null,
      primary key (upload_id, number)
    ) strict, without rowid;
  `)
  const insert = db.prepare('insert into s3_upload values (?, ?, ?, ?, ?, ?, ?, ?)')
  const find = db.prepare('select * from s3_upload where upload_id = ?')
  const list = db.prepare('select * from s3_upload where bucket = ? and key >= ? order by key, initiated, upload_id')
  const remove = db.prepare('delete from s3_upload where upload_id = ?')
  const putPart = db.prepare('insert or replace into s3_part values (?, ?, ?, ?, ?, ?, ?)')
  const findPart = db.prepare('select * from s3_part where upload_id = ? and number = ?')
  const listParts = db.prepare('select * from s3_part where upload_id = ? order by number')
  const removeParts = db.prepare('delete from s3_part where upload_id = ?')
  const hasFile = db.prepare('select 1 from s3_part where file = ?')

  return {
    add({ uploadId, bucket, key, initiated, headers, tags, storageClass, checksum }) {
      insert.run(
        uploadId,
        bucket,
        key,
        initiated,
        JSON.stringify(headers),
        JSON.stringify(tags),
        storageClass,
        JSON.stringify(checksum),
      )
    },
    find(uploadId) {
      const row = find.get(uploadId)
      return row && fromRow(row as unknown as UploadRow)
    },
    *list(bucket, fromKey) {
      for (const row of list.iterate(bucket, fromKey)) yield fromRow(row as unknown as UploadRow)
    },
    addPart(uploadId, { number, file, size, etag, checksum, modified }) {
      const replaced = findPart.get(uploadId, number) as PartRow | undefined
      putPart.run(uploadId, number, file, size, etag, checksum, modified)
      return replaced
    },
    parts: (uploadId) => listParts.all(uploadId) as unknown as PartRow[],
    remove(uploadId) {
      removeParts.run(uploadId)
      remove.run(uploadId)
    },
    isFileNamed: (file) => hasFile.get(file) !== undefined,
  }
}

function fromRow(row: UploadRow): MultipartUpload {
  return {
    uploadId: row.upload_id,
    bucket: row.bucket,
    key: row.key,
    initiated: row.initiated,
    headers: JSON.parse(row.headers) as Record<string, string>,
    tags: JSON.parse(row.tags) as Tag[],
    storageClass: row.storage_class as StorageClass,
    checksum: JSON.parse(row.checksum) as UploadChecksum,
  }
}
