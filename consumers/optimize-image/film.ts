import { join } from 'node:path'
import type { Rendition } from '../../contracts/generated/shapes.ts'
import { LIMITS } from '../../contracts/limits.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Animation } from '../../ports/images/images.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import type { FramePlan, Still, Video } from '../../ports/video/video.ts'

/** What a film shows is looked at before others see it, as of any video. */
const STILLS: FramePlan = {
  maxSide: 1024,
  poster: { atMs: 0 },
  along: { everyMs: 10_000, atLeast: 4, atMost: 12 },
}

export interface StoredFilm {
  readonly variant: Rendition
  readonly stills: readonly Rendition[]
}

/**
 * An animation that is too large to stay moving as a picture, as an MP4 below `folder`, and stills along it. Undefined
 * where none can be made, such as on a machine without ffmpeg: its first frame is shown then.
 */
export async function storeFilm(
  { objects, video }: { readonly objects: Objects; readonly video: Video },
  folder: string,
  original: StoredObject,
  { format, ...animation }: Animation,
): Promise<StoredFilm | undefined> {
  // ffmpeg up to 7 reads no animated WebP.
  if (format !== 'gif') return undefined
  return video.inScratch(async (scratch) => {
    const file = join(scratch, 'original')
    await objects.download(original, file, LIMITS.image.maxBytes)
    const filmed = await video.film({ ...animation, file, scratch }, join(scratch, 'film.mp4'), STILLS)
    if (!filmed.ok) return undefined
    const below = `${folder}/${await video.recipe({ film: STILLS })}`
    const { contentType, ...made } = filmed.video
    const object = await objects.putFile(`${below}/mp4.mp4`, made.file, { contentType })
    return {
      variant: { name: 'mp4', contentType, width: made.width, height: made.height, object },
      stills: await Promise.all(filmed.stills.map((still, at) => storeStill(objects, below, `still-${at + 1}`, still))),
    }
  })
}

async function storeStill(
  objects: Objects,
  below: string,
  name: string,
  { width, height, bytes }: Still,
): Promise<Rendition> {
  const contentType = 'image/jpeg'
  return { name, contentType, width, height, object: await objects.put(`${below}/${name}.jpg`, bytes, { contentType }) }
}
