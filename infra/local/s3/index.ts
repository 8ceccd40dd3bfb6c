export type { S3Event, S3EventDetail } from './events.ts'
export type { InProcessObjects, ObjectFile } from './in-process.ts'
export { createS3, type LocalS3 } from './service.ts'
