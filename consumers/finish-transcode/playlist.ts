/** An HLS master playlist (RFC 8216), as far as a stream is judged by it. */
export interface MasterPlaylist {
  readonly variants: readonly Variant[]
  /** URIs of audio renditions, by their group. */
  readonly audio: ReadonlyMap<string, string>
  /** Each segment can be shown without another; here, or in every media playlist. */
  readonly independent: boolean
}

export interface Variant {
  readonly uri: string
  /** Bits a second: on average where that is told, else at most. */
  readonly bitsPerSecond: number
  readonly codecs: string
  readonly width: number
  readonly height: number
  /** Pictures a second. */
  readonly frameRate: number | undefined
  readonly audioGroup: string | undefined
}

export interface MediaPlaylist {
  /** What segments need before them, and the segments. */
  readonly parts: readonly Part[]
  readonly seconds: number
  readonly independent: boolean
}

export interface Part {
  readonly uri: string
  /** Undefined where it is the whole file. */
  readonly range: { readonly offset: number; readonly bytes: number } | undefined
}

/** The playlist is not as players need it. */
export class PlaylistError extends Error {
  override readonly name = 'PlaylistError'
}

const INDEPENDENT = '#EXT-X-INDEPENDENT-SEGMENTS'

/** @throws PlaylistError */
export function parseMaster(text: string): MasterPlaylist {
  const lines = linesOf(text)
  const variants: Variant[] = []
  const audio = new Map<string, string>()
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('#EXT-X-MEDIA:')) {
      const { TYPE, 'GROUP-ID': group = '', URI: uri } = attributesOf(line)
      if (TYPE === 'AUDIO' && uri !== undefined) audio.set(group, uri)
    }
    if (line.startsWith('#EXT-X-STREAM-INF:')) variants.push(variantOf(attributesOf(line), lines[index + 1]))
  }
  if (variants.length === 0) throw new PlaylistError('it names no rendition')
  return { variants, audio, independent: lines.includes(INDEPENDENT) }
}

function variantOf(attributes: Readonly<Record<string, string>>, uri: string | undefined): Variant {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(attributes['RESOLUTION'] ?? '') ?? []
  const codecs = attributes['CODECS']
  const bitsPerSecond = Number(attributes['AVERAGE-BANDWIDTH'] ?? attributes['BANDWIDTH'])
  if (!uri || uri.startsWith('#')) throw new PlaylistError('a rendition has no playlist')
  if (!codecs || !width || !height || !Number.isSafeInteger(bitsPerSecond))
    throw new PlaylistError(`${uri} has no codecs, no size or no bandwidth`)
  const rate = Number(attributes['FRAME-RATE'] ?? 0)
  return {
    uri,
    bitsPerSecond,
    codecs,
    width: Number(width),
    height: Number(height),
    frameRate: rate > 0 ? rate : undefined,
    audioGroup: attributes['AUDIO'],
  }
}

/** @throws PlaylistError */
export function parseMedia(text: string): MediaPlaylist {
  const parts: Part[] = []
  let seconds = 0
  let duration: number | undefined
  let range: Part['range']
  let end = 0
  const lines = linesOf(text)
  for (const line of lines) {
    if (line.startsWith('#EXT-X-MAP:')) {
      const { URI: uri, BYTERANGE: bytes } = attributesOf(line)
      if (uri === undefined) throw new PlaylistError('its initialisation is no file')
      parts.push({ uri, range: bytes === undefined ? undefined : rangeOf(bytes, 0) })
    } else if (line.startsWith('#EXTINF:')) duration = Number.parseFloat(line.slice('#EXTINF:'.length))
    else if (line.startsWith('#EXT-X-BYTERANGE:')) range = rangeOf(line.slice('#EXT-X-BYTERANGE:'.length), end)
    else if (!line.startsWith('#')) {
      if (duration === undefined || !(duration > 0)) throw new PlaylistError(`${line} has no duration`)
      parts.push({ uri: line, range })
      seconds += duration
      end = range ? range.offset + range.bytes : 0
      duration = undefined
      range = undefined
    }
  }
  if (seconds === 0) throw new PlaylistError('it has no segment')
  if (!lines.includes('#EXT-X-ENDLIST')) throw new PlaylistError('it has no end')
  return { parts, seconds, independent: lines.includes(INDEPENDENT) }
}

/** `<bytes>[@<offset>]`; without an offset it goes on where the last one ended. */
function rangeOf(text: string, next: number): NonNullable<Part['range']> {
  const [, bytes, offset] = /^(\d+)(?:@(\d+))?$/.exec(text) ?? []
  if (bytes === undefined) throw new PlaylistError(`"${text}" is no byte range`)
  return { offset: offset === undefined ? next : Number(offset), bytes: Number(bytes) }
}

function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== '')
  if (lines[0] !== '#EXTM3U') throw new PlaylistError('it is no HLS playlist')
  return lines
}

function attributesOf(line: string): Readonly<Record<string, string>> {
  const found = line.slice(line.indexOf(':') + 1).matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^,]*))/g)
  return Object.fromEntries([...found].map(([, name = '', quoted, bare = '']) => [name, quoted ?? bare]))
}
