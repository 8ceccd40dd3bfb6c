import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import type { Cloud } from '../../infra/local/cloud.ts'
import { openDatabase } from '../../infra/local/database.ts'
import { createEventBridge } from '../../infra/local/eventbridge/eventbridge.ts'
import { createSqs } from '../../infra/local/sqs/sqs.ts'

export const RULES = 10
/** How many of the rules take an event, as the three consumers of an upload do. */
export const MATCHING = 3

const ARN = 'us-east-1:000000000000'
export const BUS_ARN = `arn:aws:events:${ARN}:event-bus/default`
export const ARCHIVE_ARN = `arn:aws:events:${ARN}:archive/all`
export const queueArn = (n: number) => `arn:aws:sqs:${ARN}:queue-${n}`
export const ruleArn = (n: number) => `arn:aws:events:${ARN}:rule/rule-${n}`

/** A bus with its archive, ten rules and ten queues, on disk, as the local stack runs them. */
export async function makeWorld() {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-bus-'))
  const db = openDatabase(dataDir)
  const credentials = { accessKeyId: 'AKIALOCAL', secretAccessKey: 'secret' }
  const cloud: Cloud = {
    region: 'us-east-1',
    accountId: '000000000000',
    dataDir,
    db,
    credentials,
    now: Date.now,
    uuid: randomUUID,
    log: ({ message }) => console.error(message),
  }
  const sqs = createSqs(cloud, { endpoint: () => 'http://127.0.0.1' })
  const events = createEventBridge(cloud, { deliver: sqs.send })
  const declare = (type: string, properties: Record<string, unknown>) =>
    ({ ...sqs.provisioners, ...events.provisioners })[type]?.({
      stack: 'Bench',
      logicalId: type,
      generatedName: type,
      type,
      properties,
    })
  for (let n = 0; n < RULES; n++) {
    declare('AWS::SQS::Queue', { QueueName: `queue-${n}` })
    declare('AWS::Events::Rule', {
      Name: `rule-${n}`,
      EventPattern: {
        source: ['messageai.media'],
        'detail-type': [n < MATCHING ? 'MediaUploaded.v1' : `Other${n}.v1`],
        'replay-name': [{ exists: false }],
        detail: { meta: { replay: { id: [{ exists: false }] } }, data: { kind: ['image'] } },
      },
      Targets: [{ Id: 'queue', Arn: queueArn(n) }],
    })
  }
  // Takes replays alone, as a consumer's slow lane does.
  declare('AWS::SQS::Queue', { QueueName: 'replay' })
  declare('AWS::Events::Rule', {
    Name: 'replay',
    EventPattern: { source: ['messageai.media'], 'replay-name': [{ exists: true }] },
    Targets: [{ Id: 'queue', Arn: `arn:aws:sqs:${ARN}:replay` }],
  })
  declare('AWS::Events::Archive', { ArchiveName: 'all', SourceArn: BUS_ARN })

  const server = createServer((request, response) => void events.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = new EventBridgeClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials,
  })
  return {
    db,
    sqs,
    events,
    client,
    async close() {
      await Promise.all([sqs.stop(), events.stop()])
      client.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      db.close()
      rmSync(dataDir, { recursive: true })
    },
  }
}

export type World = Awaited<ReturnType<typeof makeWorld>>

/** The nth upload, of the size that the product's are. */
export function uploaded(n: number) {
  const id = `00000000-0000-5000-8000-${String(n).padStart(12, '0')}`
  return {
    meta: {
      id,
      type: 'MediaUploaded',
      version: '1.0',
      time: '2026-03-01T10:00:05.000Z',
      dataschema: 'https://contracts.messageai.media/events/media-uploaded/v1.schema.json',
      subject: id,
      run: '0.0',
      correlationId: id,
      causationId: id,
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    },
    data: {
      mediaId: id,
      kind: 'image',
      contentType: 'image/jpeg',
      object: {
        bucket: 'messageai-media-local',
        key: `images/original/${id}`,
        versionId: id,
        etag: id,
        bytes: 3_400_000,
      },
    },
  }
}

export function publish({ events }: World, n: number): void {
  events.publish({
    source: 'messageai.media',
    'detail-type': 'MediaUploaded.v1',
    account: '000000000000',
    time: new Date().toISOString(),
    region: 'us-east-1',
    resources: [],
    detail: uploaded(n),
  })
}

/** What a consumer does with its queue: takes everything in tens, and deletes it. Answers how many there were. */
export function consume({ sqs }: World): number {
  let taken = 0
  for (let n = 0; n < MATCHING; n++) {
    for (;;) {
      const messages = sqs.receive(queueArn(n), 10)
      if (messages.length === 0) break
      sqs.delete(
        queueArn(n),
        messages.map(({ receiptHandle }) => receiptHandle),
      )
      taken += messages.length
    }
  }
  return taken
}
