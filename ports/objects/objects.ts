import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Disposition } from './content-disposition.ts'

/** Where bytes lie: S3 in production. Reads are pinned to a version, so that what was scanned is what is served. */
export interface Objects {
  /** The bucket that this product keeps its media in. */
  readonly bucket: string
  /**
   * The whole object.
   * @throws ObjectGone where that version isn't there any more; ObjectTooLarge before reading where it exceeds `maxBytes`.
   */
  read(object: StoredObject, maxBytes: number): Promise<Uint8Array>
  /**
   * `length` bytes from `offset` on: fewer where the object ends before, none from its end on.
   * @throws ObjectGone; RangeError where either is no whole number of bytes.
   */
  readRange(object: StoredObject, offset: number, length: number): Promise<Uint8Array>
  /**
   * Writes the whole object to `file`, piece by piece, over what may be there. Where that fails no file is left.
   * @throws ObjectGone; ObjectTooLarge before reading where it exceeds `maxBytes`.
   */
  download(object: StoredObject, file: string, maxBytes: number): Promise<void>
  /**
   * Stores `bytes` under `key`, verified by a SHA-256 checksum on the way. Where the same bytes lie there already they
   * stay as they are, and their version is the answer: a try that died after its PUT leaves no second version behind.
   */
  put(key: string, bytes: Uint8Array, options: PutOptions): Promise<StoredObject>
  /** The same as `put` for the bytes of a file of up to 5 GiB, which never lie in memory together. */
  putFile(key: string, file: string, options: PutOptions): Promise<StoredObject>
  /**
   * Copies that version to `key` of the same bucket, without the tags that others wrote on it: for those who can't read
   * a version by its id.
   * @throws ObjectGone
   */
  copy(object: StoredObject, key: string): Promise<StoredObject>
  /** What lies there now, or undefined where that version is gone. */
  head(object: StoredObject): Promise<ObjectHead | undefined>
  /** All versions under exactly this key, newest first; delete markers are left out. */
  versions(key: string): Promise<StoredObject[]>
  /** The newest version of every key that begins with `prefix`, in the order of keys; deleted ones are left out. */
  list(prefix: string): Promise<StoredObject[]>
  /**
   * What other services wrote on that version, as a malware scan its verdict.
   * @throws ObjectGone
   */
  tags(object: StoredObject): Promise<Readonly<Record<string, string>>>
  /** Deletes that one version for good; a version that is gone already is no error. */
  deleteVersion(object: Pick<StoredObject, 'bucket' | 'key' | 'versionId'>): Promise<void>
  /** A form with which a browser or app can store exactly one kind of object under exactly one key. */
  signUpload(upload: UploadGrant): Promise<SignedUpload>
  /** A URL that gives that version for a while. */
  signDownload(object: StoredObject, options: DownloadGrant): Promise<string>
}

export interface PutOptions {
  readonly contentType: string
  /** `Cache-Control`; derived objects never change, so a year by default. */
  readonly cacheControl?: string
}

export interface ObjectHead {
  readonly bytes: number
  readonly etag: string
  readonly contentType: string
  /** SHA-256 of the whole in hex, where the store has verified one: always, of what `put` stored. */
  readonly sha256?: string
}

export interface UploadGrant {
  readonly key: string
  readonly contentType: string
  /** The exact size that was declared, in bytes; no other size is taken. */
  readonly bytes: number
  /** base64; when given, only these bytes are taken. */
  readonly sha256?: string
  readonly expiresInSeconds: number
}

export interface DownloadGrant {
  readonly expiresInSeconds: number
  /** In place of the one that the object was stored with. */
  readonly contentType?: string
  readonly disposition?: Disposition
}

/** An HTML form upload (`multipart/form-data`, POST): all `fields` in order, then the file in a field named `file`. */
export interface SignedUpload {
  readonly url: string
  readonly fields: Readonly<Record<string, string>>
}

/** That version of the object isn't there any more: deleted, or never was. */
export class ObjectGone extends Error {
  override readonly name = 'ObjectGone'
}

/** The object is larger than the reader takes. */
export class ObjectTooLarge extends Error {
  override readonly name = 'ObjectTooLarge'
}

/** @throws RangeError where either is no whole number of bytes. */
export function checkRange(offset: number, length: number): void {
  for (const bytes of [offset, length]) {
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw new RangeError(`${bytes} is no whole number of bytes`)
  }
}
