import type { EnvironmentConfig } from './config.ts'

/** One's own machine: the same template, run by `npm start`. */
export const local: EnvironmentConfig = {
  environment: 'local',
  region: 'us-east-1',
  // Firebase's emulators never call Google for a project whose id starts with `demo-`.
  firebase: { projectId: 'demo-messageai' },
  authMode: 'emulator',
  storage: {
    bucketName: 'messageai-media-local',
    transferAcceleration: false,
    originalsColdAfter: 90,
    accessLogs: 30,
    corsOrigins: ['*'],
  },
  api: { requestsPerSecond: 1000, burst: 2000 },
  checks: ['scan-malware', 'moderate-content', 'detect-face'],
  archive: 30,
  queueRetention: 4,
  logRetention: 7,
}
