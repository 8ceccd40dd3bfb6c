import { answerXml } from './answer.ts'
import { readDocument } from './document.ts'
import { findVersion } from './get.ts'
import { refuseUnknownHeaders } from './object-headers.ts'
import type { ObjectCall, S3 } from './s3.ts'
import { parseTagDocument, tagElements } from './tags.ts'
import type { StoredVersion } from './versions.ts'
import { s3Document } from './xml.ts'

/** GetObjectTagging. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html */
export function getObjectTagging(s3: S3, call: ObjectCall): void {
  const version = taggedVersion(s3, call)
  answerXml(call.response, s3Document('Tagging', [tagElements(version.tags)]))
}

/** PutObjectTagging. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html */
export async function putObjectTagging(s3: S3, call: ObjectCall): Promise<void> {
  refuseUnknownHeaders(call.headers)
  const { bucket, key, query } = call
  s3.denials.enforce(bucket.name, query.has('versionId') ? 's3:PutObjectVersionTagging' : 's3:PutObjectTagging', key)
  const tags = parseTagDocument(await readDocument(call))
  s3.objects.setTags(bucket, taggedVersion(s3, call), tags, call)
  call.response.writeHead(200, { 'Content-Length': 0 }).end()
}

/** DeleteObjectTagging. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html */
export function deleteObjectTagging(s3: S3, call: ObjectCall): void {
  const { bucket, key, query } = call
  const action = query.has('versionId') ? 's3:DeleteObjectVersionTagging' : 's3:DeleteObjectTagging'
  s3.denials.enforce(bucket.name, action, key)
  s3.objects.setTags(bucket, taggedVersion(s3, call), [], call)
  call.response.writeHead(204).end()
}

function taggedVersion(s3: S3, call: ObjectCall): StoredVersion {
  const version = findVersion(s3, call, call.key, call.query.get('versionId'))
  if (call.bucket.versioning !== 'Unversioned') call.response.setHeader('x-amz-version-id', version.versionId)
  return version
}
