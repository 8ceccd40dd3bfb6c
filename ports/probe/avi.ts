import { LIMITS } from '../../contracts/limits.ts'
import { frameRateOf } from './frame-rate.ts'
import type { AudioFacts, ByteSource, Probed, VideoFacts } from './probe.ts'
import { cutOff, damaged, noTracks, tooManyTracks } from './refusal.ts'

/** The list of streams, indexes of long recordings among it, is no longer than this. */
const HEADER_BYTES = 256 * 1024

/** One chunk of RIFF: four characters, a length, and what follows. */
interface Chunk {
  readonly name: string
  /** Of a `LIST`, what it is a list of. */
  readonly list?: string
  readonly content: Buffer
}

/** What an AVI says in its header list (Microsoft, "AVI RIFF File Reference"); cameras still write them. */
export async function aviFacts(source: ByteSource): Promise<Probed> {
  const bytes = Buffer.from(await source.read(0, Math.min(HEADER_BYTES, source.size)))
  if (bytes.length < 12) return damaged()
  if (bytes.readUInt32LE(4) + 8 > source.size) return cutOff()
  const header = chunksOf(bytes.subarray(12)).find(({ list }) => list === 'hdrl')
  if (header === undefined) return damaged()
  const streams = chunksOf(header.content)
    .filter(({ list }) => list === 'strl')
    .map(({ content }) => streamOf(content))
  if (streams.length > LIMITS.video.maxTracks) return tooManyTracks(streams.length, LIMITS.video.maxTracks)
  const video = streams.find((stream) => stream?.kind === 'vids')
  const audio = streams.find((stream) => stream?.kind === 'auds')
  if (video === undefined && audio === undefined) return noTracks()
  const videoFacts = video && factsOfVideo(video)
  const audioFacts = audio && factsOfAudio(audio)
  if ((video && !videoFacts) || (audio && !audioFacts)) return damaged()
  const durationMs = Math.max(...[video, audio].map((stream) => millisecondsOf(stream)))
  return {
    ok: true,
    facts: {
      format: 'avi',
      contentType: 'video/x-msvideo',
      ...(durationMs >= 1 && { durationMs }),
      tracks: streams.length,
      ...(videoFacts && { video: videoFacts }),
      ...(audioFacts && { audio: audioFacts }),
    },
  }
}

/** Each chunk that begins here; the last may reach further than what was read. */
function chunksOf(bytes: Buffer): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 4)
    const length = bytes.readUInt32LE(at + 4)
    const content = bytes.subarray(at + 8, at + 8 + length)
    const isList = name === 'LIST' && content.length >= 4
    chunks.push(
      isList ? { name, list: content.toString('latin1', 0, 4), content: content.subarray(4) } : { name, content },
    )
    // Chunks begin at even places.
    at += 8 + length + (length % 2)
  }
  return chunks
}

interface Stream {
  readonly kind: string
  /** Samples a second are `rate / scale`. */
  readonly scale: number
  readonly rate: number
  /** Samples in all. */
  readonly length: number
  readonly format: Buffer
}

function streamOf(content: Buffer): Stream | undefined {
  const chunks = chunksOf(content)
  const header = chunks.find(({ name }) => name === 'strh')?.content
  const format = chunks.find(({ name }) => name === 'strf')?.content
  if (header === undefined || format === undefined || header.length < 36 || format.length < 14) return undefined
  return {
    kind: header.toString('latin1', 0, 4),
    scale: header.readUInt32LE(20),
    rate: header.readUInt32LE(24),
    length: header.readUInt32LE(32),
    format,
  }
}

function millisecondsOf(stream: Stream | undefined): number {
  const milliseconds = stream === undefined ? 0 : (stream.length * stream.scale * 1_000) / stream.rate
  return Number.isFinite(milliseconds) ? Math.round(milliseconds) : 0
}

const VIDEO_CODECS: Readonly<Record<string, string>> = {
  H264: 'h264',
  h264: 'h264',
  X264: 'h264',
  avc1: 'h264',
  HEVC: 'hevc',
  XVID: 'mpeg4',
  DIVX: 'mpeg4',
  DX50: 'mpeg4',
  FMP4: 'mpeg4',
  MP4V: 'mpeg4',
  MJPG: 'mjpeg',
}

/** `format` is a BITMAPINFOHEADER. */
function factsOfVideo(stream: Stream): VideoFacts | undefined {
  const { format, rate, scale } = stream
  if (format.length < 20) return undefined
  const [width, height] = [format.readInt32LE(4), Math.abs(format.readInt32LE(8))]
  if (![width, height].every((side) => side >= 1 && side <= 65_535)) return undefined
  const compression = format.toString('latin1', 16, 20)
  const plain = compression.toLowerCase().trim()
  const frameRate = frameRateOf(rate / scale)
  const durationMs = millisecondsOf(stream)
  return {
    codec: VIDEO_CODECS[compression] ?? (/^[a-z0-9]{1,4}$/.test(plain) ? plain : 'unknown'),
    width,
    height,
    rotation: 0,
    ...(durationMs >= 1 && { durationMs }),
    ...(frameRate !== undefined && { frameRate }),
    hdr: 'sdr',
  }
}

const AUDIO_CODECS: Readonly<Record<number, string>> = {
  1: 'pcm-s16',
  6: 'alaw',
  7: 'ulaw',
  80: 'mp2',
  85: 'mp3',
  255: 'aac',
  8192: 'ac3',
}

/** `format` is a WAVEFORMATEX. */
function factsOfAudio({ format }: Stream): AudioFacts | undefined {
  const [tag, channels, sampleRate] = [format.readUInt16LE(0), format.readUInt16LE(2), format.readUInt32LE(4)]
  if (channels < 1 || channels > 64 || sampleRate < 1 || sampleRate > 768_000) return undefined
  const bitsPerSecond = format.readUInt32LE(8) * 8
  return {
    codec: AUDIO_CODECS[tag] ?? 'unknown',
    channels,
    sampleRate,
    ...(bitsPerSecond >= 1 && { bitsPerSecond }),
  }
}
