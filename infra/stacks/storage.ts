import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import type { EnvironmentConfig } from '../config/config.ts'
import { MediaBucket } from '../constructs/media-bucket.ts'

export interface StorageStackProps extends StackProps {
  readonly config: EnvironmentConfig
}

/** Where bytes lie. */
export class StorageStack extends Stack {
  readonly bucket: Bucket

  constructor(scope: Construct, id: string, { config, ...props }: StorageStackProps) {
    super(scope, id, props)
    this.bucket = new MediaBucket(this, 'Media', config).bucket
    new CfnOutput(this, 'MediaBucketName', { value: this.bucket.bucketName })
  }
}
