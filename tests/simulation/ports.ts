import type { ConsumerPorts } from '../../consumers/runtime/define-consumer.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import type { BusPort, BusResult } from '../../events/bus.ts'
import type { Clock } from '../../ports/clock/clock.ts'
import { identify } from '../../ports/documents/identify.ts'
import { ObjectGone, ObjectTooLarge } from '../../ports/objects/objects.ts'
import { type ReadModel, Unavailable, type Write } from '../../ports/read-model/read-model.ts'
import { readModelVerdicts } from '../../ports/verdicts/read-model-verdicts.ts'
import { BUCKET, type Cloud } from './cloud.ts'
import { picturesOf } from './pictures.ts'
import { drawn, probed, rendered } from './recordings.ts'
import type { Process } from './scheduler.ts'
import { videosOf } from './videos.ts'

/** Every port that a process may use, each call of it one of the scheduler's. */
export interface Ports extends ConsumerPorts {
  readonly readModel: ReadModel
  readonly bus: BusPort
  readonly clock: Clock
}

type Call = <T>(name: string, effect: () => T) => Promise<T>

/** @param version of what is deployed. */
export function portsOf(cloud: Cloud, process: Process, version: number): Ports {
  const { scheduler } = cloud
  const call: Call = (name, effect) =>
    scheduler.call(process, name, effect, (kind) =>
      name.startsWith('readModel') ? new Unavailable(`${name}: ${kind}`) : new Error(`${name}: ${kind}`),
    )
  // What is put together only to be read is put together only where somebody reads it.
  const told = (name: string, about: () => string) => (scheduler.isTraced ? `${name} ${about()}` : name)
  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) => scheduler.after(milliseconds, () => process.alive && resolve()))
  const clock: Clock = { now: () => scheduler.time + cloud.skew, sleep }
  const readModel: ReadModel = {
    get: (paths) =>
      call(
        told('readModel.get', () => paths.join(' ')),
        () => cloud.store.get(paths),
      ),
    commit: (writes) =>
      call(
        told('readModel.commit', () => writes.map(({ kind, path }) => `${kind} ${path}`).join(', ')),
        () => {
          const answer = isReceipted(cloud, writes) ? 'exists' : cloud.store.commit(writes)
          scheduler.tell(`  ${answer}`)
          return answer
        },
      ),
    query: (query) => call(`readModel.query ${query.collection}`, () => cloud.store.query(query)),
  }
  const bus: BusPort = {
    put: (entries) =>
      call(
        told('bus.put', () => entries.map(({ detailType }) => detailType).join(', ')),
        () =>
          entries.map((entry): BusResult => {
            if (cloud.weather.refusesEntry()) return { ok: false, code: 'InternalFailure', message: 'refused' }
            cloud.publish(entry, process)
            return { ok: true, id: 'bus' }
          }),
      ),
  }
  return {
    readModel,
    bus,
    clock,
    ids: { uuid: () => cloud.newId() },
    transcoder: {
      start: async (order) => {
        const started = await call(`transcoder.start ${order.attempt}`, () => cloud.jobs.start(order, process))
        const late = cloud.jobs.answerMilliseconds(started.jobId)
        if (late > 0) await sleep(late)
        return started
      },
      get: (jobId) => call(`transcoder.get ${jobId}`, () => cloud.jobs.get(jobId)),
      cancel: (jobId) => call(`transcoder.cancel ${jobId}`, () => cloud.jobs.cancel(jobId)),
    },
    objects: objectsOf(cloud, process, call),
    verdicts: readModelVerdicts({ readModel, clock }),
    ...sensesOf(cloud, call, version),
  }
}

/** What was deleted for good is not made again: the receipt of its purge lies in its place. */
function isReceipted({ purged }: Cloud, writes: readonly Write[]): boolean {
  return writes.some(({ kind, path }) => kind === 'create' && purged.has(path.slice('media/'.length)))
}

function objectsOf({ storage, files }: Cloud, by: Process, call: Call): ConsumerPorts['objects'] {
  const existing = (object: StoredObject) => {
    const version = storage.find(object)
    if (!version) throw new ObjectGone(`${object.key} is gone`)
    return version
  }
  const whole = (object: StoredObject, maxBytes: number) => {
    const { bytes } = existing(object)
    if (bytes.byteLength > maxBytes) throw new ObjectTooLarge(object.key)
    return bytes
  }
  // As the adapter for S3 does it: where nothing lies there yet, else where something else does.
  const putOnce = async (key: string, bytes: Uint8Array, contentType: string): Promise<StoredObject> => {
    const put = () => storage.store({ key, bytes, contentType, by })
    const stored = await call(`objects.put ${key}`, () => (storage.versions(key).length === 0 ? put() : undefined))
    if (stored) return stored
    const [there] = await call(`objects.head ${key}`, () => storage.versions(key))
    if (there && Buffer.compare(there.bytes, bytes) === 0) return there.object
    return call(`objects.put again ${key}`, put)
  }
  return {
    bucket: BUCKET,
    read: (object, maxBytes) => call(`objects.read ${object.key}`, () => whole(object, maxBytes)),
    readRange: (object, offset, length) =>
      call(`objects.readRange ${object.key} ${offset} ${length}`, () =>
        existing(object).bytes.slice(offset, offset + length),
      ),
    download: (object, file, maxBytes) =>
      call(`objects.download ${object.key}`, () => {
        files.set(file, whole(object, maxBytes))
      }),
    put: (key, bytes, { contentType }) => putOnce(key, bytes, contentType),
    putFile: (key, file, { contentType }) => {
      const bytes = files.get(file)
      if (!bytes) throw new Error(`there is no file ${file}`)
      return putOnce(key, bytes, contentType)
    },
    copy: (object, key) =>
      call(`objects.copy ${object.key} ${key}`, () => {
        const { bytes, contentType } = existing(object)
        return storage.store({ key, bytes, contentType, by })
      }),
    head: (object) =>
      call(`objects.head ${object.key}`, () => {
        const found = storage.find(object)
        if (!found) return undefined
        const { contentType, sha256 } = found
        return { bytes: object.bytes, etag: object.etag, contentType, ...(sha256 !== undefined && { sha256 }) }
      }),
    list: (prefix) => call(`objects.list ${prefix}`, () => storage.below(prefix).map(({ object }) => object)),
    tags: (object) => call(`objects.tags ${object.key}`, () => existing(object).tags),
    versions: (key) => call(`objects.versions ${key}`, () => storage.versions(key).map(({ object }) => object)),
    deleteVersion: (object) =>
      call(`objects.deleteVersion ${object.key} ${object.versionId}`, () => storage.delete(object)),
    signUpload: ({ key }) => call(`objects.signUpload ${key}`, () => ({ url: 'https://media/', fields: { key } })),
    signDownload: ({ key }) => call(`objects.signDownload ${key}`, () => `https://media/${key}`),
  }
}

type Senses = Omit<ConsumerPorts, 'objects' | 'verdicts' | 'ids' | 'transcoder'>

function sensesOf(cloud: Cloud, call: Call, version: number): Senses {
  const { storage, eyes } = cloud
  const pictures = picturesOf(version)
  const decoding = <T>(effect: () => T) => {
    if (cloud.isDecoderBroken) throw new Error('the decoder is broken')
    return effect()
  }
  const seen = ({ key, versionId }: StoredObject) => {
    const found = storage.find({ key, versionId })
    if (!found) throw new Error(`${key} ${versionId} is gone`)
    return found.bytes
  }
  return {
    images: {
      recipe: (plan) => pictures.recipe(plan),
      inspect: (bytes) => call('images.inspect', () => decoding(() => pictures.inspect(bytes))),
      render: (bytes, plan) => call('images.render', () => decoding(() => pictures.render(bytes, plan))),
    },
    moderation: {
      recipe: 'eyes-1',
      look: (picture) => call(`moderation.look ${picture.key}`, () => eyes.look(seen(picture))),
    },
    probe: {
      probe: async (source) => {
        const bytes = await source.read(0, source.size)
        return call('probe.probe', () => decoding(() => probed(bytes)))
      },
    },
    voice: {
      recipe: async () => `e${version}`,
      render: (bytes) => call('voice.render', () => decoding(() => rendered(bytes, `e${version}`))),
      // Its deadline would be the machine's, and schedules have a clock of their own.
      until() {
        return this
      },
    },
    documents: {
      recipe: () => `f${version}`,
      inspect: identify,
      draw: (pdf) => call('documents.draw', () => decoding(() => drawn(pdf))),
    },
    video: videosOf({
      version,
      files: cloud.files,
      folder: () => cloud.newFolder(),
      call: (name, effect) => call(name, () => decoding(effect)),
    }),
    faces: { find: (picture) => call(`faces.find ${picture.key}`, () => eyes.find(seen(picture))) },
  }
}
