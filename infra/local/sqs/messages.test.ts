import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Cloud, ReceivedMessage } from '../cloud.ts'
import { openDatabase } from '../database.ts'
import { createSqs, type Sqs } from './sqs.ts'

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`
const VISIBILITY = 30
const RETENTION = 120
const MAX_RECEIVES = 3

/** A queue as it should be: what each message is allowed to do next, and nothing about how it is stored. */
interface Expected {
  readonly sentAt: number
  visibleAt: number
  receives: number
  queue: 'work' | 'dead'
  latest: ReceivedMessage | undefined
}

class World {
  readonly #dataDir = mkdtempSync(join(tmpdir(), 'sqs-model-'))
  #now = 1_000_000_000_000
  #close: () => Promise<void> = async () => undefined
  #sqs: Sqs
  readonly #expected = new Map<string, Expected>()
  #sent = 0

  constructor() {
    this.#sqs = this.#open()
  }

  #open(): Sqs {
    const db = openDatabase(this.#dataDir)
    const cloud: Cloud = {
      region: 'us-east-1',
      accountId: '000000000000',
      dataDir: this.#dataDir,
      db,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      now: () => this.#now,
      uuid: () => crypto.randomUUID(),
      log: () => undefined,
    }
    const sqs = createSqs(cloud, { endpoint: () => 'http://127.0.0.1', schedule: () => () => undefined })
    const declare = (QueueName: string, properties: object) =>
      sqs.provisioners['AWS::SQS::Queue']?.({
        stack: 'S',
        logicalId: QueueName,
        generatedName: QueueName,
        type: 'AWS::SQS::Queue',
        properties: { QueueName, VisibilityTimeout: VISIBILITY, MessageRetentionPeriod: RETENTION, ...properties },
      })
    declare('dead', {})
    declare('work', { RedrivePolicy: { deadLetterTargetArn: arnOf('dead'), maxReceiveCount: MAX_RECEIVES } })
    this.#close = async () => {
      await sqs.stop()
      db.close()
    }
    return sqs
  }

  send(): void {
    const body = String(this.#sent++)
    this.#sqs.send(arnOf('work'), body)
    const now = this.#now
    this.#expected.set(body, { sentAt: now, visibleAt: now, receives: 0, queue: 'work', latest: undefined })
  }

  receive(queue: 'work' | 'dead', max: number): void {
    const now = this.#now
    for (const [body, { sentAt }] of this.#expected) if (sentAt <= now - RETENTION * 1000) this.#expected.delete(body)
    const due = [...this.#expected]
      .filter(([, one]) => one.queue === queue && one.visibleAt <= now)
      .sort(([a, one], [b, other]) => one.visibleAt - other.visibleAt || Number(a) - Number(b))
    const expected: string[] = []
    for (const [body, one] of due) {
      if (expected.length === max) break
      if (queue === 'work' && one.receives >= MAX_RECEIVES)
        Object.assign(one, { queue: 'dead', visibleAt: now, latest: undefined })
      else expected.push(body)
    }

    const received = this.#sqs.receive(arnOf(queue), max)

    expect(received.map(({ body }) => body)).toEqual(expected)
    for (const message of received) {
      const one = this.#expected.get(message.body)
      if (!one) throw new Error('unreachable')
      one.receives++
      one.latest = message
      one.visibleAt = now + VISIBILITY * 1000
      expect(message.attributes['ApproximateReceiveCount']).toBe(String(one.receives))
    }
  }

  delete(pick: number, stale: boolean): void {
    const inFlight = [...this.#expected].filter(([, one]) => one.latest)
    const [body, one] = inFlight[pick % inFlight.length] ?? []
    if (!one?.latest || body === undefined) return
    const handle = one.latest.receiptHandle
    if (stale) {
      const earlier = Buffer.from(handle, 'base64url')
        .toString()
        .replace(/^(\d+:\d+):\d+/, '$1:0')
      this.#sqs.delete(arnOf(one.queue), [Buffer.from(earlier).toString('base64url')])
      return
    }
    this.#sqs.delete(arnOf(one.queue), [handle])
    this.#expected.delete(body)
  }

  changeVisibility(pick: number, seconds: number): void {
    const inFlight = [...this.#expected].filter(([, one]) => one.latest && one.visibleAt > this.#now)
    const [, one] = inFlight[pick % inFlight.length] ?? []
    if (!one?.latest) return
    this.#sqs.changeVisibility(arnOf(one.queue), one.latest.receiptHandle, seconds)
    one.visibleAt = this.#now + seconds * 1000
  }

  releaseInFlight(queue: 'work' | 'dead'): void {
    this.#sqs.releaseInFlight(arnOf(queue))
    for (const one of this.#expected.values())
      if (one.queue === queue && one.latest && one.visibleAt > this.#now) one.visibleAt = this.#now
  }

  pass(seconds: number): void {
    this.#now += seconds * 1000
  }

  async restart(): Promise<void> {
    await this.#close()
    this.#sqs = this.#open()
  }

  async end(): Promise<void> {
    await this.#close()
    rmSync(this.#dataDir, { recursive: true })
  }
}

const action: fc.Arbitrary<(world: World) => void | Promise<void>> = fc.oneof(
  { weight: 4, arbitrary: fc.constant((world: World) => world.send()) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 10 }).map((max) => (world: World) => world.receive('work', max)) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 10 }).map((max) => (world: World) => world.receive('dead', max)) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(), fc.boolean()).map(
      ([pick, stale]) =>
        (world: World) =>
          world.delete(pick, stale),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(), fc.integer({ min: 0, max: 60 })).map(
      ([pick, seconds]) =>
        (world: World) =>
          world.changeVisibility(pick, seconds),
    ),
  },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 45 }).map((seconds) => (world: World) => world.pass(seconds)) },
  { weight: 1, arbitrary: fc.constant((world: World) => world.restart()) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('work' as const, 'dead' as const)
      .map((queue) => (world: World) => world.releaseInFlight(queue)),
  },
)

test('whatever is sent, received, hidden, deleted and waited for, over restarts: no message is lost or doubled', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60, size: 'max' }), async (actions) => {
      const world = new World()
      try {
        for (const act of actions) await act(world)
        world.receive('work', 10)
        world.receive('dead', 10)
      } finally {
        await world.end()
      }
    }),
    { numRuns: 100 },
  )
})
