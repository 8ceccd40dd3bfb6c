import { LIMITS } from '../../contracts/limits.ts'
import { byDeadline, sooner } from '../deadline/by-deadline.ts'
import { type Argument, input, output } from '../ffmpeg/arguments.ts'
import { runFfmpeg } from '../ffmpeg/run.ts'
import type { Context } from './context.ts'
import { AS_MP4 } from './copy.ts'
import { frames } from './frames.ts'
import { type Size, sizeOn, sizeWithin } from './ladder.ts'
import { look } from './look.ts'
import { cutOff } from './refusal.ts'
import { boundsIn } from './run-limits.ts'
import { verified } from './verify.ts'
import type { AnimationFile, Fault, Filmed, FramePlan, Made } from './video.ts'

/** What is longer ends there: a GIF may show each of its pictures for eleven minutes. */
const MAX_SECONDS = 60
const MAX_SIZE = { shortSide: 720, longSide: 1_920 } as const
const MAX_BITS_PER_SECOND = 2_800_000

/**
 * A GIF as an MP4 that plays from its first bytes on, without sound, each picture as long as it is shown there; what is
 * transparent is white. Whatever goes wrong is an answer, a deadline that has passed among it: the picture that stands
 * still is there already.
 */
export async function film(
  context: Context,
  animation: AnimationFile,
  target: string,
  plan: FramePlan,
): Promise<Filmed> {
  const deadline = sooner(context.deadline, AbortSignal.timeout(context.filmSeconds * 1_000))
  return byDeadline(deadline, () => filmed({ ...context, deadline }, animation, target, plan)).catch(failed)
}

function failed(error: unknown): Fault {
  const message = error instanceof Error ? error.message : String(error)
  return { ok: false, fault: 'ours', code: 'film-failed', message: `No film was made of an animation: ${message}` }
}

async function filmed(context: Context, animation: AnimationFile, target: string, plan: FramePlan): Promise<Filmed> {
  const { scratch } = animation
  const written = await write(context, animation, target)
  if (!written.ok) return written
  const looked = await look(context, target)
  if (!looked.ok) return looked
  const { facts } = looked
  // ffmpeg passes over pictures that it can't read.
  if (written.pictures < animation.delaysMs.length && shownFor(animation) <= MAX_SECONDS * 1_000) return cutOff()
  const made = await verified(context, scratch, target, { ...filmSize(animation), durationMs: facts.durationMs })
  if (!made.ok) return made
  const taken = await frames(context, { file: target, scratch, facts }, plan)
  if (!taken.ok) return taken
  return { ok: true, video: made.video, stills: taken.along }
}

async function write(
  context: Context,
  animation: AnimationFile,
  target: string,
): Promise<Made<{ readonly pictures: number }>> {
  let pictures = 0
  const ran = await runFfmpeg(context.ffmpeg, words(animation, target), {
    ...boundsIn(context, animation.scratch),
    maxFileBytes: (MAX_BITS_PER_SECOND / 8) * MAX_SECONDS * 1.5,
    maxMemoryMb: 1_536,
    onProgress: (progress) => {
      pictures = progress.frames ?? pictures
    },
  })
  // Not by `answerTo`, for which some failures are worth another try.
  if (!ran.ok) return { ok: false, fault: ran.fault, code: ran.code, message: ran.message }
  return { ok: true, pictures }
}

/** As browsers and ffmpeg have it: who names less than 20 ms means 100. */
const shown = (delayMs = 0) => (delayMs < 20 ? 100 : delayMs)
const shownFor = ({ delaysMs }: AnimationFile) => delaysMs.reduce((sum, delayMs) => sum + shown(delayMs), 0)

function words(animation: AnimationFile, target: string): Argument[] {
  const { width, height } = filmSize(animation)
  const { delaysMs } = animation
  // A film ends where its last picture begins: once more the same, when its time is over.
  const held = `if(eq(N,${delaysMs.length}),PREV_OUTPTS+${shown(delaysMs.at(-1)) / 1_000}/TB,PTS)`
  const scale = `scale=${width}:${height}:flags=bicubic,setsar=1,format=yuv420p`
  return [
    input(animation.file),
    output(target, MAX_SECONDS, [
      // A picture as often as the GIF has a new one, and times as exact as its own; ffmpeg's choice is an even rhythm.
      ...['-vsync', 'vfr', '-enc_time_base', '1:100', '-frames:v', String(LIMITS.image.maxFrames + 1)],
      ...['-map', '0:V:0', '-vf', `${scale},tpad=stop=1:stop_mode=clone,setpts='${held}'`],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-profile:v', 'high'],
      ...['-g', String(pictureGroup(animation)), '-force_key_frames', 'expr:gte(t,n_forced*2)', '-sc_threshold', '0'],
      ...['-maxrate', String(MAX_BITS_PER_SECOND), '-bufsize', String(2 * MAX_BITS_PER_SECOND)],
      ...AS_MP4,
    ]),
  ]
}

/** How often a picture stands for itself: often enough that stills along a short film are of different pictures. */
function pictureGroup({ delaysMs }: AnimationFile): number {
  return Math.max(1, Math.min(50, Math.floor(delaysMs.length / 8)))
}

/** In even numbers, as H.264's chroma wants them; never enlarged, but for a single row of pixels. */
export function filmSize(size: Size): Size {
  return sizeOn(sizeWithin(size, MAX_SIZE.longSide), MAX_SIZE)
}
