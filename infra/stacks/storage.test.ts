import { dev } from '../config/dev.ts'
import { prod } from '../config/prod.ts'
import { type Synthesized, synthesized } from '../synthesized.ts'

let app: Synthesized
beforeAll(async () => {
  app = await synthesized(dev)
})

const media = () => app.named('AWS::S3::Bucket', 'messageai-media-dev')
const policyOf = ({ logicalId }: { logicalId: string }) =>
  app.resourcesOf('AWS::S3::BucketPolicy').find(({ Properties }) => Properties.Bucket.Ref === logicalId)?.Properties
    .PolicyDocument.Statement

test('buckets are private, encrypted, reached by TLS alone, and outlive their stack', () => {
  const buckets = app.resourcesOf('AWS::S3::Bucket')
  expect(buckets).toHaveLength(2)
  for (const bucket of buckets) {
    expect(bucket.DeletionPolicy).toBe('Retain')
    expect(bucket.Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    })
    expect(bucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration).toEqual([
      { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
    ])
    expect(policyOf(bucket)).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    )
  }
})

test('media keeps its versions, logs who touched it, and tells EventBridge without a function in between', () => {
  expect(media().Properties).toMatchObject({
    VersioningConfiguration: { Status: 'Enabled' },
    LoggingConfiguration: { LogFilePrefix: 'media/' },
    NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
  })
})

test('originals get cold but stay readable at once, no version but of transcoding’s copies expires, stale multiparts go', () => {
  const rules: readonly { readonly Prefix?: string }[] = media().Properties.LifecycleConfiguration.Rules
  const kept = rules.filter(({ Prefix }) => Prefix !== 'videos/source/')
  expect(JSON.stringify(kept)).not.toMatch(/NoncurrentVersion|ExpirationInDays/)
  expect(kept).toHaveLength(rules.length - 1)
  expect(kept).toEqual([
    expect.objectContaining({
      Prefix: 'images/original/',
      Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: dev.storage.originalsColdAfter }],
    }),
    expect.objectContaining({ ExpiredObjectDeleteMarker: true }),
    expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
  ])
})

test('browsers upload from the configured origins alone', async () => {
  const production = await synthesized(prod)
  const bucket = production.named('AWS::S3::Bucket', 'messageai-media-prod').Properties
  expect(bucket.CorsConfiguration.CorsRules[0].AllowedOrigins).toEqual(prod.storage.corsOrigins)
  expect(bucket.AccelerateConfiguration).toEqual({ AccelerationStatus: 'Enabled' })
})
