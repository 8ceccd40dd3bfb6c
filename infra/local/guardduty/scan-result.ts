import type { Cloud } from '../cloud.ts'
import type { ServiceEvent } from '../eventbridge/event.ts'
import type { ObjectFile } from '../s3/index.ts'
import type { Plan } from './plan.ts'
import type { Verdict } from './scanner.ts'

/** Of the object, with the verdict's status as its value. */
export const SCAN_STATUS_TAG = 'GuardDutyMalwareScanStatus'

/** What GuardDuty tells the default bus of a scan. https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html */
export function scanResult(cloud: Cloud, plan: Plan, object: ObjectFile, verdict: Verdict): ServiceEvent {
  const { bucket: bucketName, key: objectKey, etag: eTag, versionId } = object
  return {
    source: 'aws.guardduty',
    'detail-type': 'GuardDuty Malware Protection Object Scan Result',
    account: cloud.accountId,
    time: new Date(cloud.now()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: cloud.region,
    resources: [plan.arn],
    detail: {
      schemaVersion: '1.0',
      scanStatus: SCAN_STATUSES[verdict.status],
      resourceType: 'S3_OBJECT',
      s3ObjectDetails: { bucketName, objectKey, eTag, versionId, s3Throttled: false },
      scanResultDetails: {
        scanResultStatus: verdict.status,
        threats: verdict.status === 'THREATS_FOUND' ? verdict.threats.map((name) => ({ name })) : null,
        statusReasons: 'reason' in verdict ? [verdict.reason] : null,
      },
    },
  }
}

const SCAN_STATUSES: Readonly<Record<Verdict['status'], 'COMPLETED' | 'SKIPPED' | 'FAILED'>> = {
  NO_THREATS_FOUND: 'COMPLETED',
  THREATS_FOUND: 'COMPLETED',
  UNSUPPORTED: 'SKIPPED',
  ACCESS_DENIED: 'SKIPPED',
  FAILED: 'FAILED',
}
