import { verifyPolicySignature } from '../signature/index.ts'
import { computedChecksum, givenChecksum, MAX_BYTES, verifyChecksum } from './body.ts'
import type { Bucket } from './buckets.ts'
import { type Call, checkKey } from './call.ts'
import { DEFAULT_ALGORITHM } from './checksums.ts'
import { S3Error } from './errors.ts'
import { checksumHeaders, describedObject, quoted, refuseUnknownHeaders, versionHeaders } from './object-headers.ts'
import { enforcePolicy, type PostPolicy } from './post-policy.ts'
import type { S3 } from './s3.ts'
import { parseTagDocument } from './tags.ts'
import { expandFields, readUploadForm } from './upload-form.ts'
import { element, xmlDocument } from './xml.ts'

/** Fields of a form that are about the form, not about the object. */
const FORM_FIELDS = ['x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature', 'x-amz-storage-class']

/** Whether this is a browser's upload: its signature stands in its fields, not in the request. */
export function isUploadForm({ request, key }: Call): boolean {
  return (
    request.method === 'POST' &&
    key === undefined &&
    (request.headers['content-type'] ?? '').toLowerCase().startsWith('multipart/form-data')
  )
}

/**
 * Takes the upload of a presigned POST: signature, policy and fields are judged before a byte of the file is kept.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 */
export async function postObject(s3: S3, call: Call & { readonly bucket: Bucket }): Promise<void> {
  const { cloud } = s3
  const form = await readUploadForm(call.request)
  try {
    const fields = expandFields(form)
    const { credentials, region } = cloud
    const verifier = { credentials, region, service: 's3', now: cloud.now() }
    const verified = verifyPolicySignature(fields, verifier)
    if (!verified.ok) throw new S3Error(verified.statusCode, verified.code, verified.message)
    const policy = enforcePolicy(fields.get('policy') ?? '', fields, call.bucket.name, cloud.now())
    await storeFile(s3, call, form, fields, policy)
  } finally {
    form.file.resume()
  }
}

async function storeFile(
  s3: S3,
  call: Call & { readonly bucket: Bucket },
  form: Awaited<ReturnType<typeof readUploadForm>>,
  fields: ReadonlyMap<string, string>,
  { contentLength }: PostPolicy,
): Promise<void> {
  const { bucket } = call
  const key = fields.get('key') ?? ''
  checkKey(key)
  // Stored headers are octets, as they arrive in headers, while form fields are text.
  const octets = new Map([...fields].map(([name, value]) => [name, Buffer.from(value, 'utf8').toString('latin1')]))
  const acl = octets.get('acl')
  refuseUnknownHeaders(acl === undefined ? octets : new Map([...octets, ['x-amz-acl', acl]]), FORM_FIELDS)
  // A form has its tags in a document, where a request has them in a header.
  const tagging = fields.get('tagging')
  if (tagging !== undefined) s3.denials.enforce(bucket.name, 's3:PutObjectTagging', key)
  const description = {
    ...describedObject(octets),
    tags: tagging === undefined ? [] : parseTagDocument(tagging),
  }
  const expected = givenChecksum(fields)

  const max = Math.min(contentLength?.max ?? MAX_BYTES, MAX_BYTES)
  const judgeSize = (size: number) => {
    if (size <= max) return
    const details = { ProposedSize: String(size), MaxSizeAllowed: String(max) }
    throw new S3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', { details })
  }
  const algorithm = expected?.algorithm ?? DEFAULT_ALGORITHM
  const version = await s3.blobs.receive(
    form.file,
    { judgeSize, algorithms: [algorithm], until: form.ended },
    (received) => {
      const min = contentLength?.min ?? 0
      if (received.size < min) {
        const details = { ProposedSize: String(received.size), MinSizeAllowed: String(min) }
        const message = 'Your proposed upload is smaller than the minimum allowed size'
        throw new S3Error(400, 'EntityTooSmall', message, { details })
      }
      if (expected) verifyChecksum(received, expected)
      const checksum = { ...computedChecksum(received, algorithm), type: 'FULL_OBJECT' } as const
      return s3.objects.store({ ...description, bucket, key, received, checksum, reason: 'POST Object', cause: call })
    },
  )

  const location = `http://${call.request.headers.host ?? ''}/${bucket.name}/${encodeURIComponent(key)}`
  const answer = { ...versionHeaders(bucket, version), ...checksumHeaders(version), Location: location }
  if (fields.get('success_action_status') !== '201') {
    const status = fields.get('success_action_status') === '200' ? 200 : 204
    call.response.writeHead(status, { ...answer, ...(status === 200 && { 'Content-Length': 0 }) }).end()
    return
  }
  const body = Buffer.from(
    xmlDocument(
      element('PostResponse', [
        element('Location', location),
        element('Bucket', bucket.name),
        element('Key', key),
        element('ETag', quoted(version.etag)),
      ]),
    ),
  )
  call.response
    .writeHead(201, { ...answer, 'Content-Type': 'application/xml', 'Content-Length': body.length })
    .end(body)
}
