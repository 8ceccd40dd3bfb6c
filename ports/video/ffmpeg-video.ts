import { byDeadline, sooner } from '../deadline/by-deadline.ts'
import { within } from '../deadline/within.ts'
import { once } from '../environment/environment.ts'
import type { Ffmpeg, Missing } from '../ffmpeg/find.ts'
import { inScratch } from '../ffmpeg/scratch.ts'
import type { Probe } from '../probe/probe.ts'
import { film } from './animation.ts'
import type { Context } from './context.ts'
import { packageMp4, remux } from './copy.ts'
import { encode } from './encode.ts'
import { frames } from './frames.ts'
import { foresee, look } from './look.ts'
import { recipeOf } from './recipe.ts'
import type { Fault, Refusal, Video } from './video.ts'

export interface FfmpegVideoOptions {
  /** Asked once, at the first use: finding it starts it a few times. */
  readonly ffmpeg: () => Promise<Ffmpeg | Missing>
  readonly probe: Probe
  /** How long one run that encodes may take; 240 by default, which leaves a function of 300 time for all else. */
  readonly encodeSeconds?: number
  /** How long a film of an animation may take in all; 25 by default, some three times what the largest one needs. */
  readonly filmSeconds?: number
  /** Hears why an animation stands still: a picture can do without its film, and nobody else would be told. */
  readonly onStill?: (why: Refusal | Fault) => void
}

/** Videos by ffmpeg, as a process of its own for each operation: see ports/ffmpeg for what it is shut in by. */
export function ffmpegVideo({
  ffmpeg,
  probe,
  encodeSeconds = 240,
  filmSeconds = 25,
  onStill,
}: FfmpegVideoOptions): Video {
  const context = once(async (): Promise<Context> => ({ ffmpeg: await ffmpeg(), probe, encodeSeconds, filmSeconds }))
  const until = (deadline?: AbortSignal): Video => {
    const done = <T>(work: (context: Context) => Promise<T>) =>
      byDeadline(deadline, async () => work({ ...(await within(deadline, context())), ...(deadline && { deadline }) }))
    return {
      inScratch: (work) => inScratch(work),
      look: (file) => done((context) => look(context, file)),
      foresee: (source) => done((context) => foresee(context, source)),
      frames: (source, plan) => done((context) => frames(context, source, plan)),
      remux: (source, target) => done((context) => remux(context, source, target)),
      package: (rendition, target) => done((context) => packageMp4(context, rendition, target)),
      encode: (source, rungs, fileOf) => done((context) => encode(context, source, rungs, fileOf)),
      async film(animation, target, plan) {
        const filmed = await done((context) => film(context, animation, target, plan))
        if (!filmed.ok) onStill?.(filmed)
        return filmed
      },
      until: (other) => until(sooner(deadline, other)),
      recipe: async (settings) => recipeOf(settings, (await context()).ffmpeg),
    }
  }
  return until()
}
