import { join, posix } from 'node:path'
import { VideoCompressedV1, type VideoStreamReadyV1Data } from '../../contracts/generated/events.ts'
import type { Rung, VideoRendition } from '../../contracts/generated/shapes.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import type { Video } from '../../ports/video/video.ts'
import { emit, type Outcome } from '../runtime/outcomes.ts'
import { storeVideo } from '../runtime/store-video.ts'
import { unmade } from '../runtime/unmade.ts'
import { MAX_SHORT_SIDE } from './limits.ts'
import { filesOf } from './playlist.ts'

const MAX_PLAYLIST_BYTES = 4 * 1024 * 1024
/** Of one rendition: the longest video at the highest rate, with room. */
const MAX_RENDITION_BYTES = 2 * 1024 ** 3

interface Ports {
  readonly objects: Objects
  readonly video: Video
}

/** One file for each rendition that a chat would fetch: its pictures and the sound of all, put together anew. */
export function ofStream(data: VideoStreamReadyV1Data, ports: Ports): Promise<Outcome> {
  const { objects, video } = ports
  const { mediaId, kind, durationMs } = data
  return video.inScratch(async (common) => {
    const folder = `videos/compressed/${mediaId}/${await video.recipe('package')}`
    const sound = data.audio && (await fetchRendition(objects, data.audio, join(common, 'sound')))
    const videos: VideoRendition[] = []
    // One after the other, each gone before the next comes: the disk need not hold them all.
    for (const { name, width, height, playlist } of rungsForFiles(data.rungs)) {
      const made = await video.inScratch(async (scratch) => {
        const pictures = await fetchRendition(objects, playlist, join(scratch, 'pictures'))
        const rendition = { scratch, pictures, ...(sound && { sound }), expected: { durationMs, width, height } }
        const packaged = await video.package(rendition, join(scratch, `${name}.mp4`))
        return packaged.ok ? storeVideo(objects, folder, name, packaged.video) : packaged
      })
      if ('ok' in made) {
        if (made.fault === 'ours') return unmade(made)
        throw new Error(`rendition ${name} of ${mediaId} was verified and can't be put together: ${made.message}`)
      }
      videos.push(made)
    }
    return emit(VideoCompressedV1, { mediaId, kind, videos })
  })
}

/** Those up to 720p; where all are larger, the smallest. */
function rungsForFiles(rungs: readonly Rung[]): readonly Rung[] {
  const chosen = rungs.filter(({ width, height }) => Math.min(width, height) <= MAX_SHORT_SIDE)
  return chosen.length > 0 ? chosen : rungs.slice(-1)
}

/** Fetches all that a playlist names, in its order, to `<file>-0`, `<file>-1` …, and says where they lie. */
async function fetchRendition(objects: Objects, playlist: StoredObject, file: string): Promise<string[]> {
  const text = Buffer.from(await objects.read(playlist, MAX_PLAYLIST_BYTES)).toString('utf8')
  const folder = posix.dirname(playlist.key)
  const stored = new Map((await objects.list(`${folder}/`)).map((object) => [object.key, object]))
  const parts: string[] = []
  for (const [index, name] of filesOf(text).entries()) {
    const part = stored.get(posix.join(folder, name))
    if (part === undefined) throw new Error(`${playlist.key} names ${name}, which does not lie beside it`)
    await objects.download(part, `${file}-${index}`, MAX_RENDITION_BYTES)
    parts.push(`${file}-${index}`)
  }
  if (parts.length === 0) throw new Error(`${playlist.key} names no file`)
  return parts
}
