import { isDeepStrictEqual } from 'node:util'
import type { MediaDocument, StepRun } from '../../contracts/generated/documents.ts'
import {
  MediaUploadedV1,
  type ModerationOverriddenV1Data,
  type VideoTranscodeProgressedV1Data,
} from '../../contracts/generated/events.ts'
import { type ProjectedEvent, project } from '../../contracts/project.ts'
import type { MediaEvent } from '../../events/envelope.ts'
import { parseEvent } from '../../events/parse.ts'
import { isWanted } from '../../events/pattern.ts'
import { type Cloud, CONSUMERS } from './cloud.ts'
import { Broken, FACTS } from './judge.ts'
import { isStopped } from './judge-rest.ts'
import type { Plan } from './plan.ts'

/** What is said of any step, and names it. */
const OF_ANY_STEP = ['MediaRejected', 'ProcessingFailed', ...FACTS]

/** The step whose result an event is: of those that say it the one that works on this kind of media. */
function stepOf({ meta, data }: MediaEvent): string | undefined {
  const { step, kind } = data as { readonly step?: string; readonly kind?: string }
  if (OF_ANY_STEP.includes(meta.type)) return step
  const sayers = CONSUMERS.filter(({ emits }) => emits.some(({ name }) => name === meta.type))
  const upload = { event: { meta, data: { kind } }, contract: MediaUploadedV1 }
  return (sayers.length > 1 ? sayers.find(({ on }) => isWanted(on, upload)) : sayers[0])?.name
}

/** The archive alone, read by today's build, gives the same steps as the read model has. */
export function judgeRebuild(cloud: Cloud, plan: Plan): void {
  const isFrozen = plan.faults.some(({ kind }) => kind === 'frozen')
  const archived = archivedResults(cloud)
  for (const { path, data } of cloud.store.below('media')) {
    const media = cloud.media(path.slice('media/'.length))
    if (!media || cloud.purged.has(media.mediaId)) continue
    // As `judgeRest` has it: what a function out of time wrote may be unsaid until a restore or a retry.
    if (isFrozen && isStopped(media)) continue
    judgeFacts(cloud, media)
    for (const [step, runs] of Object.entries(data['steps'] ?? {})) {
      for (const [run, result] of Object.entries(runs as Readonly<Record<string, StepRun>>)) {
        if (!isGiven(result, archived.get(`${media.mediaId} ${step} ${run}`) ?? [])) {
          throw new Broken('I7', `${path} has a result of ${step} ${run} that the archive does not give`)
        }
      }
    }
  }
}

/** What is no step's: people's decisions, and how far jobs have come. */
function judgeFacts(cloud: Cloud, { mediaId, overrides = {}, progress = {} }: MediaDocument): void {
  const told = cloud.judge.said.filter(({ event }) => event.meta.subject === mediaId).map(({ event }) => event.data)
  for (const [number, { verdict, versionId }] of Object.entries(overrides)) {
    const isTold = (told as readonly Partial<ModerationOverriddenV1Data>[]).some(
      (data) => data.number === Number(number) && data.verdict === verdict && data.object?.versionId === versionId,
    )
    if (!isTold) throw new Broken('I7', `decision ${number} on ${mediaId} was never told`)
  }
  for (const [attempt, reached] of Object.entries(progress)) {
    for (const mark of Object.keys(reached)) {
      const isTold = (told as readonly Partial<VideoTranscodeProgressedV1Data>[]).some(
        (data) => data.attempt === attempt && `p${data.percent}` === mark,
      )
      if (!isTold) throw new Broken('I7', `that ${mediaId} came to ${mark} was never told`)
    }
  }
}

/** What was said of each run of each step, each fact once. */
function archivedResults(cloud: Cloud): ReadonlyMap<string, readonly ProjectedEvent[]> {
  const results = new Map<string, Map<string, ProjectedEvent>>()
  for (const { detail, detailType } of cloud.archive) {
    const parsed = parseEvent(detail, detailType)
    if (!parsed.ok) throw new Broken('I8', `the archive holds what nobody can read: ${parsed.problem}`)
    const { meta, data } = parsed.event
    const step = stepOf(parsed.event)
    if (step === undefined) continue
    const key = `${meta.subject} ${step} ${meta.run}`
    const known = results.get(key) ?? new Map<string, ProjectedEvent>()
    results.set(key, known.set(meta.id, { detailType: parsed.contract.detailType, time: meta.time, data }))
  }
  return new Map([...results].map(([key, known]) => [key, [...known.values()]]))
}

/** A refusal counts before the verdict that is told beside it; of failures, which may be several, any one does. */
function isGiven(result: StepRun, told: readonly ProjectedEvent[]): boolean {
  const isOf = (name: string) => (event: ProjectedEvent) => event.detailType.startsWith(`${name}.`)
  const failures = told.filter(isOf('ProcessingFailed'))
  if (result.outcome === 'failed') return failures.some((event) => isDeepStrictEqual(project([event]), result))
  const refusals = told.filter(isOf('MediaRejected'))
  const others = told.filter((event) => !failures.includes(event) && !refusals.includes(event))
  const all = [...others, ...refusals]
  return all.length > 0 && isDeepStrictEqual(project(all), result)
}
