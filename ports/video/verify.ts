import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LIMITS } from '../../contracts/limits.ts'
import { within } from '../deadline/within.ts'
import { answerTo } from '../ffmpeg/answer.ts'
import { input, output } from '../ffmpeg/arguments.ts'
import { runFfmpeg } from '../ffmpeg/run.ts'
import { boxesOf, flawOf } from './boxes.ts'
import type { Context } from './context.ts'
import { withFile } from './file-source.ts'
import { contradicting, cutOff, nothingToSee } from './refusal.ts'
import { boundsIn } from './run-limits.ts'
import type { Made, VideoFile } from './video.ts'

export interface Expected {
  readonly durationMs: number
  readonly width: number
  readonly height: number
  /** It is made of a stranger's file, whose pictures may come at other times than its index says. */
  readonly ofOriginal?: boolean
}

/** Sound is padded to whole frames, and the last picture's own duration is often a guess. */
const TOLERANCE_MS = 300

/** Seconds at which a file that should last so long is ended: edit lists that repeat themselves never end. */
export function endOf(durationMs: number): number {
  return (durationMs + TOLERANCE_MS / 2) / 1_000
}

/**
 * The finished file, once it was looked at again: a whole MP4 of the size and duration that it should have, with its
 * index first, without personal data, and with pictures that can be decoded at both ends. Where the source ended early
 * or holds no pictures the file is at fault.
 * @throws Error where the tools made something else than they were told: our fault, and nothing may speak of it.
 */
export async function verified(
  context: Context,
  scratch: string,
  file: string,
  expected: Expected,
): Promise<Made<{ readonly video: VideoFile }>> {
  const { size } = await stat(file)
  const { probed, flaw } = await withFile(file, async (source) => ({
    probed: await within(context.deadline, context.probe.probe(source)),
    flaw: source.size > 0 ? flawOf(await boxesOf(source)) : 'it is empty',
  }))
  // ffmpeg ends without an error, and with next to nothing in its file, where no picture of the source was one.
  if (!probed.ok || probed.facts.video === undefined) return nothingToSee()
  if (flaw !== undefined) throw new Error(`what was made is not fit to be handed out: ${flaw}`)
  const { video, durationMs = 0 } = probed.facts
  if (video.codec !== 'h264') throw new Error(`what was made has pictures of ${video.codec}`)
  if (video.width !== expected.width || video.height !== expected.height) {
    const { width, height } = expected
    throw new Error(`what was made has ${video.width} × ${video.height} pixels instead of ${width} × ${height}`)
  }
  if (durationMs < expected.durationMs - TOLERANCE_MS) return cutOff()
  if (durationMs > expected.durationMs + TOLERANCE_MS) {
    if (expected.ofOriginal) return contradicting()
    throw new Error(`what was made lasts ${durationMs} ms instead of ${expected.durationMs}`)
  }
  const decoded = await decodeEnds(context, scratch, file, durationMs)
  if (!decoded.ok) return decoded
  const { width, height } = video
  const bitsPerSecond = Math.round((size * 8_000) / Math.max(1, durationMs))
  return {
    ok: true,
    video: { file, contentType: 'video/mp4', width, height, durationMs, bitsPerSecond, bytes: size },
  }
}

/** Decodes the first keyframe and the last, a few pixels of each, and takes no error in them. */
async function decodeEnds(context: Context, scratch: string, file: string, durationMs: number): Promise<Made<object>> {
  // Where no keyframe lies in what the edit list shows, the one before it is what a player decodes first.
  const whole = ['-ignore_editlist', '1']
  const strict = [...whole, '-threads', '1', '-skip_frame', 'nokey', '-err_detect', 'explode', '-noaccurate_seek']
  const names = ['first.gray', 'last.gray']
  const ran = await runFfmpeg(
    context.ffmpeg,
    [
      // Else the keyframe before the time that was sought would count as too early, and be dropped.
      ...['-xerror', '-copyts', '-start_at_zero'],
      ...['0', String(Math.max(0, durationMs / 1_000 - 0.5))].map((at) => input(file, [...strict, '-ss', at])),
      ...names.map((name, index) => {
        const filter = ['-vf', 'scale=16:16,format=gray', '-f', 'rawvideo']
        return output(name, LIMITS.video.maxSeconds, ['-map', `${index}:V:0`, '-frames:v', '1', ...filter])
      }),
    ],
    { ...boundsIn(context, scratch), maxFileBytes: 1_000_000, maxMemoryMb: 1_536 },
  )
  if (!ran.ok) return answerTo(ran)
  for (const name of names) {
    const { size } = await stat(join(scratch, name))
    if (size !== 256) return nothingToSee()
  }
  return { ok: true }
}
