import type { IncomingMessage, ServerResponse } from 'node:http'
import { type QueryParameters, splitTarget } from '../signature/index.ts'
import { S3Error } from './errors.ts'

/** One request to S3, taken apart. */
export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string
  readonly sourceIp: string
  readonly bucketName: string | undefined
  readonly key: string | undefined
  /** Parameters that say what is asked; those of the signature are not among them. */
  readonly query: ReadonlyMap<string, string>
  /** Headers by lower-case name, with those that a presigned URL carries in its query. */
  readonly headers: ReadonlyMap<string, string>
}

const MAX_KEY_BYTES = 1024

const SIGNATURE_PARAMETERS = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-signedheaders',
  'x-amz-signature',
  'x-amz-content-sha256',
  'x-amz-security-token',
])

/** @throws S3Error where the target is none, or names a key that can't be. */
export function readCall(request: IncomingMessage, response: ServerResponse, requestId: string): Call {
  const { path, query } = parseTarget(request.url ?? '/')
  const { bucketName, key } = nameTarget(path, request.headers.host ?? '')
  const headers = new Map<string, string>()
  const asked = new Map<string, string>()
  for (const [name, value] of query) {
    const lower = name.toLowerCase()
    if (SIGNATURE_PARAMETERS.has(lower)) continue
    // Header values are octets to node, while those of a query are characters in UTF-8.
    if (lower.startsWith('x-amz-')) headers.set(lower, Buffer.from(value, 'utf8').toString('latin1'))
    else if (name !== 'x-id') asked.set(name, value)
  }
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string') headers.set(name, value)
  }
  const sourceIp = request.socket.remoteAddress ?? '127.0.0.1'
  return { request, response, requestId, sourceIp, bucketName, key, query: asked, headers }
}

/** The path is left encoded: a slash in a bucket's place must not become one that divides. */
function parseTarget(url: string): { path: string; query: QueryParameters } {
  try {
    const { path, query } = splitTarget(url)
    decodeURIComponent(path)
    if (path.startsWith('/')) return { path, query }
  } catch {
    // Not UTF-8, or half an escape: answered below.
  }
  throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.")
}

/** The bucket is the path's first part, or stands before `.s3.` in the host. */
function nameTarget(path: string, host: string): { bucketName: string | undefined; key: string | undefined } {
  const virtual = /^(.+)\.s3[.-]/.exec(host)?.[1]
  const slash = path.indexOf('/', 1)
  const bucketName = virtual ?? decodeURIComponent(path.slice(1, slash < 0 ? undefined : slash))
  const key = decodeURIComponent(virtual !== undefined ? path.slice(1) : slash < 0 ? '' : path.slice(slash + 1))
  checkKey(key)
  return { bucketName: bucketName || undefined, key: key || undefined }
}

/** @throws S3Error KeyTooLongError */
export function checkKey(key: string): void {
  const size = Buffer.byteLength(key)
  if (size <= MAX_KEY_BYTES) return
  const details = { Size: String(size), MaxSizeAllowed: String(MAX_KEY_BYTES) }
  throw new S3Error(400, 'KeyTooLongError', 'Your key is too long', { details })
}
