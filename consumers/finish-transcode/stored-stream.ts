import type { VideoTranscodedV1Data } from '../../contracts/generated/events.ts'
import type { StoredObject } from '../../contracts/stored-object.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import { type MediaPlaylist, type Part, PlaylistError, parseMedia } from './playlist.ts'

/** The files of one stream, by their names below its prefix. Each of these throws PlaylistError where it isn't so. */
export interface StoredStream {
  readonly names: readonly string[]
  /** A file that lies there and holds something. */
  whole(name: string): StoredObject
  text(name: string): Promise<string>
  /** A few kilobytes from its begin on. */
  head(name: string): Promise<Uint8Array>
  /** A media playlist, of which every file lies there and holds the bytes that are named. */
  playlist(name: string): Promise<StoredPlaylist>
}

export interface StoredPlaylist extends MediaPlaylist {
  readonly object: StoredObject
}

const MAX_TEXT_BYTES = 4 * 1024 * 1024
const HEAD_BYTES = 4096

export async function storedStream(
  objects: Pick<Objects, 'list' | 'read' | 'readRange'>,
  { bucket, prefix }: Pick<VideoTranscodedV1Data, 'bucket' | 'prefix'>,
): Promise<StoredStream> {
  const listed = (await objects.list(prefix)).filter((object) => object.bucket === bucket)
  const stored = new Map(listed.map((object) => [object.key.slice(prefix.length), object]))
  const whole = (name: string): StoredObject => {
    const object = stored.get(name)
    if (!object) throw new PlaylistError(`${name} is not there`)
    if (object.bytes === 0) throw new PlaylistError(`${name} is empty`)
    return object
  }
  const text = async (name: string): Promise<string> => {
    const object = whole(name)
    if (object.bytes > MAX_TEXT_BYTES)
      throw new PlaylistError(`${name} has ${object.bytes} bytes, and ${MAX_TEXT_BYTES} are read`)
    return Buffer.from(await objects.read(object, MAX_TEXT_BYTES)).toString('utf8')
  }
  return {
    names: [...stored.keys()],
    whole,
    text,
    head: (name) => objects.readRange(whole(name), 0, HEAD_BYTES),
    async playlist(name) {
      const playlist = parsed(name, parseMedia, await text(name))
      for (const part of playlist.parts) checkPart(part, whole(part.uri))
      return { ...playlist, object: whole(name) }
    },
  }
}

/** Says which playlist it is that something is wrong with. */
export function parsed<T>(name: string, parse: (text: string) => T, text: string): T {
  try {
    return parse(text)
  } catch (error) {
    throw error instanceof PlaylistError ? new PlaylistError(`${name}: ${error.message}`) : error
  }
}

function checkPart({ uri, range }: Part, { bytes }: StoredObject): void {
  if (range && (range.bytes === 0 || range.offset + range.bytes > bytes))
    throw new PlaylistError(`${uri} has ${bytes} bytes, and ${range.bytes} from ${range.offset} on are named`)
}
