import { fold, isDeleted, type MediaStatus, type StepResult, winningRun } from '../../contracts/fold.ts'
import type { MediaDocument, StepDocument } from '../../contracts/generated/documents.ts'
import { CHECKS } from '../../contracts/required-steps.ts'
import { compareRuns, formatRun } from '../../contracts/run.ts'
import type { MediaEvent } from '../../events/envelope.ts'
import type { Snapshot } from '../../ports/read-model/read-model.ts'
import { originalKey } from '../../producers/runtime/original-key.ts'
import type { Cloud } from './cloud.ts'
import { Broken, FACTS, isStep } from './judge.ts'
import { judgeJobs } from './judge-jobs.ts'
import { judgeObjects } from './judge-objects.ts'
import type { FaultKind, Plan } from './plan.ts'
import { judgeAppeal, judgeShown } from './shown.ts'
import { flawsOf, type Upload } from './uploads.ts'

/** After these nobody has to wait for a deadline: all news come, and nothing is heard in vain. */
const PROMPT: readonly FaultKind[] = [
  'job fails',
  'job incomplete',
  'job refused',
  'scanned twice',
  'reserves again',
  'upload told again',
  'approves',
  'looks',
]
/** Between any two clocks. */
const MOST_SKEW = 20 * 60_000

/** What must hold once nothing moves any more and nothing is broken. */
export async function judgeRest(cloud: Cloud, uploads: readonly Upload[], plan: Plan): Promise<void> {
  for (const { name, size } of cloud.queues) {
    if (size > 0) throw new Broken('I4', `${name} holds ${size} messages`)
  }
  for (const { body, from, reason } of cloud.deadLetters) {
    if (body !== 'poison' || reason === undefined) throw new Broken('I6', `dead in ${from.name}: ${body}`)
  }
  const owed = cloud.store.below('outbox').map(({ path }) => path)
  if (owed.length > 0) throw new Broken('I7', `still owed: ${owed}`)
  for (const upload of uploads) {
    judgeUpload(cloud, upload, plan)
    await judgeShown(cloud, upload)
    // Nobody waits for the scan of what is refused or deleted.
    const isScanHeard = !plan.faults.some(({ kind }) => kind === 'scan result lost' || kind.startsWith('deletes'))
    if (isScanHeard) await judgeAppeal(cloud, upload)
  }
  if (cloud.judge.verdict) throw cloud.judge.verdict
  judgeForces(cloud)
  judgeSayings(cloud, plan)
  for (const upload of uploads) {
    judgeObjects(cloud, upload, plan)
    judgeJobs(cloud, upload)
  }
}

/** What it must have come to, by its bytes, by what others have said of them, and by what people want. */
function expectedOf({ storage, scanner, checks }: Cloud, media: MediaDocument): readonly MediaStatus[] {
  if (isDeleted(media)) return ['deleted']
  if (!media.object) return ['expired']
  const [latest] = Object.entries(media.overrides ?? {}).sort(([a], [b]) => Number(b) - Number(a))
  const decision = latest?.[1].verdict
  const flaws = flawsOf(storage.find(media.object)?.bytes ?? Buffer.from('[]'))
  const found = checks.includes('scan-malware') ? scanner.found(media.object) : ['NO_THREATS_FOUND']
  const isFound = found.some((status) => status === 'THREATS_FOUND' || status === 'UNSUPPORTED')
  if (decision === 'blocked' || flaws.includes('damaged') || isFound) return ['rejected']
  const objections = [
    ...(flaws.includes('nude') && decision !== 'approved' ? ['moderate-content'] : []),
    ...(flaws.includes('faceless') ? ['detect-face'] : []),
  ]
  if (objections.some((check) => media.required?.includes(check))) return ['rejected']
  const status = found.includes('NO_THREATS_FOUND') ? 'ready' : 'failed'
  // For a check that is not required nobody sees to it that it is done; where it is, its word counts.
  return objections.length > 0 ? ['rejected', status] : [status]
}

/** News that was lost after everybody had stopped waiting and asking for it: until a retry the media has failed. */
function isUnheard(cloud: Cloud, media: MediaDocument): boolean {
  const { reason, steps } = fold(media)
  const givenUp = steps.find(({ name }) => name === reason?.step)?.result.time
  const lost = Math.max(cloud.scanner.lostAt(media.mediaId), cloud.jobs.lostAt(media.mediaId))
  return reason?.code === 'deadline-passed' && lost + MOST_SKEW > Date.parse(givenUp ?? '')
}

/** The verdict was lost, and a later scan that failed wrote over it on the bytes: nobody can know it any more. */
function isOverwritten({ scanner }: Cloud, media: MediaDocument): boolean {
  const last = media.object && scanner.found(media.object).at(-1)
  const isLost = scanner.lostAt(media.mediaId) > 0
  return isLost && fold(media).reason?.code === 'scan-failed' && (last === 'FAILED' || last === 'ACCESS_DENIED')
}

/** What it has come to, which replays have no part in. */
export function judgeUpload(cloud: Cloud, { mediaId }: Upload, plan: Plan): void {
  const media = cloud.media(mediaId)
  // Purged, with everything.
  if (!media) return
  if (media.deadlineAt !== undefined) throw new Broken('I1', `the watchdog still looks at ${mediaId}`)
  const { status, steps } = fold(media)
  const expected = expectedOf(cloud, media)
  const isLost = status === 'failed' && (isUnheard(cloud, media) || isOverwritten(cloud, media))
  if (!expected.includes(status) && !isLost) throw new Broken('I1', `${mediaId} is ${status}, not ${expected}`)
  if (status === 'expired' && cloud.storage.versions(originalKey(media)).length > 0) {
    throw new Broken('I4', `${mediaId} has expired, and its bytes had come`)
  }
  if (plan.faults.every(({ kind }) => PROMPT.includes(kind)) && media.reminders !== undefined) {
    throw new Broken('I1', `nothing was lost, and ${mediaId} had to be reminded of`)
  }
  if (plan.faults.length === 0 && cloud.jobs.countOf(mediaId) > 1) {
    throw new Broken('I3', `nothing went wrong, and ${mediaId} was transcoded ${cloud.jobs.countOf(mediaId)} times`)
  }
  const saidOf = (type: string) =>
    cloud.judge.said.filter(({ event: { meta } }) => meta.type === type && meta.subject === mediaId)
  if (status === 'ready') {
    // Of those that the upload itself is the cause of.
    const passed = media.required?.filter((name) => !CHECKS.includes(name) && name !== 'compress-video') ?? []
    const left = passed.find((name) => !media.steps[name]?.[formatRun({ epoch: 0, retry: media.retry })])
    if (left !== undefined && media.life === 0 && media.retry > 0) {
      throw new Broken('I7', `${mediaId} was tried again, and ${left} did not pass on what it had done`)
    }
    const required = steps.filter(({ name }) => media.required?.includes(name))
    const winners = JSON.stringify(required.map(({ name, run }) => ({ name, run })))
    const announced = saidOf('MediaReady').some(
      ({ event }) => JSON.stringify((event.data as { steps: unknown }).steps) === winners,
    )
    if (!announced) throw new Broken('I7', `${mediaId} is ready, and nobody said so`)
  }
  if (saidOf('MediaUploadRequested').length === 0) throw new Broken('I7', `nobody said that ${mediaId} was reserved`)
  if (media.object && saidOf('MediaUploaded').length === 0) throw new Broken('I7', `nobody said that ${mediaId} came`)
}

/** What was forced was computed again, into a run of its own. */
function judgeForces(cloud: Cloud): void {
  for (const { mediaId, consumer, epoch } of cloud.forces) {
    const media = cloud.media(mediaId)
    if (!media || media.life > 0 || cloud.purged.has(mediaId) || fold(media).status === 'rejected') continue
    // What a person has decided, no replay decides again.
    if (consumer === 'moderate-content' && media.overrides) continue
    const records = cloud.store.below(`media/${mediaId}/steps`).map(({ data }) => data as unknown as StepDocument)
    const runs = records.filter((record) => record.consumer === consumer).map(({ run }) => run)
    if (!runs.some((run) => run.startsWith(`${epoch}.`))) {
      throw new Broken('I8', `${consumer} was forced for ${mediaId}, and has only ${runs}`)
    }
  }
}

/** Whether no further work is done on it, unless somebody decides otherwise. */
export function isStopped(media: MediaDocument): boolean {
  return ['deleted', 'rejected'].includes(fold(media).status)
}

/**
 * Whether a record may stay unpublished: a function wrote it that was frozen beyond any function's time, when its
 * message was done with. Of a media that is stopped until a restore or a retry; below a run that has counted since for good.
 */
function isOutOfTime(plan: Plan, media: MediaDocument, { name, run }: Pick<StepResult, 'name' | 'run'>): boolean {
  if (plan.faults.every(({ kind }) => kind !== 'frozen')) return false
  const winner = winningRun(media.steps[name] ?? {})
  return isStopped(media) || (winner !== undefined && compareRuns(winner.run, run) > 0)
}

/** Everything that was said is written down, and everything that is written down was said. */
function judgeSayings(cloud: Cloud, plan: Plan): void {
  const said = new Map<string, number>()
  for (const { event } of cloud.judge.said) said.set(event.meta.id, (said.get(event.meta.id) ?? 0) + 1)
  const recorded = new Set<string>()
  const effects = new Set<string>()
  for (const [path, { data }] of cloud.store.documents) {
    if (!/^media\/.+\/steps\//.test(path)) continue
    const record = data as unknown as StepDocument
    const media = cloud.media(path.split('/')[1] ?? '')
    if (!record.published && media && isOutOfTime(plan, media, { name: record.consumer, run: record.run })) {
      for (const { meta } of record.events as readonly MediaEvent[]) recorded.add(meta.id)
      continue
    }
    if (!record.published) throw new Broken('I7', `${path} was never published`)
    for (const { meta } of record.events as readonly MediaEvent[]) {
      recorded.add(meta.id)
      if (!said.has(meta.id)) throw new Broken('I7', `${meta.type} of ${path} was never said`)
    }
    // What failed may be tried again for another reason than the first, within the same run.
    if (!isStep(record) || record.outcome === 'failed') continue
    const effect = `${path.split('/')[1]} ${record.consumer} ${record.run}`
    if (effects.has(effect)) throw new Broken('I3', `${effect} was done twice`)
    effects.add(effect)
  }
  for (const { event } of cloud.judge.said) {
    const { id, type, subject, run } = event.meta
    const media = cloud.media(subject)
    if (!media || cloud.purged.has(subject) || FACTS.includes(type)) continue
    const { step = '' } = event.data as { step?: string }
    if (type === 'ProcessingFailed' ? !media.steps[step]?.[run] : !recorded.has(id)) {
      throw new Broken('I7', `${type} ${id} was said, and is written down nowhere`)
    }
  }
  if (plan.faults.length > 0) return
  // Two may hear of the same bytes at once, by S3 and by their scan: both pay the one debt, and all goes on twice.
  const uploaded = cloud.judge.said.filter(({ event: { meta } }) => meta.type === 'MediaUploaded')
  if (uploaded.some(({ event: { meta } }) => (said.get(meta.id) ?? 0) > 1)) return
  for (const [id, times] of said) if (times > 1) throw new Broken('I3', `${id} was said ${times} times`)
}

/** A replay of what is done changes nothing and says nothing; what `judgeRest` let pass as unsaid, it says. */
export function judgeReplay(cloud: Cloud, before: ReadonlyMap<string, Snapshot>, saidBefore: number): void {
  const unsaid = new Set<string>()
  for (const [path, { data }] of before) {
    if (data['published'] === false)
      for (const { meta } of data['events'] as unknown as MediaEvent[]) unsaid.add(meta.id)
    else if (cloud.store.documents.get(path)?.data !== data) throw new Broken('I8', `the replay changed ${path}`)
  }
  if (before.size !== cloud.store.documents.size) throw new Broken('I8', 'the replay made or removed documents')
  const first = cloud.judge.said.slice(saidBefore).find(({ event }) => !unsaid.has(event.meta.id))
  if (first) throw new Broken('I8', `the replay said ${first.event.meta.type} ${first.event.meta.id}`)
}
