import { getObjectAttributes } from './attributes.ts'
import { completeMultipartUpload } from './complete.ts'
import { copyObject } from './copy.ts'
import { getBucketCors } from './cors.ts'
import { deleteObject, deleteObjects } from './delete.ts'
import { noSuchBucket, notImplemented, S3Error } from './errors.ts'
import { getObject } from './get.ts'
import { listObjects, listObjectsV2, listObjectVersions } from './list.ts'
import { listMultipartUploads, listParts } from './list-uploads.ts'
import { abortMultipartUpload, createMultipartUpload, uploadPart, uploadPartCopy } from './multipart.ts'
import { putObject } from './put.ts'
import type { BucketCall, ObjectCall, S3, SignedCall } from './s3.ts'
import { getBucketLocation, getBucketVersioning, headBucket, listBuckets } from './settings.ts'
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './tagging.ts'

/** One operation, and how a request for it looks: S3 has no names on the wire. */
interface Operation<C> {
  readonly method: string
  /** Query parameters that must stand there. */
  readonly selectors?: readonly string[]
  /** A header that must stand there. */
  readonly header?: string
  /** Query parameters that may. */
  readonly parameters?: readonly string[]
  readonly run: (s3: S3, call: C) => Promise<void> | void
}

const LISTING = ['prefix', 'delimiter', 'encoding-type', 'max-keys']
const READING = [
  'versionId',
  'partNumber',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
]

const SERVICE_OPERATIONS: readonly Operation<SignedCall>[] = [
  { method: 'GET', parameters: ['prefix', 'max-buckets', 'continuation-token'], run: listBuckets },
]

const BUCKET_OPERATIONS: readonly Operation<BucketCall>[] = [
  { method: 'HEAD', run: headBucket },
  { method: 'GET', selectors: ['location'], run: getBucketLocation },
  { method: 'GET', selectors: ['versioning'], run: getBucketVersioning },
  { method: 'GET', selectors: ['cors'], run: getBucketCors },
  {
    method: 'GET',
    selectors: ['list-type'],
    parameters: [...LISTING, 'continuation-token', 'start-after', 'fetch-owner'],
    run: listObjectsV2,
  },
  {
    method: 'GET',
    selectors: ['versions'],
    parameters: [...LISTING, 'key-marker', 'version-id-marker'],
    run: listObjectVersions,
  },
  {
    method: 'GET',
    selectors: ['uploads'],
    parameters: ['prefix', 'delimiter', 'encoding-type', 'max-uploads', 'key-marker', 'upload-id-marker'],
    run: listMultipartUploads,
  },
  { method: 'GET', parameters: [...LISTING, 'marker'], run: listObjects },
  { method: 'POST', selectors: ['delete'], run: deleteObjects },
]

const OBJECT_OPERATIONS: readonly Operation<ObjectCall>[] = [
  { method: 'GET', parameters: READING, run: getObject },
  { method: 'HEAD', parameters: READING, run: getObject },
  { method: 'GET', selectors: ['tagging'], parameters: ['versionId'], run: getObjectTagging },
  { method: 'PUT', selectors: ['tagging'], parameters: ['versionId'], run: putObjectTagging },
  { method: 'DELETE', selectors: ['tagging'], parameters: ['versionId'], run: deleteObjectTagging },
  { method: 'GET', selectors: ['attributes'], parameters: ['versionId'], run: getObjectAttributes },
  { method: 'POST', selectors: ['uploads'], run: createMultipartUpload },
  { method: 'PUT', selectors: ['uploadId', 'partNumber'], header: 'x-amz-copy-source', run: uploadPartCopy },
  { method: 'PUT', selectors: ['uploadId', 'partNumber'], run: uploadPart },
  { method: 'POST', selectors: ['uploadId'], run: completeMultipartUpload },
  { method: 'DELETE', selectors: ['uploadId'], run: abortMultipartUpload },
  { method: 'GET', selectors: ['uploadId'], parameters: ['max-parts', 'part-number-marker'], run: listParts },
  { method: 'PUT', header: 'x-amz-copy-source', run: copyObject },
  { method: 'PUT', run: putObject },
  { method: 'DELETE', parameters: ['versionId'], run: deleteObject },
]

/**
 * Finds the operation that a request means and lets it answer.
 * @throws S3Error NotImplemented for one that S3 has and that does not run here.
 */
export async function answerOperation(s3: S3, call: SignedCall): Promise<void> {
  if (call.bucketName === undefined) {
    await find(SERVICE_OPERATIONS, call, 'the service').run(s3, call)
    return
  }
  const bucket = s3.buckets.find(call.bucketName)
  if (call.key === undefined) {
    const operation = find(BUCKET_OPERATIONS, call, 'a bucket')
    if (!bucket) throw noSuchBucket(call.bucketName)
    await operation.run(s3, { ...call, bucket })
    return
  }
  const operation = find(OBJECT_OPERATIONS, call, 'an object')
  if (!bucket) throw noSuchBucket(call.bucketName)
  if (call.headers.get('x-amz-tagging')) s3.denials.enforce(bucket.name, 's3:PutObjectTagging', call.key)
  await operation.run(s3, { ...call, bucket, key: call.key })
}

function find<C>(
  operations: readonly Operation<C>[],
  { request, query, headers }: SignedCall,
  kind: string,
): Operation<C> {
  const operation = operations.find(
    ({ method, selectors = [], header, parameters = [] }) =>
      method === request.method &&
      selectors.every((name) => query.has(name)) &&
      (header === undefined || headers.has(header)) &&
      [...query.keys()].every((name) => selectors.includes(name) || parameters.includes(name)),
  )
  if (operation) return operation
  if (!['GET', 'HEAD', 'PUT', 'POST', 'DELETE'].includes(request.method ?? '')) {
    throw new S3Error(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.')
  }
  const parameters = [...query.keys()].join('&')
  throw notImplemented(`${request.method} on ${kind}${parameters && ` with ?${parameters}`}`)
}
