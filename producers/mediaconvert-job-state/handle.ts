import type { MediaDocument } from '../../contracts/generated/documents.ts'
import type { BusPort } from '../../events/bus.ts'
import type { MediaEvent } from '../../events/envelope.ts'
import { publish } from '../../events/publish.ts'
import type { Clock } from '../../ports/clock/clock.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import type { SourceQueue } from '../../ports/queue/queue.ts'
import type { ReadModel } from '../../ports/read-model/read-model.ts'
import { outputPrefix, sourceKey } from '../../ports/transcoder/output-at.ts'
import type { TranscodeJobs } from '../../ports/transcoder/transcoder.ts'
import { type JobMoment, tenthOf, transcoded, transcodeFailed, transcodeProgressed } from '../runtime/transcode-job.ts'
import { readStateChange } from './state-change.ts'

export interface Ports {
  readonly objects: Pick<Objects, 'deleteVersion' | 'list' | 'versions'>
  readonly bus: BusPort
  readonly readModel: ReadModel
  readonly queue: Pick<SourceQueue, 'deadLetter'>
  readonly transcoder: Pick<TranscodeJobs, 'cancel'>
  readonly clock: Clock
  /** Whose jobs are told of. */
  readonly environment: string
}

/**
 * Takes one state change of a job to its end; returns what became of it, in words for the log. Of a media that was
 * deleted it is told all the same: it may be restored, and its consumers look whether it was. The job of one that is gone
 * for good is cancelled, and its outputs are deleted.
 * @throws whatever is transient; the change then comes again.
 */
export async function handleStateChange(ports: Ports, body: string): Promise<string> {
  const change = readStateChange(body, ports.environment)
  switch (change.kind) {
    case 'unreadable':
      await ports.queue.deadLetter(body, change.problem)
      return `unreadable: ${change.problem}`
    case 'other':
      return `ignored: ${change.reason}`
    case 'progressed':
      return progressed(ports, change.job, change.percent, change.phase)
    case 'complete':
      if ((await reach(ports, change.job, 100)) === 'missing') return clearAway(ports, change.job)
      return end(ports, change.job, transcoded(change.job, change.output, change.durationMs))
    case 'failed':
      if (!(await find(ports, change.job))) return clearAway(ports, change.job)
      return end(ports, change.job, transcodeFailed(change.job, change))
  }
}

async function progressed(ports: Ports, job: JobMoment, percent: number, phase?: string): Promise<string> {
  const tenth = tenthOf(percent)
  const reached = await reach(ports, job, tenth, phase)
  if (reached === 'missing') {
    // What it stored since, the news of its end clears away.
    await ports.transcoder.cancel(job.jobId)
    return clearAway(ports, job)
  }
  return `${job.labels.mediaId} is at ${tenth} %${reached === 'known' ? ', as was known' : ''}`
}

/**
 * Tells that a tenth was reached, then writes it into the media's document, into a set that only grows: what comes late
 * takes nothing back. Written last, so that it is told again where it could not be told.
 */
async function reach(
  ports: Ports,
  job: JobMoment,
  tenth: number,
  phase?: string,
): Promise<'told' | 'known' | 'missing'> {
  const { mediaId, attempt } = job.labels
  const media = await find(ports, job)
  if (!media) return 'missing'
  const step = `p${tenth}`
  if (media.progress?.[attempt]?.[step] !== undefined) return 'known'
  await say(ports, transcodeProgressed(job, tenth, phase))
  const answer = await ports.readModel.commit([
    {
      kind: 'update',
      path: `media/${mediaId}`,
      fields: [{ path: ['progress', attempt, step], value: new Date(job.time).toISOString() }],
    },
  ])
  return answer === 'missing' ? 'missing' : 'told'
}

/** Tells how a job ended; the copy that it read has served. */
async function end(ports: Ports, { labels }: JobMoment, event: MediaEvent): Promise<string> {
  const said = await say(ports, event)
  await deleteAll(ports, sourceKey(labels))
  return said
}

/** What is left of a job whose media was purged: it had not ended yet, or nobody knew of it, as its try died after the start. */
async function clearAway(ports: Ports, { labels }: JobMoment): Promise<string> {
  for (const { key } of await ports.objects.list(outputPrefix(labels))) await deleteAll(ports, key)
  await deleteAll(ports, sourceKey(labels))
  return 'cleared away: the media is gone'
}

async function deleteAll({ objects }: Ports, key: string): Promise<void> {
  for (const version of await objects.versions(key)) await objects.deleteVersion(version)
}

/** Undefined where it is gone for good. */
async function find({ readModel }: Ports, { labels: { mediaId } }: JobMoment): Promise<MediaDocument | undefined> {
  const [snapshot] = await readModel.get([`media/${mediaId}`])
  const media = snapshot?.data as MediaDocument | undefined
  return media?.purged ? undefined : media
}

async function say({ bus, clock }: Ports, event: MediaEvent): Promise<string> {
  await publish(bus, [event], { sleep: (milliseconds) => clock.sleep(milliseconds) })
  return `${event.meta.type}: ${event.meta.subject}`
}
