import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { type Schedule, scheduleWithNode } from '../alarm.ts'
import type { Cloud, Provisioner, WireService } from '../cloud.ts'
import { verifySignature } from '../signature/index.ts'
import { openBlobs } from './blobs.ts'
import { openBuckets } from './buckets.ts'
import { type Call, readCall } from './call.ts'
import { allowOrigin, answerPreflight } from './cors.ts'
import { openDenials } from './denials.ts'
import { accessDenied, noSuchBucket, S3Error } from './errors.ts'
import type { S3Event } from './events.ts'
import { type InProcessObjects, inProcessObjects } from './in-process.ts'
import { startLifecycle } from './lifecycle.ts'
import { createObjects } from './objects.ts'
import { answerOperation } from './operations.ts'
import { isUploadForm, postObject } from './post.ts'
import { s3Provisioners } from './provision.ts'
import type { S3 } from './s3.ts'
import { openUploads } from './uploads.ts'
import { openVersions } from './versions.ts'

export interface LocalS3 extends WireService {
  /** By CloudFormation resource type. */
  readonly provisioners: Readonly<Record<string, Provisioner>>
  /** For the other services of the runtime. */
  readonly objects: InProcessObjects
}

export interface S3Options {
  publish(event: S3Event): void
  /** Timers; node's own by default. */
  readonly schedule?: Schedule
}

/**
 * S3 on one folder and one database. `publish` is called inside of the transaction that records what it speaks of, so
 * that an object and its event both survive the death of the process, or neither.
 */
export function createS3(cloud: Cloud, options: S3Options): LocalS3 {
  const warn = (error: unknown) =>
    cloud.log({
      level: 'warn',
      from: 's3',
      message: 'a file could not be deleted; the next start tries again',
      error: traceOf(error),
    })
  const versions = openVersions(cloud.db)
  const uploads = openUploads(cloud.db)
  const blobs = openBlobs(join(cloud.dataDir, 's3'), cloud.uuid, warn)
  const s3: S3 = {
    cloud,
    versions,
    uploads,
    completing: new Set(),
    blobs,
    buckets: openBuckets(cloud.db),
    denials: openDenials(),
    objects: createObjects(cloud, versions, blobs, options.publish),
  }
  blobs.sweep((file) => versions.isFileNamed(file) || uploads.isFileNamed(file))
  const lifecycle = startLifecycle(s3, options.schedule ?? scheduleWithNode)

  const running = new Map<IncomingMessage, Promise<void>>()
  return {
    signingNames: ['s3'],
    provisioners: s3Provisioners(cloud, s3.buckets, s3.denials),
    objects: inProcessObjects(s3),
    async handle(request, response) {
      const answered = answer(s3, request, response).finally(() => running.delete(request))
      running.set(request, answered)
      await answered
    },
    async stop() {
      lifecycle.stop()
      for (const request of running.keys()) request.socket.destroy()
      await Promise.all(running.values())
    },
  }
}

async function answer(s3: S3, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = s3.cloud.uuid().replaceAll('-', '').slice(0, 16).toUpperCase()
  response.setHeader('x-amz-request-id', requestId)
  response.setHeader('Server', 'AmazonS3')
  try {
    await dispatch(s3, readCall(request, response, requestId))
  } catch (error) {
    // The client hung up: nobody is there to be answered.
    if (request.socket.destroyed || response.headersSent) {
      response.destroy()
      return
    }
    answerError(s3.cloud, error, request, response, requestId)
  }
}

async function dispatch(s3: S3, call: Call): Promise<void> {
  const { request, response } = call
  const bucket = call.bucketName === undefined ? undefined : s3.buckets.find(call.bucketName)
  if (request.method === 'OPTIONS') {
    if (!bucket) throw noSuchBucket(call.bucketName ?? '')
    answerPreflight(bucket.cors, request, response)
    return
  }
  if (bucket) allowOrigin(bucket.cors, request, response)
  if (isUploadForm(call)) {
    if (!bucket) throw noSuchBucket(call.bucketName ?? '')
    await postObject(s3, { ...call, bucket })
    return
  }
  if (call.query.has('AWSAccessKeyId')) {
    const message =
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256. (For version 1 of the AWS CLI: aws configure set default.s3.signature_version s3v4)'
    throw new S3Error(400, 'InvalidRequest', message)
  }
  const { credentials, region } = s3.cloud
  const verified = verifySignature(request, { credentials, region, service: 's3', now: s3.cloud.now() })
  if (!verified.ok) throw new S3Error(verified.statusCode, verified.code, verified.message)
  const owner = call.headers.get('x-amz-expected-bucket-owner')
  if (owner !== undefined && owner !== s3.cloud.accountId) throw accessDenied()
  await answerOperation(s3, { ...call, payload: verified.payload })
}

function answerError(
  cloud: Cloud,
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): void {
  let known: S3Error
  if (error instanceof S3Error) {
    known = error
  } else {
    const message = `${request.method} ${request.url} failed`
    cloud.log({ level: 'error', from: 's3', message, error: traceOf(error), requestId })
    known = new S3Error(500, 'InternalError', 'We encountered an internal error. Please try again.')
  }
  for (const name of response.getHeaderNames()) {
    if (/^(content-|etag|last-modified|accept-ranges|cache-control|expires)/.test(name)) response.removeHeader(name)
  }
  const body = Buffer.from(known.toXml(request.url?.split('?')[0] ?? '', requestId))
  response.writeHead(known.statusCode, {
    ...known.headers,
    ...(request.method !== 'HEAD' && { 'Content-Type': 'application/xml', 'Content-Length': body.length }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
