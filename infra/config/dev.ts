import type { EnvironmentConfig } from './config.ts'

/** The account in which developers try things. */
export const dev: EnvironmentConfig = {
  environment: 'dev',
  region: 'us-east-1',
  firebase: { projectId: 'messageai-dev' },
  authMode: 'firebase',
  storage: {
    bucketName: 'messageai-media-dev',
    transferAcceleration: false,
    originalsColdAfter: 90,
    accessLogs: 30,
    // Any origin: Expo's web build runs on changing ports, and an upload is signed for one key, size and type.
    corsOrigins: ['*'],
  },
  api: { requestsPerSecond: 1000, burst: 2000 },
  checks: ['scan-malware', 'moderate-content', 'detect-face'],
  archive: 30,
  queueRetention: 4,
  logRetention: 14,
}
