import {
  ADTS,
  CustomSource,
  EncodedPacketSink,
  FLAC,
  Input,
  type InputAudioTrack,
  type InputFormat,
  type InputTrack,
  type InputVideoTrack,
  Logging,
  MATROSKA,
  MP3,
  MP4,
  OGG,
  QTFF,
  WEBM,
} from 'mediabunny'
import { LIMITS } from '../../contracts/limits.ts'
import { adtsSeconds } from './adts.ts'
import { codecName, samplesOf } from './codec.ts'
import type { Family } from './container.ts'
import { contentTypeOf, formatOf } from './format.ts'
import { frameRateOf } from './frame-rate.ts'
import { lastCluster } from './last-cluster.ts'
import { lastFragments } from './last-fragments.ts'
import { mp3Seconds } from './mp3.ts'
import type { AudioFacts, ByteSource, VideoFacts } from './probe.ts'
import { final, type Reading } from './reading.ts'
import { cutOff, damaged, noTracks, tooManyTracks } from './refusal.ts'

/** A camera writes five at most: picture, sound, and data that move along. */
const MAX_TRACKS = LIMITS.video.maxTracks

/** The containers that it reads. */
export type ReadByMediabunny = Exclude<Family, 'amr' | 'avi' | 'wav'>

const FORMATS: Readonly<Record<ReadByMediabunny, readonly InputFormat[]>> = {
  isobmff: [MP4, QTFF],
  matroska: [WEBM, MATROSKA],
  ogg: [OGG],
  mp3: [MP3],
  adts: [ADTS],
  flac: [FLAC],
}

/** What is read of a file by its own index alone, and what only by going through it: there, less of it. */
const PACKETS = { indexed: 256, unindexed: 64 } as const

interface Known {
  /** What was read of it is kept. */
  readonly source: ByteSource
  /** The same, for what is looked at once. */
  readonly whole: ByteSource
  readonly family: ReadByMediabunny
  /** The first bytes of the source. */
  readonly head: Uint8Array
}

/**
 * Reads a file's facts by mediabunny, which trusts the counts that it finds: call it where it can be stopped.
 * @throws what `source.read` throws, and whatever a damaged file makes of a parser
 */
export async function mediabunnyFacts(known: Known): Promise<Reading> {
  // What a stranger's file makes a parser say is of no use to anybody.
  Logging.level = 0
  return withInput(known.source, known.family, (input) => readInput(input, known))
}

async function withInput<T>(
  source: ByteSource,
  family: ReadByMediabunny,
  use: (input: Input) => Promise<T>,
): Promise<T> {
  const input = new Input({
    formats: [...FORMATS[family]],
    source: new CustomSource({
      getSize: () => source.size,
      read: (start, end) => source.read(start, end - start),
      // It has been kept already.
      maxCacheSize: 1024 * 1024,
      handleUnhandledError: () => {},
    }),
  })
  try {
    return await use(input)
  } finally {
    input.dispose()
  }
}

async function readInput(input: Input, known: Known): Promise<Reading> {
  const { source, whole, family, head } = known
  const tracks = await input.getTracks()
  if (tracks.length > MAX_TRACKS) return final(tooManyTracks(tracks.length, MAX_TRACKS))
  const fragments = family === 'isobmff' ? await lastFragments(source, whole) : undefined
  if (fragments?.isCutOff) return final(cutOff())
  // Before anything is looked for that may not be there: that could take all that may be read.
  const byItsEnd = await ifKnown(() => endsByTheEnd(known, fragments?.last))

  const video = await firstUsable(tracks.filter((track) => track.isVideoTrack()))
  const audio = await firstUsable(tracks.filter((track) => track.isAudioTrack()))
  const used = [video, audio].filter((track) => track !== undefined)
  if (used.length === 0) return { probed: noTracks(), complete: false }
  if (family === 'isobmff' && !fragments && !(await reachesItsEnd(used))) return final(cutOff())

  const hasIndex = !fragments && family !== 'mp3' && family !== 'adts'
  const ends = byItsEnd ?? (hasIndex ? await endsOf(used, family) : undefined)
  const durationMs = milliseconds(ends?.longest)
  const videoFacts = video && (await factsOfVideo(video, family, milliseconds(ends?.tracks?.get(video.id))))
  const audioFacts =
    audio &&
    (await factsOfAudio(audio, video || durationMs === undefined ? undefined : { size: source.size, durationMs }))
  if ((video && !videoFacts) || (audio && !audioFacts)) return { probed: damaged(), complete: false }
  const format = formatOf(family, head, video !== undefined)
  const facts = {
    format,
    contentType: contentTypeOf(format, video !== undefined),
    ...(durationMs !== undefined && { durationMs }),
    tracks: tracks.length,
    ...(videoFacts && { video: videoFacts }),
    ...(audioFacts && { audio: audioFacts }),
  }
  return { probed: { ok: true, facts }, complete: durationMs !== undefined }
}

/** The first that is of a known codec and has something in it; of an unknown one, where there is no other. */
async function firstUsable<T extends InputTrack>(tracks: readonly T[]): Promise<T | undefined> {
  let unknown: T | undefined
  for (const track of tracks) {
    const first = await ifKnown(() => new EncodedPacketSink(track).getFirstPacket({ metadataOnly: true }))
    if (first === null) continue
    if ((await track.getCodec()) !== null) return track
    unknown ??= track
  }
  return unknown
}

/** Whether the bytes are there that the index places last. */
async function reachesItsEnd(tracks: readonly InputTrack[]): Promise<boolean> {
  for (const track of tracks) {
    const sink = new EncodedPacketSink(track)
    if ((await sink.getPacket(Number.POSITIVE_INFINITY)) === null) return false
  }
  return true
}

/**
 * How long it plays, by a few bytes at its end, or by frames that nobody need decode. The parser would go through all of
 * a file that has no index: a read for each fragment, all bytes of clusters, 150 µs of CPU for each frame of an MP3.
 */
async function endsByTheEnd(
  { source, whole, family }: Known,
  fragments: ByteSource | undefined,
): Promise<Ends | undefined> {
  if (family === 'mp3' || family === 'adts') {
    const longest = await (family === 'mp3' ? mp3Seconds : adtsSeconds)(source)
    return longest === undefined ? undefined : { longest }
  }
  const end = family === 'matroska' ? await lastCluster(source, whole) : fragments
  const ends = end && (await withInput(end, family, async (input) => endsOf(await input.getTracks(), family)))
  return ends && ends.longest > 0 ? ends : undefined
}

/** Seconds to the end. */
interface Ends {
  readonly longest: number
  /** Of each track, by its id; 0 where nothing of it is there. */
  readonly tracks?: ReadonlyMap<number, number>
}

/** Undefined where one of them isn't known. FLAC's first block counts its samples. */
async function endsOf(tracks: readonly InputTrack[], family: ReadByMediabunny): Promise<Ends | undefined> {
  const ends = new Map<number, number>()
  for (const track of tracks) {
    const told = family === 'flac' ? await ifKnown(() => track.getDurationFromMetadata()) : undefined
    const seconds = told || (await ifKnown(() => track.computeDuration()))
    if (seconds === undefined) return undefined
    ends.set(track.id, seconds)
  }
  return { longest: Math.max(0, ...ends.values()), tracks: ends }
}

async function factsOfVideo(
  track: InputVideoTrack,
  family: Family,
  durationMs: number | undefined,
): Promise<VideoFacts | undefined> {
  const [width, height] = [await track.getDisplayWidth(), await track.getDisplayHeight()].map(Math.round)
  if (!isSide(width) || !isSide(height)) return undefined
  const codecParameters = await track.getCodecParameterString()
  const { frameRate, bitsPerSecond } = await ratesOf(track, PACKETS[family === 'isobmff' ? 'indexed' : 'unindexed'])
  const { transfer } = await track.getColorSpace()
  return {
    codec: codecName(await track.getCodec(), await track.getInternalCodecId()),
    ...(codecParameters !== null && { codecParameters, ...samplesOf(codecParameters) }),
    width,
    height,
    rotation: await track.getRotation(),
    ...(durationMs !== undefined && { durationMs }),
    ...(frameRate !== undefined && { frameRate }),
    hdr: transfer === 'hlg' || transfer === 'pq' ? transfer : 'sdr',
    ...(bitsPerSecond !== undefined && { bitsPerSecond }),
  }
}

async function ratesOf(
  track: InputVideoTrack,
  packets: number,
): Promise<Pick<VideoFacts, 'frameRate' | 'bitsPerSecond'>> {
  const stats = await ifKnown(() => track.computePacketStats(packets))
  const frameRate = stats && stats.packetCount > 1 ? frameRateOf(stats.averagePacketRate) : undefined
  const bitsPerSecond = rounded((await track.getAverageBitrate()) ?? stats?.averageBitrate)
  return {
    ...(frameRate !== undefined && { frameRate }),
    ...(bitsPerSecond !== undefined && { bitsPerSecond }),
  }
}

const AMR: Readonly<Record<string, { readonly channels: number; readonly sampleRate: number }>> = {
  // 3GPP TS 26.244, 6.5: the channels of the sample entry are always 2, and mean nothing.
  'amr-nb': { channels: 1, sampleRate: 8_000 },
  'amr-wb': { channels: 1, sampleRate: 16_000 },
}

/** @param whole the file, where this is all that it holds */
async function factsOfAudio(
  track: InputAudioTrack,
  whole: { readonly size: number; readonly durationMs: number } | undefined,
): Promise<AudioFacts | undefined> {
  const codec = codecName(await track.getCodec(), await track.getInternalCodecId())
  const codecParameters = await track.getCodecParameterString()
  const { channels, sampleRate } = AMR[codec] ?? {
    channels: await track.getNumberOfChannels(),
    sampleRate: await track.getSampleRate(),
  }
  if (!isCount(channels, 255) || !isCount(sampleRate, 768_000)) return undefined
  const told = await track.getAverageBitrate()
  const bitsPerSecond = rounded(told ?? (whole && (whole.size * 8_000) / whole.durationMs))
  return {
    codec,
    ...(codecParameters !== null && codecParameters !== codec && { codecParameters }),
    channels,
    sampleRate,
    ...(bitsPerSecond !== undefined && { bitsPerSecond }),
  }
}

/**
 * undefined where it can't be found, by what is damaged or beyond the bounds: a recording that was interrupted lacks an
 * end, and is heard all the same.
 */
async function ifKnown<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch {
    return undefined
  }
}

const isCount = (value: number, most: number) => Number.isInteger(value) && value >= 1 && value <= most
const isSide = (value: number | undefined): value is number => value !== undefined && isCount(value, 65_535)

function milliseconds(seconds: number | undefined): number | undefined {
  const rounded = Math.round((seconds ?? 0) * 1_000)
  return Number.isSafeInteger(rounded) && rounded >= 1 ? rounded : undefined
}

function rounded(bitsPerSecond: number | null | undefined): number | undefined {
  const whole = Math.round(bitsPerSecond ?? 0)
  return Number.isSafeInteger(whole) && whole >= 1 ? whole : undefined
}
