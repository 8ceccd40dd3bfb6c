import { bodyError, expectBody } from './body.ts'
import { writeCondition } from './conditions.ts'
import { checksumHeaders, DESCRIBING, describedObject, refuseUnknownHeaders, versionHeaders } from './object-headers.ts'
import type { ObjectCall, S3 } from './s3.ts'

/** PutObject. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject(s3: S3, call: ObjectCall): Promise<void> {
  const { bucket, key, request, response } = call
  refuseUnknownHeaders(call.headers, DESCRIBING)
  const description = describedObject(call.headers)
  const precondition = writeCondition(call.headers, key)
  const body = expectBody(call.headers, call.payload)

  const version = await s3.blobs
    .receive(request, body.options, (received) => {
      const checksum = { ...body.verify(received), type: 'FULL_OBJECT' } as const
      return s3.objects.store({
        ...description,
        bucket,
        key,
        received,
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
