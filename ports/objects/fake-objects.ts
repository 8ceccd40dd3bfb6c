import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { StoredObject } from '../../contracts/stored-object.ts'
import { contentDisposition } from './content-disposition.ts'
import {
  checkRange,
  ObjectGone,
  type Objects,
  ObjectTooLarge,
  type PutOptions,
  type SignedUpload,
  type UploadGrant,
} from './objects.ts'

/** Objects in memory, with the client's side of signed requests beside them. */
export interface FakeObjects extends Objects {
  /** What a client does with a signed upload; answers S3's HTTP status. */
  post(upload: SignedUpload, file: Uint8Array): Promise<number>
  /** What a client does with a signed download. */
  fetch(url: string): Promise<{ readonly status: number; readonly bytes: Uint8Array }>
  /** What another service does that writes tags on a version. */
  tag(object: StoredObject, tags: Readonly<Record<string, string>>): Promise<void>
  /** Every version in the bucket, by key and then newest first. */
  contents(): StoredObject[]
}

interface Version {
  readonly object: StoredObject
  readonly bytes: Uint8Array
  readonly contentType: string
  tags: Readonly<Record<string, string>>
}

/** Signatures of this fake never expire: it has no clock. */
export function fakeObjects({ bucket }: { readonly bucket: string }): FakeObjects {
  const versionsByKey = new Map<string, readonly Version[]>()
  const grants = new Map<string, UploadGrant>()
  const downloads = new Map<string, StoredObject>()
  let written = 0

  function store(key: string, bytes: Uint8Array, contentType: string): StoredObject {
    const object: StoredObject = {
      bucket,
      key,
      versionId: `version-${++written}`,
      etag: createHash('md5').update(bytes).digest('hex'),
      bytes: bytes.byteLength,
    }
    const version = { object, bytes: Uint8Array.from(bytes), contentType, tags: {} }
    versionsByKey.set(key, [version, ...(versionsByKey.get(key) ?? [])])
    return object
  }

  function find(wanted: StoredObject): Version | undefined {
    if (wanted.bucket !== bucket) return undefined
    return versionsByKey
      .get(wanted.key)
      ?.find(({ object }) => object.versionId === wanted.versionId && object.etag === wanted.etag)
  }

  function existing(wanted: StoredObject): Version {
    const version = find(wanted)
    if (version === undefined) throw new ObjectGone(`${wanted.key} (${wanted.versionId}) is gone`)
    return version
  }

  function readWhole(object: StoredObject, maxBytes: number): Uint8Array {
    const { bytes } = existing(object)
    if (bytes.byteLength <= maxBytes) return Uint8Array.from(bytes)
    throw new ObjectTooLarge(`${object.key} has ${bytes.byteLength} bytes, at most ${maxBytes} are read`)
  }

  function put(key: string, bytes: Uint8Array, { contentType }: PutOptions): StoredObject {
    const [current] = versionsByKey.get(key) ?? []
    if (current && Buffer.compare(current.bytes, bytes) === 0) return current.object
    return store(key, bytes, contentType)
  }

  return {
    bucket,

    read: async (object, maxBytes) => readWhole(object, maxBytes),

    async readRange(object, offset, length) {
      checkRange(offset, length)
      return existing(object).bytes.slice(offset, offset + length)
    },

    download: async (object, file, maxBytes) => writeFile(file, readWhole(object, maxBytes)),

    put: async (key, bytes, options) => put(key, bytes, options),

    putFile: async (key, file, options) => put(key, await readFile(file), options),

    async copy(object, key) {
      const { bytes, contentType } = existing(object)
      return store(key, bytes, contentType)
    },

    async head(object) {
      const version = find(object)
      if (version === undefined) return undefined
      return {
        bytes: version.bytes.byteLength,
        etag: version.object.etag,
        contentType: version.contentType,
        sha256: createHash('sha256').update(version.bytes).digest('hex'),
      }
    },

    async versions(key) {
      return (versionsByKey.get(key) ?? []).map(({ object }) => object)
    },

    async list(prefix) {
      const keys = [...versionsByKey.keys()].filter((key) => key.startsWith(prefix)).sort()
      return keys.flatMap((key) => (versionsByKey.get(key) ?? []).slice(0, 1).map(({ object }) => object))
    },

    tags: async (object) => ({ ...existing(object).tags }),

    async tag(object, tags) {
      existing(object).tags = { ...tags }
    },

    async deleteVersion({ key, versionId }) {
      const kept = (versionsByKey.get(key) ?? []).filter(({ object }) => object.versionId !== versionId)
      if (kept.length === 0) versionsByKey.delete(key)
      else versionsByKey.set(key, kept)
    },

    async signUpload(grant) {
      const signature = `grant-${grants.size + 1}`
      grants.set(signature, grant)
      return { url: `https://${bucket}.s3.example/`, fields: { ...fieldsOf(grant), 'X-Amz-Signature': signature } }
    },

    async signDownload(object, { contentType, disposition }) {
      const query = new URLSearchParams({
        ...(contentType !== undefined && { 'response-content-type': contentType }),
        ...(disposition && { 'response-content-disposition': contentDisposition(disposition) }),
        'X-Amz-Signature': `download-${downloads.size + 1}`,
      })
      const url = `https://${bucket}.s3.example/${object.key}?${query}`
      downloads.set(url, object)
      return url
    },

    async post({ fields }, file) {
      const { 'X-Amz-Signature': signature = '', ...sent } = fields
      const grant = grants.get(signature)
      if (grant === undefined || !sameFields(sent, fieldsOf(grant))) return 403
      if (file.byteLength !== grant.bytes) return 400
      if (grant.sha256 !== undefined && createHash('sha256').update(file).digest('base64') !== grant.sha256) return 400
      store(grant.key, file, grant.contentType)
      return 201
    },

    async fetch(url) {
      const object = downloads.get(url)
      if (object === undefined) return { status: 403, bytes: new Uint8Array() }
      const version = find(object)
      if (version === undefined) return { status: 404, bytes: new Uint8Array() }
      return { status: 200, bytes: Uint8Array.from(version.bytes) }
    },

    contents: () => [...versionsByKey.values()].flat().map(({ object }) => object),
  }
}

function fieldsOf(grant: UploadGrant): Readonly<Record<string, string>> {
  return {
    key: grant.key,
    'Content-Type': grant.contentType,
    ...(grant.sha256 === undefined ? {} : { 'x-amz-checksum-sha256': grant.sha256 }),
  }
}

function sameFields(sent: Readonly<Record<string, string>>, signed: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(signed)
  return Object.keys(sent).length === names.length && names.every((name) => sent[name] === signed[name])
}
