import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { EnvironmentConfig } from '../config/config.ts'

/** The configured days as the CDK's enumeration, whose values are days; the configuration was checked against CloudWatch's list. */
export function logRetention({ logRetention: days }: EnvironmentConfig): RetentionDays {
  if (RetentionDays[days] === undefined) throw new Error(`the CDK has no log retention of ${days} days`)
  return days
}
