import { fold, isDeleted } from '../../contracts/fold.ts'
import type { MediaDocument } from '../../contracts/generated/documents.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import { originalKey } from '../../producers/runtime/original-key.ts'
import type { Cloud } from './cloud.ts'
import { Broken } from './judge.ts'
import { STREAM_FILES } from './mediaconvert.ts'
import type { Plan } from './plan.ts'
import type { Version } from './storage.ts'
import { sourceOf, type Upload } from './uploads.ts'

/** What is spoken of is there, and nothing else is, but what goes by itself or with its media. */
export function judgeObjects(cloud: Cloud, upload: Upload, plan: Plan): void {
  const media = cloud.media(upload.mediaId)
  const spokenOf = media ? mentionsOf(cloud, media) : []
  const referenced = new Set(spokenOf.flatMap(({ versionId }) => versionId ?? []))
  for (const { key, versionId } of spokenOf) {
    if (key !== undefined && versionId !== undefined && !cloud.storage.find({ key, versionId }))
      throw new Broken('I18', `${key} ${versionId} is spoken of, and gone`)
  }
  const streams = spokenOf.flatMap(({ prefix }) => prefix ?? [])
  for (const prefix of streams) {
    const missing = STREAM_FILES.find((name) => cloud.storage.versions(`${prefix}${name}`).length === 0)
    if (missing !== undefined) throw new Broken('I18', `${prefix}${missing} is to be streamed, and is not there`)
  }
  for (const { key, versionId } of spokenOf) {
    const [newest] =
      key !== undefined && streams.some((prefix) => key.startsWith(prefix)) ? cloud.storage.versions(key) : []
    if (newest && newest.object.versionId !== versionId)
      throw new Broken('I12', `${key} was written over after it was looked over`)
  }
  const bound = media?.object && cloud.storage.find(media.object)
  for (const version of cloud.storage.all()) {
    const { key, versionId } = version.object
    const isServed = referenced.has(versionId) || streams.some((prefix) => key.startsWith(prefix))
    if (bound && isServed && isOfOthers(version, bound))
      throw new Broken('I12', `${key} ${versionId} was made of other bytes than are bound`)
    // A stream's segments are named by its playlists.
    if (!key.includes(upload.mediaId) || isServed) continue
    // What nobody could know of is deleted by a rule of the bucket.
    if (key.startsWith('videos/source/') && !(cloud.jobs.isHeardOf(key) ?? !version.by?.hasGivenUp)) continue
    const isExcused = media ? staysWith(media, version, cloud, plan) : outlives(upload, version, cloud, plan)
    if (!isExcused) throw new Broken('I18', `${key} ${versionId} belongs to nobody`)
  }
}

/** Whether it tells what it was made of, and that is something else. */
function isOfOthers({ bytes }: Version, original: Version): boolean {
  return Buffer.from(bytes).includes('[') && sourceOf(bytes) !== sourceOf(original.bytes)
}

/** What nobody speaks of, and the purge of its media finds and deletes. */
function staysWith(media: MediaDocument, { object, by }: Version, cloud: Cloud, plan: Plan): boolean {
  if (object.key === originalKey(media)) {
    // Nobody is told of a second upload; deleted before its bytes were bound, a media keeps them all for its restore.
    return cloud.untold.has(object.versionId) || (isDeleted(media) && !media.object)
  }
  // Of several jobs of a video, each has a prefix of its own; what was made of one that lost has none.
  if (object.key.startsWith('videos/hls/')) return true
  const isOfMany = cloud.jobs.countOf(media.mediaId) > 1 || isOfTwo(media)
  if (object.key.startsWith('videos/compressed/') && isOfMany) return true
  // Where the try that counts could not draw a file, it goes without previews, whatever another try had stored.
  if (object.key.startsWith('files/previews/') && isWithoutPreviews(media)) return true
  // A try that was not the one which counts may have made other outputs.
  const isStopped = ['deleted', 'rejected'].includes(fold(media).status)
  return plan.faults.some(({ kind }) => kind === 'new recipe') || (by?.hasGivenUp === true && isStopped)
}

/** There is a stream, and its order was repeated and refused then: single files were made of the original too. */
function isOfTwo({ steps = {} }: MediaDocument): boolean {
  const hasEnded = (name: string, outcome: string) =>
    Object.values(steps[name] ?? {}).some((run) => run.outcome === outcome)
  return hasEnded('finish-transcode', 'succeeded') && hasEnded('transcode-video', 'failed')
}

function isWithoutPreviews({ steps = {} }: MediaDocument): boolean {
  return Object.values(steps['process-file'] ?? {}).some((run) => run.outcome === 'succeeded' && !run.previews)
}

/** What comes after the purge of its media: only from what worked longer than anything may. */
function outlives({ mediaId }: Upload, { by }: Version, cloud: Cloud, plan: Plan): boolean {
  const isOutOfTime = cloud.hurried.has(mediaId) || plan.faults.some(({ kind }) => kind === 'frozen')
  return by?.hasGivenUp === true && isOutOfTime
}

interface Mention {
  readonly key?: string
  readonly versionId?: string
  /** Below which everything is spoken of. */
  readonly prefix?: string
}

function mentionsOf(cloud: Cloud, media: MediaDocument): readonly Mention[] {
  const records = cloud.store.below(`media/${media.mediaId}/steps`).map(({ data }) => data)
  const original: readonly StoredObject[] = media.object ? [media.object] : []
  return [...original, ...mentionsIn([media.steps, records])]
}

/** Every stored object, and every stream, that is mentioned anywhere in a value. */
function mentionsIn(value: unknown): Mention[] {
  if (typeof value !== 'object' || value === null) return []
  if ('versionId' in value && 'key' in value) return [value as Mention]
  const inner = Object.values(value).flatMap(mentionsIn)
  return 'prefix' in value ? [...inner, { prefix: String(value.prefix) }] : inner
}
