import { GetObjectTaggingCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { Schedule } from '../alarm.ts'
import type { Provisioned } from '../cloud.ts'
import type { ServiceEvent } from '../eventbridge/event.ts'
import { PUBLISHING, type ServedS3, serveS3, until, VERSIONED } from '../s3/serve-for-test.ts'
import { createGuardDuty, type GuardDuty } from './guardduty.ts'
import type { Scanner } from './scanner.ts'

export const BUCKET = 'media'

/** GuardDuty over a real local S3, with a plan for `files/`; timers ring only when told to. */
export interface ServedGuardDuty {
  readonly served: ServedS3
  readonly guardDuty: GuardDuty
  readonly said: ServiceEvent[]
  declare(properties: Readonly<Record<string, unknown>>): Provisioned
  put(key: string, body: Uint8Array | string, tagging?: string): Promise<string>
  tagsOf(key: string, versionId?: string): Promise<Record<string, string>>
  /** Resolves once that many results were said. */
  results(count: number): Promise<readonly ServiceEvent[]>
  ringTimers(): void
  close(): Promise<void>
}

export const PLAN = {
  Role: 'arn:aws:iam::123456789012:role/scanner',
  ProtectedResource: { S3Bucket: { BucketName: BUCKET, ObjectPrefixes: ['files/'] } },
  Actions: { Tagging: { Status: 'ENABLED' } },
}

export async function serveGuardDuty(
  scanner: Scanner,
  plan: object = PLAN,
  dataDir?: string,
): Promise<ServedGuardDuty> {
  const served = await serveS3(dataDir)
  served.bucket(BUCKET, { ...VERSIONED, ...PUBLISHING })
  const said: ServiceEvent[] = []
  const timers = new Set<() => void>()
  const schedule: Schedule = (_delayMs, callback) => {
    timers.add(callback)
    return () => timers.delete(callback)
  }
  const guardDuty = createGuardDuty(served.cloud, {
    objects: served.s3.objects,
    publish: (event) => said.push(event),
    scanner,
    schedule,
  })
  served.onPublish = guardDuty.hear
  const declare = (properties: Readonly<Record<string, unknown>>) => {
    const type = 'AWS::GuardDuty::MalwareProtectionPlan'
    const provisioned = guardDuty.provisioners[type]?.({
      stack: 'test',
      logicalId: 'Plan',
      type,
      properties,
      generatedName: `test-${JSON.stringify(properties)}`,
    })
    if (!provisioned) throw new Error(`nobody makes ${type}`)
    return provisioned
  }
  declare({ ...plan })
  guardDuty.start()
  return {
    served,
    guardDuty,
    said,
    declare,
    async put(Key, Body, Tagging) {
      const put = new PutObjectCommand({ Bucket: BUCKET, Key, Body, ...(Tagging !== undefined && { Tagging }) })
      return (await served.client.send(put)).VersionId ?? ''
    },
    async tagsOf(Key, VersionId) {
      const { TagSet = [] } = await served.client.send(new GetObjectTaggingCommand({ Bucket: BUCKET, Key, VersionId }))
      return Object.fromEntries(TagSet.map(({ Key: name = '', Value = '' }) => [name, Value]))
    },
    async results(count) {
      await until(() => said.length >= count)
      return said
    },
    ringTimers() {
      for (const ring of [...timers]) {
        timers.delete(ring)
        ring()
      }
    },
    async close() {
      await guardDuty.stop()
      await served.close()
    },
  }
}
