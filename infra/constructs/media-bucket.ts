import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  HttpMethods,
  type IBucket,
  ObjectOwnership,
  StorageClass,
} from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import type { EnvironmentConfig } from '../config/config.ts'

/** Where the product's media lies, and the log of who touched it. Both outlive their stack. */
export class MediaBucket extends Construct {
  readonly bucket: Bucket
  readonly accessLogs: Bucket

  constructor(scope: Construct, id: string, { storage }: EnvironmentConfig) {
    super(scope, id)
    this.accessLogs = new Bucket(this, 'AccessLogs', {
      ...PRIVATE,
      bucketName: `${storage.bucketName}-logs`,
      lifecycleRules: [{ id: 'expire', expiration: Duration.days(storage.accessLogs) }],
    })
    this.bucket = new Bucket(this, 'Media', {
      ...PRIVATE,
      bucketName: storage.bucketName,
      versioned: true,
      // The CDK's types were not written for exactOptionalPropertyTypes.
      serverAccessLogsBucket: this.accessLogs as IBucket,
      serverAccessLogsPrefix: 'media/',
      transferAcceleration: storage.transferAcceleration,
      cors: [
        {
          id: 'app',
          allowedOrigins: [...storage.corsOrigins],
          allowedMethods: [HttpMethods.GET, HttpMethods.HEAD, HttpMethods.POST, HttpMethods.PUT],
          allowedHeaders: ['*'],
          exposedHeaders: ['ETag', 'x-amz-version-id', 'x-amz-checksum-sha256'],
          maxAge: 3600,
        },
      ],
      lifecycleRules: [
        {
          id: 'originals-cold',
          // Read at once when somebody looks, so that a CDN can still serve from it.
          prefix: 'images/original/',
          transitions: [
            {
              storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL,
              transitionAfter: Duration.days(storage.originalsColdAfter),
            },
          ],
        },
        {
          // What the transcoder was given to read, where nobody took it away when the job was done. Its jobs wait for
          // hours at most.
          id: 'transcode-sources',
          prefix: 'videos/source/',
          expiration: Duration.days(2),
          noncurrentVersionExpiration: Duration.days(1),
        },
        // No other version ever expires for being old: what is bound to a media may lie below a later upload that S3 told
        // nobody of. Superfluous versions are deleted one by one, by those who know that they are.
        { id: 'delete-markers', expiredObjectDeleteMarker: true },
        { id: 'stale-multiparts', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    })
    // `eventBridgeEnabled: true` would bring a function of its own to set this one flag.
    const bucket = this.bucket.node.defaultChild as CfnBucket
    bucket.addPropertyOverride('NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled', true)
  }
}

const PRIVATE = {
  encryption: BucketEncryption.S3_MANAGED,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  removalPolicy: RemovalPolicy.RETAIN,
}
