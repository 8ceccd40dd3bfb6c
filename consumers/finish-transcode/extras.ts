import type { VideoStreamReadyV1Data } from '../../contracts/generated/events.ts'
import { FRAME_NAME, LADDER, OUTPUT_NAMES } from '../../ports/transcoder/ladder.ts'
import { jpegSize } from '../../ports/video/jpeg-size.ts'
import { PlaylistError } from './playlist.ts'
import type { StoredStream } from './stored-stream.ts'

/**
 * The DASH manifest, once every file that it names outright lies there.
 * @throws PlaylistError
 */
export async function readDash(stored: StoredStream): Promise<Pick<VideoStreamReadyV1Data, 'dash'>> {
  const name = OUTPUT_NAMES.dash
  const text = await stored.text(name)
  if (!/<MPD[\s>]/.test(text)) throw new PlaylistError(`${name} is no DASH manifest`)
  for (const [, file = ''] of text.matchAll(/<BaseURL>([^<]+)<\/BaseURL>/g)) stored.whole(file)
  return { dash: stored.whole(name) }
}

/**
 * Pictures at intervals, none where the stream has none. All have one size: the first tells it.
 * @throws PlaylistError
 */
export async function readFrames(stored: StoredStream): Promise<Pick<VideoStreamReadyV1Data, 'frames'>> {
  const found = stored.names
    .flatMap((name) => {
      const number = FRAME_NAME.exec(name)?.[1]
      return number === undefined ? [] : [{ atMs: Number(number) * LADDER.frames.everySeconds * 1000, name }]
    })
    .sort((a, b) => a.atMs - b.atMs)
  const [first] = found
  if (!first) return {}
  const size = jpegSize(await stored.head(first.name))
  if (!size) throw new PlaylistError(`${first.name} is no JPEG`)
  return { frames: found.map(({ atMs, name }) => ({ atMs, ...size, object: stored.whole(name) })) }
}
