import { join } from 'node:path'
import { type MediaUploadedV1Data, VideoCompressedV1 } from '../../contracts/generated/events.ts'
import type { VideoRendition } from '../../contracts/generated/shapes.ts'
import { LIMITS } from '../../contracts/limits.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import { processorSeconds } from '../../ports/video/encode-cost.ts'
import { LADDER, rungsFor } from '../../ports/video/ladder.ts'
import type { FilmFacts, Rung, Video } from '../../ports/video/video.ts'
import { emit, failed, type Outcome } from '../runtime/outcomes.ts'
import { storeVideo } from '../runtime/store-video.ts'
import { unmade } from '../runtime/unmade.ts'
import { MAX_PROCESSOR_SECONDS, MAX_SHORT_SIDE } from './limits.ts'

interface Ports {
  readonly objects: Objects
  readonly video: Video
}

/** Without a stream: the original as it is where everybody can play it, else encoded here. */
export function ofSource(
  { mediaId, kind }: Pick<MediaUploadedV1Data, 'mediaId' | 'kind'>,
  original: StoredObject,
  { objects, video }: Ports,
): Promise<Outcome> {
  return video.inScratch(async (scratch) => {
    const file = join(scratch, 'original')
    await objects.download(original, file, LIMITS.video.maxBytes)
    const looked = await video.look(file)
    if (!looked.ok) return unmade(looked)
    const source = { file, scratch, facts: looked.facts }

    const taken = await video.remux(source, join(scratch, 'source.mp4'))
    if (taken.ok && 'video' in taken) {
      const folder = `videos/compressed/${mediaId}/${await video.recipe('remux')}`
      const videos = [await storeVideo(objects, folder, 'source', taken.video)]
      return emit(VideoCompressedV1, { mediaId, kind, videos })
    }
    if (!taken.ok && taken.fault === 'ours') return unmade(taken)

    const rungs = rungsToEncode(looked.facts)
    if (rungs.length === 0) return failed(tooMuchToEncode(looked.facts))
    const encoded = await video.encode(source, rungs, ({ name }) => join(scratch, `${name}.mp4`))
    if (!encoded.ok) return unmade(encoded)
    const folder = `videos/compressed/${mediaId}/${await video.recipe({ encode: rungs })}`
    const videos: VideoRendition[] = []
    for (const [index, made] of encoded.videos.entries()) {
      videos.push(await storeVideo(objects, folder, rungs[index]?.name ?? `${index}`, made))
    }
    return emit(VideoCompressedV1, { mediaId, kind, videos })
  })
}

/** Best first: as many of the smaller ones as a function encodes in its time; none where even the smallest takes longer. */
export function rungsToEncode(facts: FilmFacts): readonly Rung[] {
  const files = LADDER.filter(({ shortSide }) => shortSide <= MAX_SHORT_SIDE)
  const rungs = rungsFor(facts.video, files)
  const from = rungs.findIndex((_, index) => processorSeconds(facts, rungs.slice(index)) <= MAX_PROCESSOR_SECONDS)
  return from < 0 ? [] : rungs.slice(from)
}

/** A limit of ours: the video may be sound, and the transcoder may take it another time. */
function tooMuchToEncode({ durationMs, video: { width, height } }: FilmFacts) {
  const minutes = Math.ceil(durationMs / 60_000)
  return {
    code: 'transcode-failed',
    message:
      `No stream could be made of the video, and ${minutes} minutes of ${width} × ${height} are more than can be ` +
      'converted without one: send a shorter part of it, or export it as MP4 (H.264 and AAC) in 1080p or less.',
  }
}
