import { join } from 'node:path'
import { type TranscodeFailedV1Data, VideoCompressedV1 } from '../../contracts/generated/events.ts'
import type { VideoRendition } from '../../contracts/generated/shapes.ts'
import { LIMITS } from '../../contracts/limits.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import { LADDER, rungsFor } from '../../ports/video/ladder.ts'
import type { FilmFacts, Rung, Video } from '../../ports/video/video.ts'
import { emit, type Outcome } from '../runtime/outcomes.ts'
import { storeVideo } from '../runtime/store-video.ts'
import { unmade } from '../runtime/unmade.ts'

/**
 * How many of the lower rungs a function encodes in its time: three take some 1.4 processor seconds for each second of
 * a 1080p video, two 0.9, one 0.6; it has 400.
 */
const PATIENCE: readonly { readonly uptoSeconds: number; readonly rungs: number }[] = [
  { uptoSeconds: 240, rungs: 3 },
  { uptoSeconds: 400, rungs: 2 },
  { uptoSeconds: Number.POSITIVE_INFINITY, rungs: 1 },
]

interface Ports {
  readonly objects: Objects
  readonly video: Video
}

/** Without a stream: the original as it is where everybody can play it, else encoded here. */
export function ofSource(
  { mediaId, kind }: TranscodeFailedV1Data,
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

/** Best first; 1080p is for streaming. */
export function rungsToEncode({ durationMs, video }: FilmFacts): readonly Rung[] {
  const count = PATIENCE.find(({ uptoSeconds }) => durationMs <= uptoSeconds * 1_000)?.rungs ?? 1
  return rungsFor(video, LADDER.slice(1)).slice(-count)
}
