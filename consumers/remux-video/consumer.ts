import { join } from 'node:path'
import {
  MediaRejectedV1,
  MediaUploadedV1,
  ProcessingFailedV1,
  VideoRemuxedV1,
} from '../../contracts/generated/events.ts'
import { LIMITS } from '../../contracts/limits.ts'
import { byteSource } from '../../ports/objects/byte-source.ts'
import { defineConsumer } from '../runtime/define-consumer.ts'
import { emit, rejected, skipped } from '../runtime/outcomes.ts'
import { storeVideo } from '../runtime/store-video.ts'
import { unmade } from '../runtime/unmade.ts'

export const consumer = defineConsumer({
  name: 'remux-video',
  description:
    'Stores a video’s own pictures and sound as a file that plays at once, long before its stream is made; skips what others could not play so.',
  on: [MediaUploadedV1.where({ kind: ['video'] })],
  emits: [VideoRemuxedV1, MediaRejectedV1, ProcessingFailedV1],
  resources: { memoryMb: 1024, timeoutSeconds: 120, batchSize: 1, concurrency: 20, scratchMb: 2048 },
  needs: ['objects', 'video'],
  objectAccess: { reads: ['videos/original/'], writes: ['videos/compressed/'] },
  async handle({ data: { mediaId, kind, object } }, { objects, video }) {
    const foreseen = await video.foresee(byteSource(objects, object))
    if (!foreseen.ok) return rejected(foreseen)
    if (foreseen.unfit !== undefined) return skipped(whyNot(foreseen.unfit))
    return video.inScratch(async (scratch) => {
      const file = join(scratch, 'original')
      await objects.download(object, file, LIMITS.video.maxBytes)
      const looked = await video.look(file)
      if (!looked.ok) return unmade(looked)
      const remuxed = await video.remux({ file, scratch, facts: looked.facts }, join(scratch, 'source.mp4'))
      // Whether a video that can't be copied can be shown at all is for those to say who decode it.
      if (!remuxed.ok) return remuxed.fault === 'file' ? skipped(whyNot(remuxed.message)) : unmade(remuxed)
      if ('unfit' in remuxed) return skipped(whyNot(remuxed.unfit))
      const recipe = await video.recipe('remux')
      const rendition = await storeVideo(objects, `videos/compressed/${mediaId}/${recipe}`, 'source', remuxed.video)
      return emit(VideoRemuxedV1, { mediaId, kind, video: rendition })
    })
  },
})

function whyNot(reason: string): string {
  return `The video has to be encoded before others can play it: ${reason}`
}
