import type { SQSRecord } from 'aws-lambda'
import { consumer as extractMetadata } from '../../consumers/extract-metadata/consumer.ts'
import { consumer as generateThumbnail } from '../../consumers/generate-thumbnail/consumer.ts'
import { consumer as optimizeImage } from '../../consumers/optimize-image/consumer.ts'
import type { ConsumerPorts } from '../../consumers/runtime/define-consumer.ts'
import { type RuntimePorts, settle } from '../../consumers/runtime/protocol.ts'
import type { MediaDocument } from '../../contracts/generated/documents.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import { type BusEntry, type BusPort, type BusResult, EVENT_SOURCE } from '../../events/bus.ts'
import type { MediaEvent } from '../../events/envelope.ts'
import { livePattern, replayPattern } from '../../events/pattern.ts'
import { matchesPattern } from '../../infra/local/eventbridge/pattern.ts'
import type { Clock } from '../../ports/clock/clock.ts'
import { ObjectGone, type Objects, ObjectTooLarge } from '../../ports/objects/objects.ts'
import type { SourceQueue } from '../../ports/queue/queue.ts'
import { type ReadModel, Unavailable, type Write } from '../../ports/read-model/read-model.ts'
import { sweep } from '../../producers/deadlines/handle.ts'
import { handleNotification } from '../../producers/s3-object-created/handle.ts'
import { type Judge, type Lane, makeJudge } from './judge.ts'
import { asOlderBuild } from './older-build.ts'
import { picturesOf } from './pictures.ts'
import { type DeadLetter, Queue } from './queue.ts'
import type { Process, Scheduler } from './scheduler.ts'
import { Storage } from './storage.ts'
import { Store } from './store.ts'

/** When every schedule begins. */
export const START = Date.parse('2026-03-01T10:00:00.000Z')
export const BUCKET = 'media'
export const CONSUMERS = [extractMetadata, generateThumbnail, optimizeImage] as const
type AnyConsumer = (typeof CONSUMERS)[number]

const RULES = CONSUMERS.map((consumer) => ({
  consumer,
  live: livePattern(consumer.on),
  replay: replayPattern(consumer),
}))

/** Six times a function's timeout, as infra has it. */
const VISIBILITY_MILLISECONDS = 180_000

/** What the cloud asks of the schedule, each time that it could be treated badly. */
export interface Weather {
  refusesEntry(): boolean
  /** Milliseconds by which each copy of a message is late; two of them are a message that comes twice. */
  deliver(): readonly number[]
  losesAcknowledgement(): boolean
  losesNotification(): boolean
}

/** Every port that a process may use, each call of it one of the scheduler's. */
export interface Ports {
  readonly readModel: ReadModel
  readonly objects: Objects
  readonly images: ConsumerPorts['images']
  readonly bus: BusPort
  readonly clock: Clock
}

/** The whole product in one thread: the production handlers, and around them stores, queues, rules and an archive. */
export class Cloud {
  readonly scheduler: Scheduler
  readonly weather: Weather
  readonly judge: Judge
  readonly store: Store
  readonly storage = new Storage()
  /** What lies on the disks of functions, by path. */
  readonly files = new Map<string, Uint8Array>()
  readonly deadLetters: DeadLetter[] = []
  readonly archive: BusEntry[] = []
  /** Versions of uploads that S3 never told of. */
  readonly untold = new Set<string>()
  /** Replays that were to compute a step of a media anew. */
  readonly forces: { readonly mediaId: string; readonly consumer: string; readonly epoch: number }[] = []
  /** Media that were deleted for good before everybody had let go of them. */
  readonly hurried = new Set<string>()
  /** Media that were deleted for good. */
  readonly purged = new Set<string>()
  readonly live: ReadonlyMap<string, Queue>
  readonly replay: ReadonlyMap<string, Queue>
  readonly uploads: Queue
  /** How far the product's wall clock is from the time. */
  skew = 0
  /** What is deployed; while an old and a new one are, invocations get either. */
  recipes: readonly [number, number] = [1, 1]
  isDecoderBroken = false
  isOlderBuildDeployed = false
  #invocations = 0
  readonly #lanes = new WeakMap<Process, Lane>()

  constructor(scheduler: Scheduler, weather: Weather) {
    this.scheduler = scheduler
    this.weather = weather
    this.judge = makeJudge(this)
    this.store = new Store((changes) => this.judge.committed(changes))
    const lane = (kind: Lane) =>
      new Map(
        CONSUMERS.map((consumer) => [
          consumer.name,
          this.#queue(`${consumer.name}${kind === 'replay' ? '-replay' : ''}`, 1, async (record, process, queue) => {
            this.#lanes.set(process, kind)
            await this.#settle(consumer, record, process, queue)
          }),
        ]),
      )
    this.live = lane('live')
    this.replay = lane('replay')
    this.uploads = this.#queue('s3-object-created', 10, async (record, process, queue) => {
      const { readModel, objects, bus, clock } = this.portsFor(process)
      const ports = { readModel, objects, bus, clock, queue: this.#queuePort(process, queue), checks: [] }
      this.scheduler.tell(`${process.name}: ${await handleNotification(ports, record.body)}`)
    })
  }

  /** One run of the scheduled sweep. */
  sweep(): void {
    this.scheduler.spawn('sweep', async (process) => {
      this.scheduler.tell(
        `sweep: ${JSON.stringify(await sweep({ ...this.portsFor(process), checks: [], inquiries: [] }))}`,
      )
    })
  }

  /** When the sweep that comes every minute will find something to do; undefined where nothing is awaited. */
  nextSweep(): number | undefined {
    const minute = 60_000
    const dueOf = (collection: string, field: string, grace: number) =>
      this.store.below(collection).flatMap(({ data }) => {
        const time = data[field]
        return typeof time === 'string' ? [Date.parse(time) + grace - this.skew] : []
      })
    const due = [...dueOf('media', 'deadlineAt', 0), ...dueOf('outbox', 'time', minute)]
    if (due.length === 0) return undefined
    return Math.ceil(Math.max(this.scheduler.time + 1, Math.min(...due)) / minute) * minute
  }

  /** Bytes arrive in the bucket, and S3 says so, in its own way. */
  upload(key: string, bytes: Uint8Array): StoredObject {
    const object = this.storage.store(BUCKET, key, bytes, undefined)
    if (this.weather.losesNotification()) this.untold.add(object.versionId)
    else this.notify(object)
    return object
  }

  notify({ bucket, key, versionId, etag, bytes }: StoredObject): void {
    const body = JSON.stringify({
      source: 'aws.s3',
      'detail-type': 'Object Created',
      detail: { bucket: { name: bucket }, object: { key, 'version-id': versionId, etag, size: bytes } },
    })
    this.send(this.uploads, body)
  }

  /** One hop into a queue. */
  send(queue: Queue | undefined, body: string): void {
    for (const delay of this.weather.deliver()) queue?.send(body, delay)
  }

  /** What EventBridge does with an event: the archive keeps it, and each rule that it meets gets it. */
  publish(entry: BusEntry, by: Process): void {
    const event = JSON.parse(entry.detail) as MediaEvent
    this.judge.published(event, entry.detailType, this.#lanes.get(by))
    this.archive.push(entry)
    this.route(entry, undefined, event)
  }

  /** @param replay the name of an archive's replay, and the one consumer that it is for, where it is for one. */
  route(
    entry: BusEntry,
    replay?: { readonly name: string; readonly consumer: string | undefined },
    detail: unknown = JSON.parse(entry.detail),
  ): void {
    const event = {
      source: EVENT_SOURCE,
      'detail-type': entry.detailType,
      detail,
      ...(replay && { 'replay-name': replay.name }),
    }
    let body: string | undefined
    for (const { consumer, ...patterns } of RULES) {
      if (replay?.consumer !== undefined && replay.consumer !== consumer.name) continue
      for (const lane of ['live', 'replay'] as const) {
        if (!matchesPattern(patterns[lane], event)) continue
        body ??= JSON.stringify(event)
        this.send(this[lane].get(consumer.name), body)
      }
    }
  }

  /** Puts what is dead back where it came from. */
  redrive(): void {
    for (const { body, from } of this.deadLetters.splice(0)) from.send(body)
  }

  media(mediaId: string): MediaDocument | undefined {
    return this.store.documents.get(`media/${mediaId}`)?.data as MediaDocument | undefined
  }

  portsFor(process: Process): Ports {
    const call = <T>(name: string, effect: () => T): Promise<T> =>
      this.scheduler.call(process, name, effect, (kind) =>
        name.startsWith('readModel') ? new Unavailable(`${name}: ${kind}`) : new Error(`${name}: ${kind}`),
      )
    // What is put together only to be read is put together only where somebody reads it.
    const told = (name: string, about: () => string) => (this.scheduler.isTraced ? `${name} ${about()}` : name)
    const { store, storage } = this
    const pictures = picturesOf(this.recipes[this.#invocations++ % 2] ?? 1)
    const decoding = <T>(effect: () => T) => {
      if (this.isDecoderBroken) throw new Error('the decoder is broken')
      return effect()
    }
    const put = (key: string, bytes: Uint8Array) => storage.store(BUCKET, key, bytes, process)
    // As the adapter for S3 does it: where nothing lies there yet, else where something else does.
    const putOnce = async (key: string, bytes: Uint8Array): Promise<StoredObject> => {
      const stored = await call(`objects.put ${key}`, () =>
        storage.versions(key).length === 0 ? put(key, bytes) : undefined,
      )
      if (stored) return stored
      const [there] = await call(`objects.head ${key}`, () => storage.versions(key))
      if (there && Buffer.compare(there.bytes, bytes) === 0) return there.object
      return call(`objects.put again ${key}`, () => put(key, bytes))
    }
    const existing = (object: StoredObject) => {
      const version = storage.find(object)
      if (!version) throw new ObjectGone(`${object.key} is gone`)
      return version
    }
    const readWhole = (object: StoredObject, maxBytes: number) => {
      const { bytes } = existing(object)
      if (bytes.byteLength > maxBytes) throw new ObjectTooLarge(object.key)
      return bytes
    }
    return {
      readModel: {
        get: (paths) =>
          call(
            told('readModel.get', () => paths.join(' ')),
            () => store.get(paths),
          ),
        commit: (writes) =>
          call(
            told('readModel.commit', () => writes.map(({ kind, path }) => `${kind} ${path}`).join(', ')),
            () => {
              const answer = this.#isReceipted(writes) ? 'exists' : store.commit(writes)
              this.scheduler.tell(`  ${answer}`)
              return answer
            },
          ),
        query: (query) => call(`readModel.query ${query.collection}`, () => store.query(query)),
      },
      objects: {
        bucket: BUCKET,
        read: (object, maxBytes) => call(`objects.read ${object.key}`, () => readWhole(object, maxBytes)),
        readRange: (object, offset, length) =>
          call(`objects.readRange ${object.key} ${offset} ${length}`, () =>
            existing(object).bytes.slice(offset, offset + length),
          ),
        download: (object, file, maxBytes) =>
          call(`objects.download ${object.key}`, () => {
            this.files.set(file, readWhole(object, maxBytes))
          }),
        put: putOnce,
        putFile: (key, file) => {
          const bytes = this.files.get(file)
          if (!bytes) throw new Error(`there is no file ${file}`)
          return putOnce(key, bytes)
        },
        copy: (object, key) => call(`objects.copy ${object.key} ${key}`, () => put(key, existing(object).bytes)),
        head: (object) =>
          call(`objects.head ${object.key}`, () => {
            const found = storage.find(object)
            return found && { bytes: found.object.bytes, etag: found.object.etag, contentType: 'image/jpeg' }
          }),
        list: (prefix) => call(`objects.list ${prefix}`, () => storage.below(prefix).map(({ object }) => object)),
        tags: (object) => call(`objects.tags ${object.key}`, () => existing(object).tags),
        versions: (key) => call(`objects.versions ${key}`, () => storage.versions(key).map(({ object }) => object)),
        deleteVersion: (object) =>
          call(`objects.deleteVersion ${object.key} ${object.versionId}`, () => storage.delete(object)),
        signUpload: ({ key }) => call(`objects.signUpload ${key}`, () => ({ url: 'https://media/', fields: { key } })),
        signDownload: ({ key }) => call(`objects.signDownload ${key}`, () => `https://media/${key}`),
      },
      images: {
        recipe: (plan) => pictures.recipe(plan),
        inspect: (bytes) => call('images.inspect', () => decoding(() => pictures.inspect(bytes))),
        render: (bytes, plan) => call('images.render', () => decoding(() => pictures.render(bytes, plan))),
      },
      bus: {
        put: (entries) =>
          call(
            told('bus.put', () => entries.map(({ detailType }) => detailType).join(', ')),
            () =>
              entries.map((entry): BusResult => {
                if (this.weather.refusesEntry()) return { ok: false, code: 'InternalFailure', message: 'refused' }
                this.publish(entry, process)
                return { ok: true, id: 'bus' }
              }),
          ),
      },
      clock: {
        now: () => this.scheduler.time + this.skew,
        sleep: (milliseconds) =>
          new Promise((resolve) => this.scheduler.after(milliseconds, () => process.alive && resolve())),
      },
    }
  }

  async #settle(consumer: AnyConsumer, record: SQSRecord, process: Process, queue: Queue): Promise<void> {
    const { readModel, objects, images, bus, clock } = this.portsFor(process)
    const runtime: RuntimePorts = { readModel, bus, clock, queue: this.#queuePort(process, queue) }
    const message = { body: record.body, receiveCount: Number(record.attributes.ApproximateReceiveCount) }
    const ports = this.isOlderBuildDeployed && this.#invocations % 2 === 0 ? asOlderBuild(runtime) : runtime
    process.hasGivenUp = true
    const settled = await settle(consumer, message, ports, { objects, images })
    process.hasGivenUp = false
    if (this.scheduler.isTraced) this.scheduler.tell(`${process.name}: ${JSON.stringify(settled)}`)
  }

  /** What was deleted for good is not made again: the receipt of its purge lies in its place. */
  #isReceipted(writes: readonly Write[]): boolean {
    return writes.some(({ kind, path }) => kind === 'create' && this.purged.has(path.slice('media/'.length)))
  }

  #queue(
    name: string,
    batchSize: number,
    handle: (record: SQSRecord, process: Process, queue: Queue) => Promise<void>,
  ): Queue {
    return new Queue({
      name,
      batchSize,
      visibilityMilliseconds: VISIBILITY_MILLISECONDS,
      scheduler: this.scheduler,
      deadLetters: this.deadLetters,
      handle,
      portFor: (process, queue) => this.#queuePort(process, queue),
      acknowledge: (process, effect) =>
        this.scheduler.call(
          process,
          'acknowledges',
          () => {
            if (!this.weather.losesAcknowledgement()) effect()
          },
          (kind) => new Error(`SQS: ${kind}`),
        ),
    })
  }

  #queuePort(process: Process, queue: Queue): SourceQueue {
    const call = (name: string, effect: () => void) =>
      this.scheduler.call(process, name, effect, (kind) => new Error(`${name}: ${kind}`))
    return {
      deadLetter: (body, reason) => call('queue.deadLetter', () => queue.deadLetter(body, reason)),
      retryAfter: ({ receiptHandle }, seconds) =>
        call('queue.retryAfter', () => queue.retryAfter(receiptHandle, seconds)),
    }
  }
}
