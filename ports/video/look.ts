import { dirname } from 'node:path'
import { LIMITS } from '../../contracts/limits.ts'
import { within } from '../deadline/within.ts'
import { answerTo } from '../ffmpeg/answer.ts'
import { input, output } from '../ffmpeg/arguments.ts'
import { runFfmpeg } from '../ffmpeg/run.ts'
import type { ByteSource, MediaFacts } from '../probe/probe.ts'
import type { Context } from './context.ts'
import { withFile } from './file-source.ts'
import { unfitness } from './fit.ts'
import { cutOff, noPictures, tooLong, tooManyPixels } from './refusal.ts'
import { boundsIn } from './run-limits.ts'
import type { FilmFacts, Foreseen, Made, Refusal } from './video.ts'

/** What a video says of itself, where it is within the limits; how long it plays is found out where it doesn't say. */
export async function look(context: Context, file: string): Promise<Made<{ readonly facts: FilmFacts }>> {
  const probed = await withFile(file, (source) => probe(context, source))
  if (!probed.ok) return probed
  const duration = await durationOf(context, file, probed.facts.durationMs)
  if (!duration.ok) return duration
  const { durationMs } = duration
  if (durationMs > LIMITS.video.maxSeconds * 1_000) return tooLong(durationMs)
  return { ok: true, facts: { ...probed.facts, durationMs } }
}

/** Whether others could play it as it is; where it doesn't say how long it plays, that stays open. */
export async function foresee(context: Context, source: ByteSource): Promise<Foreseen> {
  const probed = await probe(context, source)
  if (!probed.ok) return probed
  const { durationMs } = probed.facts
  if (durationMs === undefined) return { ok: true }
  if (durationMs > LIMITS.video.maxSeconds * 1_000) return tooLong(durationMs)
  const unfit = unfitness({ ...probed.facts, durationMs }, source.size)
  return { ok: true, ...(unfit !== undefined && { unfit }) }
}

type Film = Omit<FilmFacts, 'durationMs'> & Pick<MediaFacts, 'durationMs'>

async function probe(
  context: Context,
  source: ByteSource,
): Promise<{ readonly ok: true; readonly facts: Film } | Refusal> {
  const probed = await within(context.deadline, context.probe.probe(source))
  if (!probed.ok) return { ok: false, fault: 'file', code: probed.code, message: probed.message }
  const { video } = probed.facts
  if (video === undefined) return noPictures()
  if (video.width * video.height > LIMITS.video.maxPixels) return tooManyPixels(video.width, video.height)
  return { ok: true, facts: { ...probed.facts, video } }
}

/** As the file says; else until its pictures end. */
async function durationOf(
  context: Context,
  file: string,
  known: number | undefined,
): Promise<Made<{ readonly durationMs: number }>> {
  if (known !== undefined && known > 0) return { ok: true, durationMs: known }
  const pictures = await picturesDuration(context, file)
  return pictures.ok && pictures.durationMs === 0 ? cutOff() : pictures
}

/**
 * Until the last picture, found by reading the file through without decoding: what browsers record names no duration, and
 * an index may name the sound's alone. 0 where there is one picture.
 */
export async function picturesDuration(context: Context, file: string): Promise<Made<{ readonly durationMs: number }>> {
  let seconds = 0
  const maxSeconds = LIMITS.video.maxSeconds + 60
  const ran = await runFfmpeg(
    context.ffmpeg,
    [input(file), output('-', maxSeconds, ['-map', '0:V:0', '-c', 'copy', '-f', 'null'])],
    {
      ...boundsIn(context, dirname(file)),
      maxFileBytes: LIMITS.video.maxBytes * 2,
      maxMemoryMb: 1_024,
      onProgress: (progress) => {
        seconds = progress.seconds
      },
    },
  )
  if (!ran.ok) return answerTo(ran)
  return { ok: true, durationMs: Math.max(0, Math.round(seconds * 1_000)) }
}
