import { join } from 'node:path'
import {
  MediaRejectedV1,
  MediaUploadedV1,
  ProcessingFailedV1,
  ThumbnailReadyV2,
  VideoFramesSampledV1,
} from '../../contracts/generated/events.ts'
import type { Frame } from '../../contracts/generated/shapes.ts'
import { LIMITS } from '../../contracts/limits.ts'
import type { RenderPlan } from '../../ports/images/images.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import type { FramePlan, Still } from '../../ports/video/video.ts'
import { defineConsumer } from '../runtime/define-consumer.ts'
import { emit, emitAll } from '../runtime/outcomes.ts'
import { storeForms } from '../runtime/store-forms.ts'
import { THUMBNAILS } from '../runtime/thumbnails.ts'
import { unmade } from '../runtime/unmade.ts'

/** Large enough for the largest thumbnail, and for whoever looks at what it shows. */
export const FRAMES: FramePlan = {
  maxSide: 1280,
  // The first picture of a video is often black, or shows the phone being turned.
  poster: { atMs: 1_000 },
  // With the poster as many as the event holds; docs/moderation.md says what they cost.
  along: { everyMs: 10_000, atLeast: 3, atMost: 31 },
}

/** All that is made of the picture that stands for the video. */
const POSTER: RenderPlan = {
  forms: [...THUMBNAILS, { name: 'poster', maxSide: FRAMES.maxSide, encoding: 'jpeg', quality: 80 }],
  thumbhash: true,
}

export const consumer = defineConsumer({
  name: 'generate-thumbnail',
  description:
    'Makes three sizes of a picture that stands for a video, that picture as a JPEG poster, and a blurred placeholder; ' +
    'samples frames along it, that very picture among them, as nobody sees more of most videos.',
  // Those of a photo come out of the decode that optimize-image makes its other forms of.
  on: [MediaUploadedV1.where({ kind: ['video'] })],
  emits: [ThumbnailReadyV2, VideoFramesSampledV1, MediaRejectedV1, ProcessingFailedV1],
  // A long film of 4K whose keyframes are rare: before each of 31 frames four seconds are decoded, or more.
  resources: { memoryMb: 1536, timeoutSeconds: 140, batchSize: 1, concurrency: 50, scratchMb: 1024 },
  needs: ['objects', 'images', 'video'],
  objectAccess: { reads: ['videos/original/'], writes: ['videos/thumbnails/', 'videos/frames/'] },
  handle({ data: { mediaId, kind, object } }, { objects, images, video }) {
    return video.inScratch(async (scratch) => {
      const file = join(scratch, 'original')
      await objects.download(object, file, LIMITS.video.maxBytes)
      const looked = await video.look(file)
      if (!looked.ok) return unmade(looked)
      const taken = await video.frames({ file, scratch, facts: looked.facts }, FRAMES)
      if (!taken.ok) return unmade(taken)
      const rendered = await images.render(taken.poster.bytes, POSTER)
      // The still was made and looked at here: what is wrong with it isn't the sender's fault.
      if (!rendered.ok) throw new Error(`the still that stands for ${mediaId} can't be used: ${rendered.message}`)

      const recipe = await video.recipe({ frames: FRAMES, images: images.recipe(POSTER) })
      const [thumbnails, frames] = await Promise.all([
        storeForms(objects, `videos/thumbnails/${mediaId}/${recipe}`, rendered),
        storeFrames(objects, `videos/frames/${mediaId}/${recipe}`, eachTimeOnce([taken.poster, ...taken.along])),
      ])
      const placeholder = { kind: 'thumbhash', value: rendered.thumbhash ?? '' }
      return emitAll(
        emit(ThumbnailReadyV2, { mediaId, kind, thumbnails, placeholder }),
        emit(VideoFramesSampledV1, { mediaId, kind, frames }),
      )
    })
  },
})

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
