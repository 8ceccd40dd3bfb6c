import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Bucket } from 'aws-cdk-lib/aws-s3'

/** Key prefixes of the media bucket, `images/original/` and so on. */
export interface PrefixAccess {
  readonly reads?: readonly string[]
  readonly writes?: readonly string[]
  /** May list versions and delete them one by one. */
  readonly deletes?: readonly string[]
  /** May list what lies below, whoever wrote it. */
  readonly lists?: readonly string[]
  /** May read the tags that others wrote on a version. */
  readonly tags?: readonly string[]
}

/** What a role needs to use these prefixes of the bucket, and no other; no statement for what is empty. */
export function objectStatements(bucket: Bucket, access: PrefixAccess): readonly PolicyStatement[] {
  const { reads = [], writes = [], deletes = [], lists = [], tags = [] } = access
  const listed = [...new Set([...deletes, ...lists])]
  const below = (prefixes: readonly string[]) => prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`))
  return [
    ...statement(['s3:GetObject', 's3:GetObjectVersion'], below(reads)),
    // Without it S3 answers 403 for an object that is gone, and missing can't be told from forbidden.
    ...statement(['s3:ListBucket'], reads.length > 0 ? [bucket.bucketArn] : []),
    ...statement(['s3:PutObject'], below(writes)),
    ...statement(['s3:DeleteObjectVersion'], below(deletes)),
    ...statement(['s3:ListBucketVersions'], listed.length > 0 ? [bucket.bucketArn] : [], {
      StringLike: { 's3:prefix': listed.map((prefix) => `${prefix}*`) },
    }),
    ...statement(['s3:GetObjectTagging', 's3:GetObjectVersionTagging'], below(tags)),
  ]
}

function statement(
  actions: string[],
  resources: string[],
  conditions?: Record<string, Record<string, string[]>>,
): readonly PolicyStatement[] {
  return resources.length === 0
    ? []
    : [new PolicyStatement({ actions, resources, ...(conditions === undefined ? {} : { conditions }) })]
}
