import { fold } from '../../contracts/fold.ts'
import { parseRun } from '../../contracts/run.ts'
import type { Cloud } from './cloud.ts'
import { Broken } from './judge.ts'
import type { Upload } from './uploads.ts'

/** What was transcoded to the end, and could be heard of, is the stream of a video that others see. */
export function judgeJobs(cloud: Cloud, { mediaId }: Upload): void {
  const media = cloud.media(mediaId)
  if (!media || fold(media).status !== 'ready') return
  const done = cloud.jobs.runsDone(mediaId)
  const finished = media.steps['finish-transcode'] ?? {}
  const isStreamed = Object.values(finished).some(({ stream }) => stream !== undefined)
  if (done.length > 0 && !isStreamed) throw new Broken('I18', `${mediaId} was transcoded, and its stream is nobody’s`)
  // Deleted or rejected meanwhile, it may have missed what it was forced to.
  if (media.life > 0 || media.overrides) return
  const unfinished = done.find((run) => parseRun(run).epoch > 0 && !finished[run])
  if (unfinished !== undefined) throw new Broken('I8', `${mediaId} was forced to ${unfinished}, and has no such stream`)
}
