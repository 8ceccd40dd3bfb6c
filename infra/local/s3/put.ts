import { bodyError, expectBody } from './body.ts'
import { noSuchKey, notImplemented, preconditionFailed } from './errors.ts'
import { checksumHeaders, refuseUnknownHeaders, storedHeaders, versionHeaders } from './object-headers.ts'
import type { ObjectCall, S3 } from './s3.ts'
import type { ObjectVersion } from './versions.ts'

/** PutObject. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject(s3: S3, call: ObjectCall): Promise<void> {
  const { bucket, key, request, response } = call
  refuseUnknownHeaders(call.headers)
  const headers = storedHeaders(call.headers)
  const precondition = putCondition(call.headers, key)
  const body = expectBody(call.headers, call.payload)

  const version = await s3.blobs
    .receive(request, body.options, (received) => {
      const checksum = body.verify(received)
      return s3.objects.store({
        bucket,
        key,
        received,
        headers,
        checksum,
        precondition,
        reason: 'PutObject',
        cause: call,
      })
    })
    .catch((error: unknown) => {
      throw bodyError(error)
    })
  response
    .writeHead(200, { ...versionHeaders(bucket, version), ...checksumHeaders(version), 'Content-Length': 0 })
    .end()
}

/** `If-None-Match: *` writes only what is not there, `If-Match` replaces only what one has seen. */
function putCondition(headers: ReadonlyMap<string, string>, key: string): (current: ObjectVersion | undefined) => void {
  const ifNoneMatch = headers.get('if-none-match')
  const ifMatch = headers.get('if-match')
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') throw notImplemented('If-None-Match other than * on a write')
  return (current) => {
    const exists = current !== undefined && !current.isDeleteMarker
    if (ifNoneMatch !== undefined && exists) throw preconditionFailed('If-None-Match')
    if (ifMatch === undefined) return
    if (!exists) throw noSuchKey(key)
    if (ifMatch.replace(/^"|"$/g, '') !== current.etag) throw preconditionFailed('If-Match')
  }
}
