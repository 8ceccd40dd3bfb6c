import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { ORIGINAL_PREFIXES } from '../../producers/runtime/original-key.ts'
import type { EnvironmentConfig } from '../config/config.ts'
import { MalwareProtection } from '../constructs/malware-protection.ts'
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
    if (config.checks.includes('scan-malware')) {
      new MalwareProtection(this, 'MalwareProtection', { bucket: this.bucket, prefixes: ORIGINAL_PREFIXES })
    }
    new CfnOutput(this, 'MediaBucketName', { value: this.bucket.bucketName })
  }
}
