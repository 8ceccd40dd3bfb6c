import { consumer as generateThumbnail } from '../../consumers/generate-thumbnail/consumer.ts'
import { consumer as optimizeImage } from '../../consumers/optimize-image/consumer.ts'
import { fold } from '../../contracts/fold.ts'
import type { MediaDocument } from '../../contracts/generated/documents.ts'
import { MediaUploadedV1 } from '../../contracts/generated/events.ts'
import { deadlineSeconds } from '../../contracts/limits.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import { createEvent, type MediaEvent } from '../../events/envelope.ts'
import { rootId } from '../../events/ids.ts'
import { traceparentOf } from '../../events/traceparent.ts'
import { owe, settleDebts } from '../../ports/outbox/outbox.ts'
import type { Data, Write } from '../../ports/read-model/read-model.ts'
import { apiRequest } from '../../producers/client-actions/fixtures.ts'
import { handle as reserve } from '../../producers/client-actions/generate-presigned-url/handle.ts'
import { handle as override } from '../../producers/client-actions/override-moderation/handle.ts'
import { uploaded } from '../../producers/runtime/bind-upload.ts'
import { originalKey } from '../../producers/runtime/original-key.ts'
import { BUCKET, type Cloud, CONSUMERS, consumersOf, firstConsumersOf, sweepsOf } from './cloud.ts'
import type { Deed, Plan } from './plan.ts'
import type { Random } from './random.ts'
import type { Process } from './scheduler.ts'
import { judgeShown, MEMBER } from './shown.ts'
import { bytesOf, contentTypeOf, OWNER, type Upload, uploadsOf } from './uploads.ts'

const CONVERSATION = 'c-1'
const MODERATOR = 'mallory'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** What no consumer knows that asks for kinds of media. */
const STRAY = { kind: 'sticker' } as const

/** Those who use the product: the sender's app, which tries until it is answered, operators, and strangers. */
export class People {
  readonly #cloud: Cloud
  readonly #random: Random
  readonly #uploads: readonly Upload[]
  #forces = 0
  #decisions = 0

  constructor(cloud: Cloud, random: Random, plan: Plan) {
    this.#cloud = cloud
    this.#random = random
    this.#uploads = uploadsOf(plan)
    // Both are deployed until the older goes.
    this.#cloud.isOlderBuildDeployed = plan.faults.some(({ kind }) => kind === 'new build')
    if (plan.faults.some(({ kind }) => kind === 'new recipe')) this.#cloud.recipes = [1, 2]
    this.#cloud.jobs.onForsaken = (mediaId) => {
      const one = this.#uploads.find((upload) => upload.mediaId === mediaId)
      if (one) this.#deeds['deletes and purges at once'](one, '')
    }
    const conversation = { memberIds: [OWNER, MEMBER] }
    this.#cloud.store.commit([{ kind: 'create', path: `conversations/${CONVERSATION}`, data: conversation }])
  }

  /** The app reserves each file, and uploads it once it may. */
  sendAll(): void {
    for (const one of this.#uploads) this.#reserve(one, () => this.#upload(one, bytesOf(one.key, one)))
  }

  /** What could not be done though nothing was wrong with the file is mended and tried again; whether there was any. */
  mendAll(): boolean {
    const failed = this.#uploads.filter(({ mediaId }) => {
      const media = this.#cloud.media(mediaId)
      return media !== undefined && fold(media).status === 'failed'
    })
    for (const one of failed) {
      this.#scanAgain(one)
      this.#retry(one)
    }
    return failed.length > 0
  }

  do(deed: Deed): void {
    const cloud = this.#cloud
    const one = this.#random.pick(this.#uploads as [Upload, ...Upload[]])
    const consumer = this.#random.pick(consumersOf(one.kind)).name
    cloud.scheduler.tell(`— ${deed} (${one.key}, ${consumer})`)
    this.#deeds[deed](one, consumer)
  }

  readonly #deeds: Readonly<Record<Deed, (one: Upload, consumer: string) => void>> = {
    // What nobody could object to comes after what somebody might.
    'uploads again': (one) => this.#upload(one, bytesOf(`${one.key} again`, { ...one, flaws: [] })),
    'upload told again': (one) => {
      for (const { object } of this.#cloud.storage.versions(originalKey(one))) this.#cloud.notify(object)
    },
    'reserves again': (one) => this.#reserve(one, () => {}),
    deletes: (one) => this.#delete(one, () => {}),
    'deletes and restores': (one) => this.#delete(one, () => this.#restore(one)),
    'deletes and purges': (one) => this.#purgeLater(one, HOUR),
    // Earlier than anybody should: functions are at work still.
    'deletes and purges at once': (one) => {
      this.#cloud.hurried.add(one.mediaId)
      this.#purgeLater(one, 50)
    },
    retries: (one) => this.#retry(one),
    'replays one consumer': (_, consumer) => this.replay(consumer),
    'replays all': () => this.replay(undefined),
    'forces one consumer': (one, consumer) => this.#force(one, consumer),
    'forces all': (one) => this.#force(one, undefined),
    'sweeps early': () => this.#cloud.sweep(),
    'hinders the sweep': () => this.#cloud.hindrance.begin(),
    'new recipe': () => {
      this.#cloud.recipes = [2, 2]
    },
    'breaks and retries': (one, consumer) => {
      this.#deeds['decoder broken for a while'](one, consumer)
      this.#cloud.scheduler.after(0.75 * HOUR, () => this.#retry(one))
    },
    // It goes on about when the sweep gives the step up.
    'stops one consumer': (one, consumer) => {
      const until = sweepsOf(one.kind).givenUp + 30 - this.#random.below(50)
      this.#cloud.live.get(consumer)?.stop(until)
    },
    'new build': (one) => {
      this.#cloud.isOlderBuildDeployed = false
      if (this.#random.chance(0.5)) this.#retry(one)
    },
    'decoder broken for a while': () => {
      this.#cloud.isDecoderBroken = true
      this.#cloud.scheduler.after(HOUR, () => {
        this.#cloud.isDecoderBroken = false
      })
    },
    poison: () => this.#cloud.send(this.#random.pick([this.#cloud.uploads, ...this.#cloud.live.values()]), 'poison'),
    'stale event': (one) =>
      this.#misdirect(one, this.#random.pick(firstConsumersOf(one.kind)).name, { object: this.#foreign(one) }),
    'stray event': (one) => this.#misdirect(one, this.#random.pick([generateThumbnail, optimizeImage]).name, STRAY),
    approves: (one) => this.#decide(one, 'approved'),
    blocks: (one) => this.#decide(one, 'blocked'),
    looks: (one) => void judgeShown(this.#cloud, one),
    'scans again': (one) => this.#scanAgain(one),
  }

  /** An archive's replay of everything so far, in any order, to one consumer or to all. */
  replay(consumer: string | undefined): void {
    const entries = [...this.#cloud.archive]
    for (const entry of entries) this.#cloud.route(entry, { name: 'yesterday', consumer })
  }

  #reserve(one: Upload, then: () => void): void {
    const bytes = bytesOf(one.key, one).byteLength
    const place = one.kind === 'profile' ? {} : { conversationId: CONVERSATION }
    const body = { kind: one.kind, contentType: contentTypeOf(one), bytes, ...place }
    const request = apiRequest({
      method: 'POST',
      path: '/media/upload',
      resource: '/media/upload',
      uid: OWNER,
      body: JSON.stringify(body),
      headers: { 'Idempotency-Key': one.key },
    })
    this.#insist(`reserve ${one.key}`, then, async (process) => {
      if (this.#cloud.purged.has(one.mediaId)) return
      const { statusCode } = await reserve(request, { ...this.#cloud.portsFor(process), log: () => {} })
      if (statusCode >= 500) throw new Error('try again later')
    })
  }

  /** A moderator's word, said until it is answered. */
  #decide({ key, mediaId }: Upload, verdict: 'approved' | 'blocked'): void {
    const number = ++this.#decisions
    const request = apiRequest({
      method: 'POST',
      path: `/media/${mediaId}/moderation`,
      resource: '/media/{id}/moderation',
      uid: MODERATOR,
      moderator: true,
      pathParameters: { id: mediaId },
      body: JSON.stringify({ verdict }),
      headers: { 'Idempotency-Key': `decision-${number}` },
    })
    this.#insist(
      `${verdict} ${key}`,
      () => {},
      async (process) => {
        const { statusCode } = await override(request, { ...this.#cloud.portsFor(process), log: () => {} })
        if (statusCode >= 500) throw new Error('try again later')
      },
    )
  }

  /** An operator has the bytes scanned once more. */
  #scanAgain({ mediaId }: Upload): void {
    const object = this.#cloud.media(mediaId)?.object
    if (object && this.#cloud.checks.includes('scan-malware')) this.#cloud.scanner.scan(object)
  }

  /** S3 takes an upload as long as the form is valid. */
  #upload(one: Upload, bytes: Uint8Array): void {
    const media = this.#cloud.media(one.mediaId)
    if (media && Date.parse(media.expiresAt) > this.#cloud.scheduler.time) {
      this.#cloud.scheduler.soon(() =>
        this.#cloud.upload({ key: originalKey(one), bytes, contentType: contentTypeOf(one) }),
      )
    }
  }

  #delete(one: Upload, then: () => void): void {
    this.#count(`delete ${one.key}`, one, then, (media) => {
      const life = media.life % 2 === 0 ? media.life + 1 : undefined
      return life === undefined ? [] : [{ path: ['life'], value: life }]
    })
  }

  /** What was not finished before the delete is finished now: its cause is sent again. */
  #restore(one: Upload): void {
    this.#count(
      `restore ${one.key}`,
      one,
      () => {},
      (media, now) =>
        media.life % 2 === 0 || media.purged ? [] : [{ path: ['life'], value: media.life + 1 }, ...awaited(media, now)],
    )
  }

  /** Only what failed can be retried. */
  #retry(one: Upload): void {
    this.#count(
      `retry ${one.key}`,
      one,
      () => {},
      (media, now) => (media.object ? [{ path: ['retry'], value: media.retry + 1 }, ...awaited(media, now)] : []),
    )
  }

  /** A command of the API: counts something of the media at the revision that was read, and owes its cause again. */
  #count(
    name: string,
    { mediaId }: Upload,
    then: () => void,
    fieldsOf: (media: MediaDocument, now: number) => Extract<Write, { kind: 'update' }>['fields'],
  ): void {
    const path = `media/${mediaId}`
    // The app says which counter it saw, so that a request that is repeated counts once.
    const seen = this.#cloud.media(mediaId)
    if (!seen) return
    this.#insist(name, then, async (process) => {
      const ports = this.#cloud.portsFor(process)
      for (;;) {
        const [snapshot] = await ports.readModel.get([path])
        const media = snapshot?.data as MediaDocument | undefined
        if (!snapshot || !media || media.life !== seen.life || media.retry !== seen.retry) return
        const now = ports.clock.now()
        const fields = fieldsOf(media, now)
        if (fields.length === 0) return
        const counted = Object.fromEntries(fields.map(({ path: [field = ''], value }) => [field, value]))
        const again = { ...media, ...counted } as MediaDocument
        const causes = again.object && again.life % 2 === 0 ? [uploaded(again, again.object, now)] : []
        const update: Write = { kind: 'update', path, fields, ifRevision: snapshot.revision }
        const answer = await ports.readModel.commit([update, ...causes.map((event) => owe({ event }, now))])
        // It is owed already: what sends it, sends it for this too.
        const isOwed = answer === 'exists' && (await ports.readModel.commit([update])) === 'committed'
        if (answer === 'committed' || isOwed) {
          return settleDebts(
            ports,
            causes.map((event) => ({ event })),
          )
        }
      }
    })
  }

  #purgeLater(one: Upload, milliseconds: number): void {
    this.#delete(one, () => this.#cloud.scheduler.after(milliseconds, () => this.#purge(one)))
  }

  /** First the jobs, then the documents, so that nothing new can be told of; then the objects by version. */
  #purge({ key, mediaId }: Upload): void {
    if ((this.#cloud.media(mediaId)?.life ?? 0) % 2 === 0) return
    this.#insist(
      `purge ${key}`,
      () => {},
      async (process) => {
        const { readModel, objects, transcoder } = this.#cloud.portsFor(process)
        for (const { job } of Object.values(this.#cloud.media(mediaId)?.steps['transcode-video'] ?? {})) {
          if (job) await transcoder.cancel(job.id)
        }
        this.#cloud.purged.add(mediaId)
        const records = this.#cloud.store.below(`media/${mediaId}/steps`).map(({ path }) => path)
        await readModel.commit([`media/${mediaId}`, ...records].map((path): Write => ({ kind: 'delete', path })))
        for (const { object } of this.#cloud.storage.all()) {
          if (object.key.includes(mediaId)) await objects.deleteVersion(object)
        }
      },
    )
  }

  /** What a consumer once heard of a media, it hears again, and is to compute anew; for all, what they begin with. */
  #force({ mediaId }: Upload, consumer: string | undefined): void {
    const epoch = ++this.#forces
    const told = this.#cloud.archive.find((entry) => {
      const { meta } = JSON.parse(entry.detail) as MediaEvent
      if (meta.subject !== mediaId || meta.replay) return false
      return consumer === undefined ? meta.type === MediaUploadedV1.name : this.#cloud.listeners(entry).has(consumer)
    })
    if (!told) return
    for (const name of this.#cloud.listeners(told)) {
      if (name === (consumer ?? name)) this.#cloud.forces.push({ mediaId, consumer: name, epoch })
    }
    const lanes = consumer === undefined ? CONSUMERS.map(({ name }) => name) : [consumer]
    const replay = { id: `force-${epoch}`, mode: 'force' as const, epoch, lanes }
    const event = JSON.parse(told.detail) as MediaEvent
    const forced = { ...told, detail: JSON.stringify({ ...event, meta: { ...event.meta, replay } }) }
    if (consumer === undefined) {
      this.#cloud.route(forced)
      return
    }
    const body = { 'detail-type': told.detailType, detail: JSON.parse(forced.detail) as unknown }
    this.#cloud.send(this.#cloud.replay.get(consumer), JSON.stringify(body))
  }

  /** Bytes that could be worked on, and belong to nobody. */
  #foreign(one: Upload): StoredObject {
    const bytes = bytesOf('of another', { ...one, flaws: [] })
    return this.#cloud.storage.store({ key: 'foreign', bytes, contentType: contentTypeOf(one), by: undefined })
  }

  /** An event that is not for the consumer which gets it. */
  #misdirect(
    { key, mediaId, kind: ownKind }: Upload,
    consumer: string,
    wrong: { object?: StoredObject; kind?: string },
  ): void {
    const id = rootId(['stranger', key, JSON.stringify(wrong)])
    this.#cloud.strangers.add(id)
    const object = this.#cloud.media(mediaId)?.object ?? {
      bucket: BUCKET,
      key: originalKey({ mediaId, kind: ownKind }),
      versionId: 'never',
      etag: 'e',
      bytes: 1,
    }
    const subject = wrong.kind === undefined ? mediaId : rootId(['sticker'])
    if (wrong.kind !== undefined) {
      this.#cloud.store.commit([{ kind: 'create', path: `media/${subject}`, data: sticker(subject, object) }])
    }
    const { meta, data } = createEvent(
      MediaUploadedV1,
      { mediaId: subject, kind: 'image', contentType: 'image/jpeg', object },
      {
        id,
        time: this.#cloud.scheduler.time,
        subject,
        run: '0.0',
        correlationId: id,
        causationId: id,
        traceparent: traceparentOf(id),
      },
    )
    const detail = { meta, data: { ...data, kind: wrong.kind ?? ownKind, object: wrong.object ?? object } }
    this.#cloud.send(
      this.#cloud.live.get(consumer),
      JSON.stringify({ 'detail-type': MediaUploadedV1.detailType, detail }),
    )
  }

  /** A request that is made again until it is answered. */
  #insist(name: string, then: () => void, body: (process: Process) => Promise<void>): void {
    const { scheduler } = this.#cloud
    scheduler.spawn(name, body, ({ state }) => {
      if (state === 'ended') then()
      else scheduler.after(2000, () => this.#insist(name, then, body))
    })
  }
}

function awaited({ kind }: MediaDocument, now: number): Extract<Write, { kind: 'update' }>['fields'] {
  const deadline = new Date(now + deadlineSeconds(kind) * 1000).toISOString()
  return [
    { path: ['deadlineAt'], value: deadline },
    { path: ['reminders'], value: undefined },
  ]
}

function sticker(mediaId: string, object: MediaDocument['object']): Data {
  const at = '2026-03-01T10:00:00.000Z'
  const media: MediaDocument = {
    version: '1.0',
    mediaId,
    ownerId: OWNER,
    conversationId: CONVERSATION,
    kind: 'sticker',
    declared: { contentType: 'image/webp', bytes: 1 },
    reservedAt: at,
    expiresAt: at,
    life: 0,
    retry: 0,
    steps: {},
    required: ['a step of its own'],
    ...(object && { object }),
  }
  return media as unknown as Data
}
