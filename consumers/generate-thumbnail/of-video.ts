import { join } from 'node:path'
import { type MediaUploadedV1Data, ThumbnailReadyV2, VideoFramesSampledV1 } from '../../contracts/generated/events.ts'
import type { Frame } from '../../contracts/generated/shapes.ts'
import { LIMITS } from '../../contracts/limits.ts'
import type { Images, RenderPlan } from '../../ports/images/images.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import type { FramePlan, Still, Video } from '../../ports/video/video.ts'
import { emit, emitAll, type Outcome } from '../runtime/outcomes.ts'
import { storeForms } from '../runtime/store-forms.ts'
import { unmade } from '../runtime/unmade.ts'

/** Large enough for the largest thumbnail, and for whoever looks at what it shows. */
export const FRAMES: FramePlan = {
  maxSide: 1280,
  // The first picture of a video is often black, or shows the phone being turned.
  poster: { atMs: 1_000 },
  // With the poster as many as the event holds; docs/moderation.md says what they cost.
  along: { everyMs: 10_000, atLeast: 3, atMost: 31 },
}

/**
 * Thumbnails of a picture that stands for the video, that picture as a JPEG poster, and frames along it: that very
 * picture among them, as nobody sees more of most videos.
 */
export function ofVideo(
  { mediaId, kind, object }: MediaUploadedV1Data,
  { objects, images, video }: { readonly objects: Objects; readonly images: Images; readonly video: Video },
  thumbnails: RenderPlan,
): Promise<Outcome> {
  const plan: RenderPlan = {
    ...thumbnails,
    forms: [...thumbnails.forms, { name: 'poster', maxSide: FRAMES.maxSide, encoding: 'jpeg', quality: 80 }],
  }
  return video.inScratch(async (scratch) => {
    const file = join(scratch, 'original')
    await objects.download(object, file, LIMITS.video.maxBytes)
    const looked = await video.look(file)
    if (!looked.ok) return unmade(looked)
    const taken = await video.frames({ file, scratch, facts: looked.facts }, FRAMES)
    if (!taken.ok) return unmade(taken)
    const rendered = await images.render(taken.poster.bytes, plan)
    // The still was made and looked at here: what is wrong with it isn't the sender's fault.
    if (!rendered.ok) throw new Error(`the still that stands for ${mediaId} can't be used: ${rendered.message}`)

    const recipe = await video.recipe({ frames: FRAMES, images: images.recipe(plan) })
    const [stored, frames] = await Promise.all([
      storeForms(objects, `videos/thumbnails/${mediaId}/${recipe}`, rendered),
      storeFrames(objects, `videos/frames/${mediaId}/${recipe}`, eachTimeOnce([taken.poster, ...taken.along])),
    ])
    const placeholder = { kind: 'thumbhash', value: rendered.thumbhash ?? '' }
    return emitAll(
      emit(ThumbnailReadyV2, { mediaId, kind, thumbnails: stored, placeholder }),
      emit(VideoFramesSampledV1, { mediaId, kind, frames }),
    )
  })
}

/** In the video's order; of two at one time the first of the list. */
function eachTimeOnce(stills: readonly Still[]): readonly Still[] {
  const byTime = new Map(stills.toReversed().map((still) => [still.atMs, still]))
  return [...byTime.values()].sort((a, b) => a.atMs - b.atMs)
}

function storeFrames(objects: Objects, folder: string, stills: readonly Still[]): Promise<Frame[]> {
  return Promise.all(
    stills.map(async ({ atMs, width, height, bytes }) => {
      const object = await objects.put(`${folder}/${atMs}.jpg`, bytes, { contentType: 'image/jpeg' })
      return { atMs, width, height, object }
    }),
  )
}
