import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import type { Schedule } from '../alarm.ts'
import type { Cloud, LogLine } from '../cloud.ts'
import { openDatabase } from '../database.ts'
import { createS3, type LocalS3, type S3Event } from './index.ts'

const CREDENTIALS = { accessKeyId: 'LOCALKEY', secretAccessKey: 'local/secret+key' }

export interface ServedS3 {
  readonly cloud: Cloud
  readonly s3: LocalS3
  readonly endpoint: string
  readonly client: S3Client
  readonly events: S3Event[]
  readonly logged: LogLine[]
  /** Makes the wall clock of the service differ from that of its clients. */
  skewMs: number
  /** Called for each event inside of its transaction. */
  onPublish: (event: S3Event) => void
  newClient(config?: S3ClientConfig): S3Client
  bucket(name: string, properties?: Readonly<Record<string, unknown>>): void
  /** Names of the files below the service's folder, as `objects/…`. */
  files(): string[]
  /** Rings every timer that is set: those of lifecycle rules look at the clock by themselves. */
  ringTimers(): void
  /** Ends the service and starts another one on the same folder. */
  reopen(): Promise<ServedS3>
  close(): Promise<void>
}

/** Serves a local S3 on a free port of loopback, over a folder of its own. */
export async function serveS3(dataDir = mkdtempSync(join(tmpdir(), 'local-s3-'))): Promise<ServedS3> {
  const events: S3Event[] = []
  const logged: LogLine[] = []
  const db = openDatabase(dataDir)
  let skewMs = 0
  const cloud: Cloud = {
    region: 'eu-central-1',
    accountId: '123456789012',
    dataDir,
    db,
    credentials: CREDENTIALS,
    now: () => Date.now() + skewMs,
    uuid: randomUUID,
    log: (line) => logged.push(line),
  }
  const timers = new Set<() => void>()
  const schedule: Schedule = (_delayMs, callback) => {
    timers.add(callback)
    return () => timers.delete(callback)
  }
  const s3 = createS3(cloud, {
    schedule,
    publish(event) {
      served.onPublish(event)
      events.push(event)
    },
  })
  const server = createServer((request, response) => void s3.handle(request, response))
  // As the runtime's own: a connection that is taken up again after node's five seconds is reset.
  server.keepAliveTimeout = 75_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const clients: S3Client[] = []
  const newClient = (config: S3ClientConfig = {}): S3Client => {
    const client = new S3Client({
      endpoint,
      region: cloud.region,
      credentials: CREDENTIALS,
      forcePathStyle: true,
      maxAttempts: 1,
      ...config,
    })
    clients.push(client)
    return client
  }
  async function stop(): Promise<void> {
    for (const client of clients) client.destroy()
    await s3.stop()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    db.close()
  }
  const served: ServedS3 = {
    cloud,
    s3,
    endpoint,
    client: newClient(),
    events,
    logged,
    get skewMs() {
      return skewMs
    },
    set skewMs(value) {
      skewMs = value
    },
    onPublish: () => {},
    newClient,
    bucket(name, properties = {}) {
      s3.provisioners['AWS::S3::Bucket']?.({
        stack: 'test',
        logicalId: 'Bucket',
        type: 'AWS::S3::Bucket',
        properties: { BucketName: name, ...properties },
        generatedName: `test-${name}`,
      })
    },
    files: () =>
      ['incoming', 'objects'].flatMap((folder) =>
        readdirSync(join(dataDir, 's3', folder)).map((name) => `${folder}/${name}`),
      ),
    ringTimers() {
      for (const ring of [...timers]) {
        timers.delete(ring)
        ring()
      }
    },
    async reopen() {
      await stop()
      return await serveS3(dataDir)
    },
    async close() {
      await stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
  return served
}

export const VERSIONED = { VersioningConfiguration: { Status: 'Enabled' } }
export const PUBLISHING = { NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } } }

/** Waits for what follows an answer: files are deleted after their rows. */
export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 200) throw new Error('it never came to hold')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
