import { createHash } from 'node:crypto'
import type { Cloud } from '../cloud.ts'
import { answerXml } from './answer.ts'
import { parseCount } from './parameters.ts'
import type { BucketCall, S3, SignedCall } from './s3.ts'
import { element, s3Document } from './xml.ts'

const MAX_BUCKETS = 10_000

/** ListBuckets. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export function listBuckets(s3: S3, { query, response }: SignedCall): void {
  const prefix = query.get('prefix') ?? ''
  const after = query.get('continuation-token') ?? ''
  const max = parseCount(query, 'max-buckets', MAX_BUCKETS)
  const matching = s3.buckets.list().filter(({ name }) => name.startsWith(prefix) && name > after)
  const page = matching.slice(0, max)
  const last = page.at(-1)
  answerXml(
    response,
    s3Document('ListAllMyBucketsResult', [
      element('Owner', [element('ID', ownerId(s3.cloud))]),
      element(
        'Buckets',
        page.map(({ name, created }) =>
          element('Bucket', [
            element('Name', name),
            element('CreationDate', new Date(created).toISOString()),
            // Only an answer to a request with any parameter has it.
            ...(query.size > 0 ? [element('BucketRegion', s3.cloud.region)] : []),
          ]),
        ),
      ),
      ...(last && page.length < matching.length ? [element('ContinuationToken', last.name)] : []),
    ]),
  )
}

export function headBucket({ cloud }: S3, { response }: BucketCall): void {
  response.writeHead(200, { 'x-amz-bucket-region': cloud.region, 'Content-Type': 'application/xml' }).end()
}

export function getBucketLocation({ cloud }: S3, { response }: BucketCall): void {
  // The oldest region has no name here.
  const region = cloud.region === 'us-east-1' ? [] : [cloud.region]
  answerXml(response, s3Document('LocationConstraint', region))
}

export function getBucketVersioning(_s3: S3, { bucket, response }: BucketCall): void {
  const status = bucket.versioning === 'Unversioned' ? [] : [element('Status', bucket.versioning)]
  answerXml(response, s3Document('VersioningConfiguration', status))
}

/** The account's canonical id, of the form that S3's have. */
export function ownerId({ accountId }: Cloud): string {
  return createHash('sha256').update(accountId).digest('hex')
}
