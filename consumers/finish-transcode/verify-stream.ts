import type { VideoStreamReadyV1Data, VideoTranscodedV1Data } from '../../contracts/generated/events.ts'
import type { Rung } from '../../contracts/generated/shapes.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import { FRAME_NAME, LADDER, OUTPUT_NAMES } from '../../ports/transcoder/ladder.ts'
import { jpegSize } from '../../ports/video/jpeg-size.ts'
import { type MediaPlaylist, type Part, PlaylistError, parseMaster, parseMedia } from './playlist.ts'

type Stream = Omit<VideoStreamReadyV1Data, 'mediaId' | 'kind'>

export type Verified = { readonly ok: true; readonly stream: Stream } | { readonly ok: false; readonly problem: string }

const MAX_PLAYLIST_BYTES = 4 * 1024 * 1024
/** A JPEG's size stands in its head. */
const JPEG_HEAD_BYTES = 4096
/** Of AAC at its lowest rate here: sound ends with one. */
const AUDIO_PACKET_SECONDS = 1024 / LADDER.audio.sampleRate
/** Containers tell of their longest track, to the tenth of a second or so. */
const NEAR_SECONDS = 1
const NEAR_SHARE = 0.02

/**
 * Looks a stream over, as a player would come upon it: every playlist parses, every file that one names lies there and
 * holds the bytes that are named, all renditions last as long as each other, and as the source.
 * @param expectedMs how long the source lasts.
 */
export async function verifyStream(
  objects: Pick<Objects, 'list' | 'read' | 'readRange'>,
  { bucket, prefix }: Pick<VideoTranscodedV1Data, 'bucket' | 'prefix'>,
  expectedMs: number,
): Promise<Verified> {
  const stored = new Map(
    (await objects.list(prefix))
      .filter((object) => object.bucket === bucket)
      .map((object) => [object.key.slice(prefix.length), object]),
  )
  try {
    return { ok: true, stream: await readStream(objects, prefix, stored, expectedMs / 1000) }
  } catch (error) {
    if (error instanceof PlaylistError) return { ok: false, problem: error.message }
    throw error
  }
}

async function readStream(
  objects: Pick<Objects, 'read' | 'readRange'>,
  prefix: string,
  stored: ReadonlyMap<string, StoredObject>,
  expectedSeconds: number,
): Promise<Stream> {
  const text = async (object: StoredObject) =>
    Buffer.from(await objects.read(object, MAX_PLAYLIST_BYTES)).toString('utf8')
  const whole = (name: string): StoredObject => {
    const object = stored.get(name)
    if (!object) throw new PlaylistError(`${name} is not there`)
    if (object.bytes === 0) throw new PlaylistError(`${name} is empty`)
    return object
  }
  const media = async (name: string): Promise<{ readonly object: StoredObject; readonly playlist: MediaPlaylist }> => {
    const object = whole(name)
    const playlist = await within(name, async () => parseMedia(await text(object)))
    for (const part of playlist.parts) checkPart(part, whole(part.uri))
    return { object, playlist }
  }

  const hls = whole(OUTPUT_NAMES.hls)
  const master = await within(OUTPUT_NAMES.hls, async () => parseMaster(await text(hls)))
  const rungs: Rung[] = []
  const lengths: number[] = []
  const frameSeconds = Math.max(...master.variants.map(({ frameRate }) => 1 / (frameRate ?? LADDER.maxFrameRate)))
  for (const { uri, bitsPerSecond, codecs, width, height } of master.variants) {
    const { object, playlist } = await media(uri)
    if (!master.independent && !playlist.independent)
      throw new PlaylistError(`${uri}: its segments depend on each other`)
    rungs.push({ name: `${Math.min(width, height)}p`, width, height, bitsPerSecond, codecs, playlist: object })
    lengths.push(playlist.seconds)
  }
  const [length = 0] = lengths
  if (Math.max(...lengths) - Math.min(...lengths) > frameSeconds + 0.001)
    throw new PlaylistError(`its renditions last ${lengths.map((seconds) => seconds.toFixed(3)).join(', ')} s`)
  if (Math.abs(length - expectedSeconds) > Math.max(NEAR_SECONDS, expectedSeconds * NEAR_SHARE))
    throw new PlaylistError(`it lasts ${length.toFixed(3)} s, and its source ${expectedSeconds.toFixed(3)} s`)

  const sound = await Promise.all([...master.audio.values()].map(media))
  for (const { playlist } of sound) {
    if (Math.abs(playlist.seconds - length) > frameSeconds + AUDIO_PACKET_SECONDS)
      throw new PlaylistError(`its sound lasts ${playlist.seconds.toFixed(3)} s, its pictures ${length.toFixed(3)} s`)
  }
  for (const { audioGroup } of master.variants) {
    if (audioGroup !== undefined && !master.audio.has(audioGroup))
      throw new PlaylistError(`there is no sound of the group ${audioGroup}`)
  }

  const dash = whole(OUTPUT_NAMES.dash)
  for (const name of filesOfManifest(await text(dash))) whole(name)
  const frames = await readFrames(objects, stored)
  const [audio] = sound
  return {
    hls,
    dash,
    prefix,
    durationMs: Math.round(length * 1000),
    rungs: rungs.toSorted((a, b) => b.width * b.height - a.width * a.height),
    ...(frames.length > 0 && { frames }),
    ...(audio && { audio: audio.object }),
  }
}

/** Says which playlist it is that something is wrong with. */
async function within<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof PlaylistError ? new PlaylistError(`${name}: ${error.message}`) : error
  }
}

function checkPart({ uri, range }: Part, { bytes }: StoredObject): void {
  if (range && (range.bytes === 0 || range.offset + range.bytes > bytes))
    throw new PlaylistError(`${uri} has ${bytes} bytes, and ${range.bytes} from ${range.offset} on are named`)
}

/** The files that a DASH manifest names outright. */
function filesOfManifest(text: string): readonly string[] {
  if (!/<MPD[\s>]/.test(text)) throw new PlaylistError(`${OUTPUT_NAMES.dash} is no DASH manifest`)
  return [...text.matchAll(/<BaseURL>([^<]+)<\/BaseURL>/g)].map(([, name = '']) => name)
}

/** All frames of a stream have one size: the first tells it. */
async function readFrames(
  objects: Pick<Objects, 'readRange'>,
  stored: ReadonlyMap<string, StoredObject>,
): Promise<NonNullable<Stream['frames']>> {
  const found = [...stored].flatMap(([name, object]) => {
    const number = FRAME_NAME.exec(name)?.[1]
    return number === undefined ? [] : [{ atMs: Number(number) * LADDER.frames.everySeconds * 1000, object }]
  })
  const [first] = found
  if (!first) return []
  const size = jpegSize(await objects.readRange(first.object, 0, JPEG_HEAD_BYTES))
  if (!size || found.some(({ object }) => object.bytes === 0))
    throw new PlaylistError('a picture at an interval can’t be read')
  return found.sort((a, b) => a.atMs - b.atMs).map((frame) => ({ ...frame, ...size }))
}
