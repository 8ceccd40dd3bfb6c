import { Writable } from 'node:stream'
import { answerXml } from './answer.ts'
import { bodyError, expectBody } from './body.ts'
import { invalidArgument, invalidRequest, notImplemented, S3Error } from './errors.ts'
import { refuseUnknownHeaders } from './object-headers.ts'
import type { Deletion } from './objects.ts'
import { receiveInto } from './receive.ts'
import type { BucketCall, ObjectCall, S3 } from './s3.ts'
import { element, parseXml, s3Document } from './xml.ts'

const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024
const MAX_OBJECTS = 1000

interface Target {
  readonly key: string
  readonly versionId: string | undefined
}

/** DeleteObject. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export function deleteObject(s3: S3, call: ObjectCall): void {
  const { bucket, key, response } = call
  refuseUnknownHeaders(call.headers)
  if (call.headers.has('if-match')) throw notImplemented('conditional deletes')
  const versionId = call.query.get('versionId')
  if (versionId === '') throw invalidArgument('Version id cannot be the empty string', 'versionId', '')
  const deletion = s3.objects.remove(bucket, key, versionId, call)
  response
    .writeHead(204, {
      ...(deletion.versionId !== undefined && { 'x-amz-version-id': deletion.versionId }),
      ...(deletion.isDeleteMarker && { 'x-amz-delete-marker': 'true' }),
    })
    .end()
}

/** DeleteObjects. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export async function deleteObjects(s3: S3, call: BucketCall): Promise<void> {
  const { bucket, response } = call
  refuseUnknownHeaders(call.headers)
  const { targets, quiet } = parseTargets(await readDocument(call))
  const deletions = s3.cloud.db.transaction(() =>
    targets.map((target) => ({ target, deletion: s3.objects.remove(bucket, target.key, target.versionId, call) })),
  )
  const deleted = quiet ? [] : deletions.map(({ target, deletion }) => describe(target, deletion))
  answerXml(response, s3Document('DeleteResult', deleted))
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

async function readDocument({ headers, payload, request }: BucketCall): Promise<string> {
  if (![...headers.keys()].some((name) => /^(content-md5|x-amz-checksum-|x-amz-trailer)/.test(name))) {
    throw invalidRequest('Missing required header for this request: Content-MD5')
  }
  const body = expectBody(headers, payload, MAX_DOCUMENT_BYTES)
  const pieces: Buffer[] = []
  const sink = new Writable({
    write(piece: Buffer, _encoding, done) {
      pieces.push(piece)
      done()
    },
  })
  try {
    body.verify(await receiveInto(sink, request, body.options))
  } catch (error) {
    throw bodyError(error)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function parseTargets(document: string): { targets: Target[]; quiet: boolean } {
  let root: unknown
  try {
    root = parseXml(document, ['Object'])
  } catch {
    throw malformedXml()
  }
  const { Object: objects, Quiet } = fieldsOf(fieldsOf(root)['Delete'])
  if (!Array.isArray(objects) || objects.length > MAX_OBJECTS) throw malformedXml()
  const targets = objects.map((object): Target => {
    const { Key, VersionId, ...conditions } = fieldsOf(object)
    const condition = Object.keys(conditions).find((name) => name !== '#text')
    if (condition !== undefined) throw notImplemented(`conditional deletes (${condition})`)
    if (typeof Key !== 'string' || Key === '') throw malformedXml()
    return { key: Key, versionId: typeof VersionId === 'string' && VersionId !== '' ? VersionId : undefined }
  })
  return { targets, quiet: Quiet === 'true' }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw malformedXml()
}

const malformedXml = () =>
  new S3Error(
    400,
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  )
