import { answerXml } from './answer.ts'
import { fieldsOf, readDocument, readXml } from './document.ts'
import {
  invalidArgument,
  invalidRequest,
  malformedXml,
  noSuchKey,
  notImplemented,
  preconditionFailed,
  S3Error,
} from './errors.ts'
import { refuseUnknownHeaders } from './object-headers.ts'
import type { Deletion } from './objects.ts'
import type { BucketCall, ObjectCall, S3 } from './s3.ts'
import type { ObjectVersion } from './versions.ts'
import { element, s3Document } from './xml.ts'

const MAX_OBJECTS = 1000

interface Target {
  readonly key: string
  readonly versionId: string | undefined
  /** The entity tag that the current version must have; `*` is any. */
  readonly ifMatch: string | undefined
}

/** DeleteObject. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export function deleteObject(s3: S3, call: ObjectCall): void {
  const { key, response } = call
  refuseUnknownHeaders(call.headers)
  const versionId = call.query.get('versionId')
  if (versionId === '') throw invalidArgument('Version id cannot be the empty string', 'versionId', '')
  const deletion = remove(s3, call, { key, versionId, ifMatch: call.headers.get('if-match') })
  response
    .writeHead(204, {
      ...(deletion.versionId !== undefined && { 'x-amz-version-id': deletion.versionId }),
      ...(deletion.isDeleteMarker && { 'x-amz-delete-marker': 'true' }),
    })
    .end()
}

/** DeleteObjects. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export async function deleteObjects(s3: S3, call: BucketCall): Promise<void> {
  const { response } = call
  refuseUnknownHeaders(call.headers)
  if (![...call.headers.keys()].some((name) => /^(content-md5|x-amz-checksum-|x-amz-trailer)/.test(name))) {
    throw invalidRequest('Missing required header for this request: Content-MD5')
  }
  const { targets, quiet } = parseTargets(await readDocument(call))
  const answers = s3.cloud.db.transaction(() => targets.map((target) => answerTarget(s3, call, target, quiet)))
  answerXml(response, s3Document('DeleteResult', answers.flat()))
}

/** Deletes a key, if it is still as the caller knows it. */
function remove(s3: S3, call: BucketCall, { key, versionId, ifMatch }: Target): Deletion {
  const { bucket } = call
  return s3.cloud.db.transaction(() => {
    if (ifMatch !== undefined) judgeCondition(ifMatch, s3.versions.latest(bucket.name, key), key)
    return s3.objects.remove(bucket, key, versionId, call)
  })
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html */
function judgeCondition(ifMatch: string, current: ObjectVersion | undefined, key: string): void {
  if (!current) throw noSuchKey(key)
  const etag = ifMatch.replace(/^"|"$/g, '')
  if (current.isDeleteMarker || (etag !== '*' && etag !== current.etag)) throw preconditionFailed('If-Match')
}

/** Of many keys, those that are not deleted are told beside the others. */
function answerTarget(s3: S3, call: BucketCall, target: Target, quiet: boolean): string[] {
  try {
    const deletion = remove(s3, call, target)
    return quiet ? [] : [describe(target, deletion)]
  } catch (error) {
    if (!(error instanceof S3Error)) throw error
    const { key, versionId } = target
    return [
      element('Error', [
        element('Key', key),
        ...(versionId === undefined ? [] : [element('VersionId', versionId)]),
        element('Code', error.code),
        element('Message', error.message),
      ]),
    ]
  }
}

function describe({ key, versionId }: Target, deletion: Deletion): string {
  return element('Deleted', [
    element('Key', key),
    ...(versionId === undefined ? [] : [element('VersionId', versionId)]),
    ...(deletion.isDeleteMarker
      ? [element('DeleteMarker', true), element('DeleteMarkerVersionId', deletion.versionId ?? '')]
      : []),
  ])
}

function parseTargets(document: string): { targets: Target[]; quiet: boolean } {
  const { Object: objects, Quiet } = fieldsOf(fieldsOf(readXml(document, ['Object']))['Delete'])
  if (!Array.isArray(objects) || objects.length > MAX_OBJECTS) throw malformedXml()
  const targets = objects.map((object): Target => {
    const { Key, VersionId, ETag, ...conditions } = fieldsOf(object)
    const condition = Object.keys(conditions).find((name) => name !== '#text')
    // The others are those of directory buckets.
    if (condition !== undefined) throw notImplemented(`deletes with the condition ${condition}`)
    if (typeof Key !== 'string' || Key === '') throw malformedXml()
    return {
      key: Key,
      versionId: typeof VersionId === 'string' && VersionId !== '' ? VersionId : undefined,
      ifMatch: typeof ETag === 'string' && ETag !== '' ? ETag : undefined,
    }
  })
  return { targets, quiet: Quiet === 'true' }
}
