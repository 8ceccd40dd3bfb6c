import type { SQSRecord } from 'aws-lambda'
import { consumer as compressVideo } from '../../consumers/compress-video/consumer.ts'
import { consumer as detectFace } from '../../consumers/detect-face/consumer.ts'
import { consumer as extractMetadata } from '../../consumers/extract-metadata/consumer.ts'
import { consumer as finishTranscode } from '../../consumers/finish-transcode/consumer.ts'
import { consumer as generateThumbnail } from '../../consumers/generate-thumbnail/consumer.ts'
import { consumer as moderateContent } from '../../consumers/moderate-content/consumer.ts'
import { consumer as optimizeImage } from '../../consumers/optimize-image/consumer.ts'
import { consumer as processFile } from '../../consumers/process-file/consumer.ts'
import { consumer as processVoice } from '../../consumers/process-voice/consumer.ts'
import { consumer as remuxVideo } from '../../consumers/remux-video/consumer.ts'
import type { Consumer } from '../../consumers/runtime/define-consumer.ts'
import { type RuntimePorts, settle } from '../../consumers/runtime/protocol.ts'
import { consumer as scanMalware } from '../../consumers/scan-malware/consumer.ts'
import { consumer as transcodeVideo } from '../../consumers/transcode-video/consumer.ts'
import { isDeleted } from '../../contracts/fold.ts'
import type { MediaDocument } from '../../contracts/generated/documents.ts'
import { MediaUploadedV1 } from '../../contracts/generated/events.ts'
import { deadlineSeconds, type Kind } from '../../contracts/limits.ts'
import { REQUIREMENTS } from '../../contracts/required-steps.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import { type BusEntry, EVENT_SOURCE } from '../../events/bus.ts'
import type { MediaEvent } from '../../events/envelope.ts'
import { rootId } from '../../events/ids.ts'
import { livePattern, replayPattern } from '../../events/pattern.ts'
import { matchesPattern } from '../../infra/local/eventbridge/pattern.ts'
import type { SourceQueue } from '../../ports/queue/queue.ts'
import { sweep } from '../../producers/deadlines/handle.ts'
import { scanInquiry, transcodeInquiry } from '../../producers/deadlines/inquiries.ts'
import { handleScanResult } from '../../producers/malware-scan-result/handle.ts'
import { handleStateChange } from '../../producers/mediaconvert-job-state/handle.ts'
import { handleNotification } from '../../producers/s3-object-created/handle.ts'
import { Eyes } from './eyes.ts'
import { type Scan, Scanner } from './guardduty.ts'
import { Hindrance } from './hindrance.ts'
import { type Judge, type Lane, makeJudge } from './judge.ts'
import { ENVIRONMENT, type JobFate, type JobNews, Jobs } from './mediaconvert.ts'
import { asOlderBuild } from './older-build.ts'
import { type Ports, portsOf } from './ports.ts'
import { type DeadLetter, Queue } from './queue.ts'
import type { Process, Scheduler } from './scheduler.ts'
import { Storage, type ToStore } from './storage.ts'
import { Store } from './store.ts'

/** When every schedule begins. */
export const START = Date.parse('2026-03-01T10:00:00.000Z')
export const BUCKET = 'media'
export const CONSUMERS: readonly [Consumer, ...Consumer[]] = [
  extractMetadata,
  generateThumbnail,
  optimizeImage,
  moderateContent,
  detectFace,
  scanMalware,
  processVoice,
  processFile,
  remuxVideo,
  transcodeVideo,
  finishTranscode,
  compressVideo,
]

const RULES = CONSUMERS.map((consumer) => ({
  consumer,
  live: livePattern(consumer.on),
  replay: replayPattern(consumer),
}))

/** Those that are required for no kind, by the kind that they work on. */
const OPTIONAL: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  video: ['remux-video', 'transcode-video', 'finish-transcode'],
}

/** Those that have something to do with media of a kind. */
export function consumersOf(kind: Kind): readonly [Consumer, ...Consumer[]] {
  const { steps, checks } = REQUIREMENTS[kind] ?? { steps: [], checks: [] }
  const optional = OPTIONAL[kind] ?? []
  const [first, ...others] = CONSUMERS.filter(({ name }) => [...steps, ...checks, ...optional].includes(name))
  if (!first) throw new Error(`nobody works on a ${kind}`)
  return [first, ...others]
}

/** Of these, those that begin when the bytes have come. */
export function firstConsumersOf(kind: Kind): readonly [Consumer, ...Consumer[]] {
  const onUpload = consumersOf(kind).filter(({ on }) =>
    on.some((interest) => ('contract' in interest ? interest.contract : interest).name === MediaUploadedV1.name),
  )
  return [extractMetadata, ...onUpload]
}

/** When a sweep reminds of a media that nothing held up, and when one gives it up. */
export function sweepsOf(kind: Kind): { readonly reminded: number; readonly givenUp: number } {
  const after = deadlineSeconds(kind) * 1000 + SWEEP_MILLISECONDS
  return { reminded: START + after, givenUp: START + 2 * after }
}

const SWEEP_MILLISECONDS = 60_000

/** Six times a function's timeout, as infra has it. */
const VISIBILITY_MILLISECONDS = 180_000

/** What the cloud asks of the schedule, each time that it could be treated badly. */
export interface Weather {
  refusesEntry(): boolean
  /** Milliseconds by which each copy of a message is late; two of them are a message that comes twice. */
  deliver(): readonly number[]
  losesAcknowledgement(): boolean
  losesNotification(): boolean
  scan(): Scan
  /** Whether the transcoder takes no such order, now or later. */
  refusesJob(): boolean
  job(): JobFate
}

/** The whole product in one thread: the production handlers, and around them stores, queues, rules and an archive. */
export class Cloud {
  readonly scheduler: Scheduler
  readonly weather: Weather
  readonly judge: Judge
  readonly store: Store
  /** What holds up the sweep. */
  readonly hindrance: Hindrance
  readonly storage = new Storage(BUCKET)
  readonly scanner: Scanner
  readonly eyes = new Eyes()
  readonly jobs: Jobs
  /** The checks that are switched on. */
  readonly checks: readonly string[]
  /** What lies on the disks of functions, by path. */
  readonly files = new Map<string, Uint8Array>()
  readonly deadLetters: DeadLetter[] = []
  readonly archive: BusEntry[] = []
  /** Versions of uploads that S3 never told of. */
  readonly untold = new Set<string>()
  /** Replays that were to compute a step of a media anew. */
  readonly forces: { readonly mediaId: string; readonly consumer: string; readonly epoch: number }[] = []
  /** Events that nobody should act upon. */
  readonly strangers = new Set<string>()
  /** Media that were deleted for good before everybody had let go of them. */
  readonly hurried = new Set<string>()
  /** Media that were deleted for good. */
  readonly purged = new Set<string>()
  readonly live: ReadonlyMap<string, Queue>
  readonly replay: ReadonlyMap<string, Queue>
  readonly uploads: Queue
  readonly scans: Queue
  readonly jobNews: Queue
  /** How far the product's wall clock is from the time. */
  skew = 0
  /** What is deployed; while an old and a new one are, invocations get either. */
  recipes: readonly [number, number] = [1, 1]
  isDecoderBroken = false
  isOlderBuildDeployed = false
  #invocations = 0
  #folders = 0
  #ids = 0
  readonly #lanes = new WeakMap<Process, Lane>()

  constructor(scheduler: Scheduler, weather: Weather, checks: readonly string[]) {
    this.scheduler = scheduler
    this.weather = weather
    this.checks = checks
    this.judge = makeJudge(this)
    this.store = new Store((changes) => this.judge.committed(changes))
    this.hindrance = new Hindrance(this.store)
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
      const ports = { ...this.portsFor(process), queue: this.#queuePort(process, queue), checks }
      this.scheduler.tell(`${process.name}: ${await handleNotification(ports, record.body)}`)
    })
    this.scans = this.#queue('malware-scan-result', 10, async (record, process, queue) => {
      const ports = { ...this.portsFor(process), queue: this.#queuePort(process, queue), checks }
      this.scheduler.tell(`${process.name}: ${await handleScanResult(ports, record.body)}`)
    })
    this.jobNews = this.#queue('mediaconvert-job-state', 10, async (record, process, queue) => {
      const ports = { ...this.portsFor(process), queue: this.#queuePort(process, queue), environment: ENVIRONMENT }
      const { jobId, userMetadata } = (JSON.parse(record.body) as JobNews).detail
      const isGone = this.media(userMetadata.mediaId) === undefined
      this.scheduler.tell(`${process.name}: ${await handleStateChange(ports, record.body)}`)
      if (isGone && this.jobs.isAtWork(jobId))
        this.judge.broken('I10', `${jobId} was heard of, its media is gone, and it goes on`)
    })
    this.jobs = new Jobs({
      storage: this.storage,
      scheduler,
      refuses: () => weather.refusesJob(),
      fate: () => weather.job(),
      tell: (body) => this.send(this.jobNews, body),
      onDouble: ({ mediaId, run }) => this.judge.broken('I3', `run ${run} of ${mediaId} is transcoded twice at once`),
    })
    this.scanner = new Scanner({
      storage: this.storage,
      scheduler,
      scan: () => weather.scan(),
      tell: (body) => this.send(this.scans, body),
    })
  }

  /** Every queue that there is. */
  get queues(): readonly Queue[] {
    return [this.uploads, this.scans, this.jobNews, ...this.live.values(), ...this.replay.values()]
  }

  /** One run of the scheduled sweep. */
  sweep(): void {
    this.hindrance.endIfAlone()
    this.scheduler.spawn('sweep', async (process) => {
      const ports = this.hindrance.within(this.portsFor(process))
      const done = await sweep({
        ...ports,
        checks: this.checks,
        inquiries: [scanInquiry(ports.objects), transcodeInquiry(ports.transcoder)],
        onError: (what, error) => this.scheduler.tell(`sweep: ${what}: ${String(error)}`),
        onGivenUp: (mediaId, steps) => this.scheduler.tell(`sweep: gave up ${steps.join(', ')} of ${mediaId}`),
        // Enough for one turn: who waits for theirs waits as long as can be.
        timeLeft: () => 0,
      })
      this.scheduler.tell(`sweep: ${JSON.stringify(done)}`)
    })
  }

  /** When the sweep that comes every minute will find something to do; undefined where nothing is awaited. */
  nextSweep(): number | undefined {
    const dueOf = (collection: string, field: string, grace: number) =>
      this.store.below(collection).flatMap(({ data }) => {
        const time = data[field]
        return typeof time === 'string' ? [Date.parse(time) + grace - this.skew] : []
      })
    const due = [...dueOf('media', 'deadlineAt', 0), ...dueOf('outbox', 'time', SWEEP_MILLISECONDS)]
    if (due.length === 0) return undefined
    return Math.ceil(Math.max(this.scheduler.time + 1, Math.min(...due)) / SWEEP_MILLISECONDS) * SWEEP_MILLISECONDS
  }

  /** Bytes arrive in the bucket, and S3 says so, in its own way; where they are scanned, that begins. */
  upload(upload: Omit<ToStore, 'by'>): StoredObject {
    const object = this.storage.store({ ...upload, by: undefined })
    if (this.checks.includes('scan-malware')) this.scanner.scan(object)
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

  /** The consumers whose live rules take it. */
  listeners({ detailType, detail }: BusEntry): ReadonlySet<string> {
    const event = { source: EVENT_SOURCE, 'detail-type': detailType, detail: JSON.parse(detail) as unknown }
    return new Set(RULES.filter(({ live }) => matchesPattern(live, event)).map(({ consumer }) => consumer.name))
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

  /** Puts what is dead back where it came from, and tells what that was. */
  redrive(): readonly DeadLetter[] {
    const letters = this.deadLetters.splice(0)
    for (const { body, from } of letters) from.send(body)
    return letters
  }

  /** The name of a folder on a function's disk that no other has. */
  newFolder(): string {
    return `/scratch/${++this.#folders}`
  }

  newId(): string {
    return rootId(['new', String(++this.#ids)])
  }

  media(mediaId: string): MediaDocument | undefined {
    return this.store.documents.get(`media/${mediaId}`)?.data as MediaDocument | undefined
  }

  portsFor(process: Process): Ports {
    return portsOf(this, process, this.recipes[this.#invocations++ % 2] ?? 1)
  }

  async #settle(consumer: Consumer, record: SQSRecord, process: Process, queue: Queue): Promise<void> {
    const { readModel, bus, clock, ...all } = this.portsFor(process)
    const runtime: RuntimePorts = { readModel, bus, clock, queue: this.#queuePort(process, queue) }
    const message = { body: record.body, receiveCount: Number(record.attributes.ApproximateReceiveCount) }
    const ports = this.isOlderBuildDeployed && this.#invocations % 2 === 0 ? asOlderBuild(runtime) : runtime
    const needed = Object.fromEntries(consumer.needs.map((need) => [need, all[need]])) as unknown as typeof all
    const found = this.#subjectOf(record)
    process.hasGivenUp = true
    const settled = await settle(consumer, message, ports, needed)
    process.hasGivenUp = false
    const wasDeleted = found !== undefined && isDeleted(found) && this.media(found.mediaId)?.life === found.life
    if (wasDeleted && settled.kind === 'done' && settled.outcome !== 'repeated')
      this.judge.broken('I10', `${consumer.name} worked on ${found.mediaId}, which was deleted`)
    if (settled.kind === 'ignored' && this.jobs.isAtWorkFor(process))
      this.judge.broken('I10', `${consumer.name} left a job to itself: ${settled.reason}`)
    if (this.scheduler.isTraced) this.scheduler.tell(`${process.name}: ${JSON.stringify(settled)}`)
  }

  /** The media that a message is about, as it stands. */
  #subjectOf({ body }: SQSRecord): MediaDocument | undefined {
    if (body === 'poison') return undefined
    return this.media((JSON.parse(body) as { readonly detail: MediaEvent }).detail.meta.subject)
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
