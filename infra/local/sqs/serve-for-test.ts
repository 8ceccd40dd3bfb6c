import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  type SendMessageCommandOutput,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { Cloud } from '../cloud.ts'
import { type Database, openDatabase } from '../database.ts'
import { createSqs, type Sqs } from './sqs.ts'

/** Queues over a folder of their own. */
export interface ServedSqs {
  readonly endpoint: string
  readonly client: SQSClient
  readonly db: Database
  readonly sqs: Sqs
  /** Answers its URL. */
  create(name: string, attributes?: Record<string, string>): Promise<string>
  send(url: string, body: string, more?: Partial<SendMessageCommandInput>): Promise<SendMessageCommandOutput>
  /** Up to ten, hidden for the queue's time unless `visibility` says otherwise. */
  receive(url: string, visibility?: number): Promise<Message[]>
  delete(url: string, message: Message | undefined): Promise<unknown>
  /** Moves the clock, and rings every timer that waits for it. */
  advance(ms: number): void
  /** Ends it as a kill would, and starts another over the same data. */
  restart(): Promise<void>
  close(): Promise<void>
}

export function arnOf(name: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`
}

/** @param timers they ring when `advance` says so, or by the machine's clock. */
export async function serveSqs({ timers: kind = 'told' }: { timers?: 'told' | 'real' } = {}): Promise<ServedSqs> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sqs-'))
  const credentials = { accessKeyId: 'AKIALOCAL', secretAccessKey: 'secret' }
  let ahead = 0
  let running = start()
  // The port stays over restarts, as queue URLs do.
  const server = createServer((request, response) => void running.sqs.handle(request, response))
  // As the runtime's own: a connection that is taken up again after node's five seconds is reset.
  server.keepAliveTimeout = 75_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new SQSClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 })

  function start() {
    const db = openDatabase(dataDir)
    const timers = new Set<() => void>()
    const cloud: Cloud = {
      region: 'us-east-1',
      accountId: '000000000000',
      dataDir,
      db,
      credentials,
      now: () => Date.now() + ahead,
      uuid: () => crypto.randomUUID(),
      log: (line) => {
        throw new Error(line.message)
      },
    }
    const sqs = createSqs(cloud, {
      endpoint: () => endpoint,
      ...(kind === 'told' && {
        schedule: (_, callback) => {
          timers.add(callback)
          return () => timers.delete(callback)
        },
      }),
    })
    sqs.start()
    return { db, sqs, timers }
  }

  return {
    endpoint,
    client,
    get db() {
      return running.db
    },
    get sqs() {
      return running.sqs
    },
    async create(QueueName, Attributes = {}) {
      return (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? ''
    },
    send: (QueueUrl, MessageBody, more) => client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more })),
    async receive(QueueUrl, VisibilityTimeout) {
      const wanted = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout }
      const names = { MessageSystemAttributeNames: ['All' as const], MessageAttributeNames: ['All'] }
      return (await client.send(new ReceiveMessageCommand({ ...wanted, ...names }))).Messages ?? []
    },
    delete: (QueueUrl, message) =>
      client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle })),
    advance(ms) {
      ahead += ms
      client.config.systemClockOffset = ahead
      const due = [...running.timers]
      running.timers.clear()
      for (const callback of due) callback()
    },
    async restart() {
      await running.sqs.stop()
      running.db.close()
      running = start()
    },
    async close() {
      await running.sqs.stop()
      client.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      running.db.close()
      rmSync(dataDir, { recursive: true })
    },
  }
}
