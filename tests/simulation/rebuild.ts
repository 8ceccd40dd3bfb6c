import { isDeepStrictEqual } from 'node:util'
import { isDeleted } from '../../contracts/fold.ts'
import type { StepRun } from '../../contracts/generated/documents.ts'
import { project } from '../../contracts/project.ts'
import { parseEvent } from '../../events/parse.ts'
import { type Cloud, CONSUMERS } from './cloud.ts'
import { Broken } from './judge.ts'
import type { Plan } from './plan.ts'

const STEPS = new Map(
  CONSUMERS.flatMap(({ name, emits }) =>
    emits.flatMap((contract) => (contract.name === 'MediaRejected' ? [] : [[contract.name, name] as const])),
  ),
)

/** The archive alone, read by today's build, gives the same steps as the read model has. */
export function judgeRebuild(cloud: Cloud, plan: Plan): void {
  const isFrozen = plan.faults.some(({ kind }) => kind === 'frozen')
  const rebuilt = new Map<string, StepRun>()
  for (const { detail, detailType } of cloud.archive) {
    const parsed = parseEvent(detail, detailType)
    if (!parsed.ok) throw new Broken('I8', `the archive holds what nobody can read: ${parsed.problem}`)
    const { meta, data } = parsed.event
    const step = STEPS.get(meta.type) ?? (data as { readonly step?: string }).step
    if (step === undefined) continue
    const key = `${meta.subject} ${step} ${meta.run}`
    // A step that was given up may have ended all the same, later.
    if (meta.type === 'ProcessingFailed' && rebuilt.get(key)) continue
    rebuilt.set(key, project([{ detailType: parsed.contract.detailType, time: meta.time, data }]))
  }
  for (const { path, data } of cloud.store.below('media')) {
    const media = cloud.media(path.slice('media/'.length))
    if (!media || cloud.purged.has(media.mediaId)) continue
    // As `judgeRest` has it: what a function out of time wrote may be unsaid until a restore.
    if (isDeleted(media) && isFrozen) continue
    for (const [step, runs] of Object.entries(data['steps'] ?? {})) {
      for (const [run, result] of Object.entries(runs)) {
        const again = rebuilt.get(`${media.mediaId} ${step} ${run}`)
        if (!isDeepStrictEqual(again, result)) {
          throw new Broken('I7', `${path} has a result of ${step} ${run} that the archive does not give`)
        }
      }
    }
  }
}
