import type { VideoRendition } from '../../contracts/generated/shapes.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import type { VideoFile } from '../../ports/video/video.ts'

/** Stores a finished video as `<folder>/<name>.mp4`. `folder` holds the media's id and the recipe's digest. */
export async function storeVideo(
  objects: Objects,
  folder: string,
  name: string,
  { file, contentType, width, height, durationMs, bitsPerSecond }: VideoFile,
): Promise<VideoRendition> {
  const object = await objects.putFile(`${folder}/${name}.mp4`, file, { contentType })
  return { name, contentType, width, height, durationMs, bitsPerSecond, object }
}
