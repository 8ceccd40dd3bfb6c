import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { describeBus } from './bus.suite.ts'
import { BusRefused } from './bus.ts'
import { eventBridgeBus } from './eventbridge-bus.ts'
import { uploadedEvent } from './fixtures.ts'
import { toEntry } from './publish.ts'

interface WireEntry {
  readonly EventBusName: string
  readonly Source: string
  readonly DetailType: string
  readonly Detail: string
  readonly Time: number
  readonly Resources?: readonly string[]
}

/** PutEvents on loopback, as its API reference has it. */
function putEvents() {
  const taken: WireEntry[] = []
  let throttled: string | undefined
  let failure: { readonly status: number; readonly type: string } | undefined
  const result = (entry: WireEntry) => {
    if (throttled !== undefined && entry.Detail.includes(throttled))
      return { ErrorCode: 'ThrottlingException', ErrorMessage: 'Rate exceeded' }
    try {
      JSON.parse(entry.Detail)
    } catch {
      return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
    }
    taken.push(entry)
    return { EventId: `event-${taken.length}` }
  }
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString('utf8')) as {
      Entries: readonly WireEntry[]
    }
    const { length } = body.Entries
    const fault = failure ?? (length < 1 || length > 10 ? { status: 400, type: 'ValidationException' } : undefined)
    const results = fault ? [] : body.Entries.map(result)
    response
      .writeHead(fault?.status ?? 200, { 'content-type': 'application/x-amz-json-1.1' })
      .end(
        JSON.stringify(
          fault
            ? { __type: fault.type, message: 'refused' }
            : { Entries: results, FailedEntryCount: results.filter((one) => 'ErrorCode' in one).length },
        ),
      )
  }
  const server = createServer((request, response) => void answer(request, response))
  return {
    server,
    taken,
    throttle: (text: string) => {
      throttled = text
    },
    fail: (status: number, type: string) => {
      failure = { status, type }
    },
  }
}

async function listening(server: Server): Promise<EventBridgeClient> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return new EventBridgeClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
}

async function closed(server: Server, client: EventBridgeClient): Promise<void> {
  client.destroy()
  await new Promise((resolve) => server.close(resolve))
}

describeBus('EventBridge', async () => {
  const { server, taken } = putEvents()
  const client = await listening(server)
  return {
    bus: eventBridgeBus({ busName: 'messageai-media-local', client }),
    taken: async () => taken.map(({ DetailType, Detail }) => ({ detailType: DetailType, detail: Detail })),
    close: () => closed(server, client),
  }
})

describe('a call to EventBridge', () => {
  it('names the bus, the source and the time of the fact', async () => {
    const { server, taken } = putEvents()
    const client = await listening(server)
    const entry = { ...toEntry(uploadedEvent()), resources: ['arn:aws:s3:::b/k'] }
    await eventBridgeBus({ busName: 'messageai-media-local', client }).put([entry])
    await closed(server, client)
    expect(taken).toEqual([
      {
        EventBusName: 'messageai-media-local',
        Source: 'messageai.media',
        DetailType: 'MediaUploaded.v1',
        Detail: entry.detail,
        Time: entry.time / 1000,
        Resources: entry.resources,
      },
    ])
  })

  it('says which entries were throttled', async () => {
    const { server, throttle } = putEvents()
    const client = await listening(server)
    throttle(uploadedEvent(1).meta.id)
    const entries = [0, 1, 2].map((number) => toEntry(uploadedEvent(number)))
    const results = await eventBridgeBus({ busName: 'b', client }).put(entries)
    await closed(server, client)
    expect(results).toEqual([
      { ok: true, id: 'event-1' },
      { ok: false, code: 'ThrottlingException', message: 'Rate exceeded' },
      { ok: true, id: 'event-2' },
    ])
  })

  it.each([
    [400, 'AccessDeniedException', true],
    [400, 'ResourceNotFoundException', true],
    [400, 'ThrottlingException', false],
    [400, 'ExpiredTokenException', false],
    [500, 'InternalException', false],
    [503, 'ServiceUnavailable', false],
  ])('that fails with %d %s is final: %s', async (status, type, final) => {
    const { server, fail } = putEvents()
    const client = await listening(server)
    fail(status, type)
    const error: unknown = await eventBridgeBus({ busName: 'b', client })
      .put([toEntry(uploadedEvent())])
      .catch((thrown: unknown) => thrown)
    await closed(server, client)
    expect(error).toBeInstanceOf(Error)
    expect(error instanceof BusRefused).toBe(final)
  })
})
