import type { VideoStreamReadyV1Data } from '../../contracts/generated/events.ts'
import type { Rung } from '../../contracts/generated/shapes.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import { LADDER, OUTPUT_NAMES } from '../../ports/transcoder/ladder.ts'
import { type MasterPlaylist, PlaylistError, parseMaster } from './playlist.ts'
import { parsed, type StoredStream } from './stored-stream.ts'

/** Of AAC at its lowest rate here: sound ends with one. */
const AUDIO_PACKET_SECONDS = 1024 / LADDER.audio.sampleRate
/** Containers tell of a track's end to the tenth of a second or so. */
const NEAR_SECONDS = 1
const NEAR_SHARE = 0.02

export type Hls = Pick<VideoStreamReadyV1Data, 'hls' | 'rungs' | 'durationMs' | 'audio'>

/**
 * Looks the playlists over as a player would come upon them: every one parses, every file that one names lies there, all
 * renditions last as long as each other and as the source's pictures, and the sound as long as they do.
 * @throws PlaylistError
 */
export async function readHls(stored: StoredStream, expectedSeconds: number): Promise<Hls> {
  const name = OUTPUT_NAMES.hls
  const master = parsed(name, parseMaster, await stored.text(name))
  const { rungs, seconds } = await readPictures(stored, master, expectedSeconds)
  const audio = await readSound(stored, master, seconds)
  return { hls: stored.whole(name), rungs, durationMs: Math.round(seconds * 1000), ...(audio && { audio }) }
}

/** The rungs, best first, and how long they last. */
async function readPictures(
  stored: StoredStream,
  master: MasterPlaylist,
  expectedSeconds: number,
): Promise<{ readonly rungs: Rung[]; readonly seconds: number }> {
  const rungs: Rung[] = []
  const lengths: number[] = []
  for (const { uri, bitsPerSecond, codecs, width, height } of master.variants) {
    const playlist = await stored.playlist(uri)
    if (!master.independent && !playlist.independent)
      throw new PlaylistError(`${uri}: its segments depend on each other`)
    rungs.push({ name: `${Math.min(width, height)}p`, width, height, bitsPerSecond, codecs, playlist: playlist.object })
    lengths.push(playlist.seconds)
  }
  const [seconds = 0] = lengths
  if (Math.max(...lengths) - Math.min(...lengths) > pictureSeconds(master) + 0.001)
    throw new PlaylistError(`its renditions last ${lengths.map((length) => length.toFixed(3)).join(', ')} s`)
  if (Math.abs(seconds - expectedSeconds) > Math.max(NEAR_SECONDS, expectedSeconds * NEAR_SHARE))
    throw new PlaylistError(
      `it lasts ${seconds.toFixed(3)} s, and its source’s pictures ${expectedSeconds.toFixed(3)} s`,
    )
  return { rungs: rungs.toSorted((a, b) => b.width * b.height - a.width * a.height), seconds }
}

/** The playlist of the sound, where there is any apart from the pictures. */
async function readSound(
  stored: StoredStream,
  master: MasterPlaylist,
  seconds: number,
): Promise<StoredObject | undefined> {
  const sounds = await Promise.all([...master.audio.values()].map((uri) => stored.playlist(uri)))
  for (const sound of sounds) {
    if (Math.abs(sound.seconds - seconds) > pictureSeconds(master) + AUDIO_PACKET_SECONDS)
      throw new PlaylistError(`its sound lasts ${sound.seconds.toFixed(3)} s, its pictures ${seconds.toFixed(3)} s`)
  }
  for (const { audioGroup } of master.variants) {
    if (audioGroup !== undefined && !master.audio.has(audioGroup))
      throw new PlaylistError(`there is no sound of the group ${audioGroup}`)
  }
  return sounds[0]?.object
}

/** How long one picture is shown, at the lowest rate of all. */
function pictureSeconds({ variants }: MasterPlaylist): number {
  return Math.max(...variants.map(({ frameRate }) => 1 / (frameRate ?? LADDER.maxFrameRate)))
}
