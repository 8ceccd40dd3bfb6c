import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { describeBus } from '../events/bus.suite.ts'
import { eventBridgeBus } from '../events/eventbridge-bus.ts'
import { openDatabase } from '../infra/local/database.ts'
import { createEventBridge } from '../infra/local/eventbridge/eventbridge.ts'

const credentials = { accessKeyId: 'AKIALOCAL', secretAccessKey: 'secret' }
const BUS = 'messageai-media-local'

interface Delivered {
  readonly 'detail-type': string
  readonly detail: unknown
}

describeBus('EventBridge in the local cloud', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'bus-'))
  const db = openDatabase(dataDir)
  const delivered: Delivered[] = []
  const bus = createEventBridge(
    {
      region: 'us-east-1',
      accountId: '000000000000',
      dataDir,
      db,
      credentials,
      now: () => Date.now(),
      uuid: randomUUID,
      log: () => {},
    },
    {
      deliver: (_arn, body) => void delivered.push(JSON.parse(body) as Delivered),
      schedule: () => () => {},
    },
  )
  const declare = (type: 'AWS::Events::EventBus' | 'AWS::Events::Rule', properties: Record<string, unknown>) =>
    bus.provisioners[type]?.({ stack: 'Stack', logicalId: type, generatedName: type, type, properties })
  declare('AWS::Events::EventBus', { Name: BUS })
  declare('AWS::Events::Rule', {
    Name: 'everything',
    EventBusName: BUS,
    EventPattern: { source: ['messageai.media'] },
    Targets: [{ Id: 'queue', Arn: 'arn:aws:sqs:us-east-1:000000000000:everything' }],
  })
  const server = createServer((request, response) => void bus.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = new EventBridgeClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials,
  })
  return {
    bus: eventBridgeBus({ busName: BUS, client }),
    taken: async () =>
      delivered.map(({ 'detail-type': detailType, detail }) => ({ detailType, detail: JSON.stringify(detail) })),
    async close() {
      await bus.stop()
      client.destroy()
      await new Promise((resolve) => server.close(resolve))
      db.close()
      rmSync(dataDir, { recursive: true })
    },
  }
})
