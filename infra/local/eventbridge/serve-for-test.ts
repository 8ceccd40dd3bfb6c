import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsCommandOutput,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge'
import type { Cloud, Deliver, LogLine, Provisioned, ReceivedMessage } from '../cloud.ts'
import { type Database, openDatabase } from '../database.ts'
import { createSqs, type Sqs } from '../sqs/sqs.ts'
import { createEventBridge, type EventBridge } from './eventbridge.ts'

export const sqsArn = 'arn:aws:sqs:us-east-1:000000000000'
export const eventsArn = 'arn:aws:events:us-east-1:000000000000'
export const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:f'

/** EventBridge before real queues, over timers that ring only when told to. */
export interface ServedEvents {
  readonly db: Database
  readonly cloud: Cloud
  readonly events: EventBridge
  readonly client: EventBridgeClient
  readonly logged: readonly LogLine[]
  /** What functions took, of which there are none here. */
  readonly invoked: readonly string[]
  /** What every function refuses everything with. */
  refusal: Error | undefined
  declare(type: string, properties: Record<string, unknown>): Provisioned
  put(...entries: PutEventsRequestEntry[]): Promise<PutEventsCommandOutput>
  /** What lies in a queue, which it stays in. */
  received(queue: string): ReceivedMessage[]
  /** Moves the clock, and rings every timer. */
  advance(ms: number): void
  /** Ends it as a kill would, and starts another over the same data. */
  restart(): Promise<void>
  close(): Promise<void>
}

export async function serveEvents(): Promise<ServedEvents> {
  const dataDir = mkdtempSync(join(tmpdir(), 'events-'))
  const invoked: string[] = []
  let ahead = 0
  let running = await start()

  async function start() {
    const logged: LogLine[] = []
    const timers = new Set<() => void>()
    const db = openDatabase(dataDir)
    const cloud: Cloud = {
      region: 'us-east-1',
      accountId: '000000000000',
      dataDir,
      db,
      credentials: { accessKeyId: 'AKIALOCAL', secretAccessKey: 'secret' },
      now: () => Date.now() + ahead,
      uuid: () => crypto.randomUUID(),
      log: (line) => logged.push(line),
    }
    const sqs: Sqs = createSqs(cloud, { endpoint: () => 'http://127.0.0.1' })
    const deliver: Deliver = (arn, body, options) => {
      if (!arn.includes(':lambda:')) sqs.send(arn, body, options)
      else if (served.refusal) throw served.refusal
      else invoked.push(body)
    }
    const events = createEventBridge(cloud, {
      deliver,
      schedule: (_, callback) => {
        timers.add(callback)
        return () => timers.delete(callback)
      },
    })
    const server = createServer((request, response) => void events.handle(request, response))
    // As the runtime's own: a connection that is taken up again after node's five seconds is reset.
    server.keepAliveTimeout = 75_000
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const client = new EventBridgeClient({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      credentials: cloud.credentials,
      maxAttempts: 1,
      systemClockOffset: ahead,
    })
    return { db, cloud, sqs, events, client, server, logged, timers }
  }

  async function stop(): Promise<void> {
    const { sqs, events, client, server, db } = running
    await Promise.all([sqs.stop(), events.stop()])
    client.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    db.close()
  }

  const served: ServedEvents = {
    get db() {
      return running.db
    },
    get cloud() {
      return running.cloud
    },
    get events() {
      return running.events
    },
    get client() {
      return running.client
    },
    get logged() {
      return running.logged
    },
    invoked,
    refusal: undefined,
    declare(type, properties) {
      const provisioner = { ...running.sqs.provisioners, ...running.events.provisioners }[type]
      if (!provisioner) throw new Error(type)
      return provisioner({ stack: 'Stack', logicalId: 'Thing', generatedName: 'Stack-Thing', type, properties })
    },
    put: (...Entries) => running.client.send(new PutEventsCommand({ Entries })),
    received: (queue) => running.sqs.receive(`${sqsArn}:${queue}`, 10, 0),
    advance(ms) {
      ahead += ms
      running.client.config.systemClockOffset = ahead
      const due = [...running.timers]
      running.timers.clear()
      for (const callback of due) callback()
    },
    async restart() {
      await stop()
      running = await start()
    },
    async close() {
      await stop()
      rmSync(dataDir, { recursive: true })
    },
  }
  return served
}

/** Two queues, a bus, and a rule that sends pictures to the first. */
export function declareBus({ declare }: ServedEvents): void {
  declare('AWS::SQS::Queue', { QueueName: 'photos' })
  declare('AWS::SQS::Queue', { QueueName: 'dead' })
  declare('AWS::Events::EventBus', { Name: 'media' })
  declare('AWS::Events::Rule', {
    Name: 'photos',
    EventBusName: 'media',
    EventPattern: { 'detail-type': ['Uploaded.v1'], detail: { kind: ['image'] } },
    Targets: [{ Id: 'queue', Arn: `${sqsArn}:photos` }],
  })
}

export const photo: PutEventsRequestEntry = {
  EventBusName: 'media',
  Source: 'chat.media',
  DetailType: 'Uploaded.v1',
  Detail: '{"kind":"image","size":1.50}',
  Resources: ['arn:aws:s3:::uploads'],
  Time: new Date('2026-03-04T05:06:07.890Z'),
}
