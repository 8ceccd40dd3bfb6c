import { join } from 'node:path'
import {
  MediaRejectedV1,
  MediaUploadedV1,
  ProcessingFailedV1,
  VideoRemuxedV1,
  VideoRemuxSkippedV1,
  type VideoRemuxSkippedV1Data,
} from '../../contracts/generated/events.ts'
import { LIMITS } from '../../contracts/limits.ts'
import { byteSource } from '../../ports/objects/byte-source.ts'
import { defineConsumer } from '../runtime/define-consumer.ts'
import { emit, shortened } from '../runtime/outcomes.ts'
import { storeVideo } from '../runtime/store-video.ts'
import { unmade } from '../runtime/unmade.ts'

const WHY_NOT = 'The video has to be encoded before others can play it'

export const consumer = defineConsumer({
  name: 'remux-video',
  description:
    'Stores a video’s own pictures and sound as a file that plays at once, long before its stream is made; where others could not play it so, says that instead.',
  on: [MediaUploadedV1.where({ kind: ['video'] })],
  emits: [VideoRemuxedV1, VideoRemuxSkippedV1, MediaRejectedV1, ProcessingFailedV1],
  resources: { memoryMb: 1024, timeoutSeconds: 120, batchSize: 1, concurrency: 20, scratchMb: 2048 },
  needs: ['objects', 'video'],
  objectAccess: { reads: ['videos/original/'], writes: ['videos/compressed/'] },
  async handle({ data: { mediaId, kind, object } }, { objects, video }) {
    const skip = (code: VideoRemuxSkippedV1Data['code'], reason: string) =>
      emit(VideoRemuxSkippedV1, { mediaId, kind, code, message: shortened(`${WHY_NOT}: ${reason}`) })
    const foreseen = await video.foresee(byteSource(objects, object))
    if (!foreseen.ok) return unmade(foreseen)
    if (foreseen.unfit !== undefined) return skip('unfit', foreseen.unfit)
    return video.inScratch(async (scratch) => {
      const file = join(scratch, 'original')
      await objects.download(object, file, LIMITS.video.maxBytes)
      const looked = await video.look(file)
      if (!looked.ok) return unmade(looked)
      const remuxed = await video.remux({ file, scratch, facts: looked.facts }, join(scratch, 'source.mp4'))
      // Whether a video that can't be copied can be shown at all is for those to say who decode it.
      if (!remuxed.ok) return remuxed.fault === 'file' ? skip('uncopyable', remuxed.message) : unmade(remuxed)
      if ('unfit' in remuxed) return skip('unfit', remuxed.unfit)
      const recipe = await video.recipe('remux')
      const rendition = await storeVideo(objects, `videos/compressed/${mediaId}/${recipe}`, 'source', remuxed.video)
      return emit(VideoRemuxedV1, { mediaId, kind, video: rendition })
    })
  },
})
