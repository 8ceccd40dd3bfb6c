import type { EnvironmentConfig } from './config.ts'

/** What people use. */
export const prod: EnvironmentConfig = {
  environment: 'prod',
  region: 'us-east-1',
  firebase: { projectId: 'messageai-prod' },
  authMode: 'firebase',
  storage: {
    bucketName: 'messageai-media-prod',
    transferAcceleration: true,
    originalsColdAfter: 90,
    accessLogs: 365,
    corsOrigins: ['https://messageai.media'],
  },
  api: { requestsPerSecond: 1000, burst: 2000 },
  checks: ['scan-malware', 'moderate-content', 'detect-face'],
  // The read model can be built again from the archive alone, as long as it is whole.
  archive: 'forever',
  queueRetention: 4,
  logRetention: 90,
}
