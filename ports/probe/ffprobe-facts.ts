import { LIMITS } from '../../contracts/limits.ts'
import { codecName, samplesOfPixelFormat } from './codec.ts'
import { contentTypeOf } from './format.ts'
import { frameRateOf } from './frame-rate.ts'
import type { AudioFacts, MediaFormat, Probed, VideoFacts } from './probe.ts'
import { damaged, noTracks, tooManyTracks } from './refusal.ts'

/** What ffprobe is asked for: never a tag, where places and titles stand. */
export const ENTRIES = [
  'format=duration',
  'stream=codec_type,codec_name,width,height,sample_aspect_ratio,pix_fmt,color_transfer,avg_frame_rate,duration,bit_rate,channels,sample_rate',
  'stream_disposition=attached_pic',
  'stream_side_data=rotation',
].join(':')

/** What ffprobe's JSON holds of that, all of it optional: it comes from a stranger's file. */
interface Answer {
  readonly format?: { readonly duration?: string }
  readonly streams?: readonly Stream[]
}

interface Stream {
  readonly codec_type?: string
  readonly codec_name?: string
  readonly width?: number
  readonly height?: number
  readonly sample_aspect_ratio?: string
  readonly pix_fmt?: string
  readonly color_transfer?: string
  readonly avg_frame_rate?: string
  readonly duration?: string
  readonly bit_rate?: string
  readonly channels?: number
  readonly sample_rate?: string
  readonly disposition?: { readonly attached_pic?: number }
  readonly side_data_list?: readonly { readonly rotation?: number }[]
}

const MAX_STREAMS = LIMITS.video.maxTracks

/** @param json as `ffprobe -of json` writes it; @param formatOf the container's name, with a picture in it or without */
export function factsOf(json: string, formatOf: (hasVideo: boolean) => MediaFormat): Probed {
  const { format = {}, streams = [] } = JSON.parse(json) as Answer
  if (streams.length > MAX_STREAMS) return tooManyTracks(streams.length, MAX_STREAMS)
  const picture = streams.find(
    ({ codec_type, disposition }) => codec_type === 'video' && disposition?.attached_pic !== 1,
  )
  const sound = streams.find(({ codec_type }) => codec_type === 'audio')
  if (picture === undefined && sound === undefined) return noTracks()
  const video = picture && videoFacts(picture)
  const audio = sound && audioFacts(sound)
  if ((picture && !video) || (sound && !audio)) return damaged()
  const name = formatOf(video !== undefined)
  const durationMs = Math.round(Number(format.duration) * 1_000)
  return {
    ok: true,
    facts: {
      format: name,
      contentType: contentTypeOf(name, video !== undefined),
      ...(durationMs >= 1 && { durationMs }),
      tracks: streams.length,
      ...(video && { video }),
      ...(audio && { audio }),
    },
  }
}

function videoFacts(stream: Stream): VideoFacts | undefined {
  const { width = 0, height = 0, codec_name, color_transfer, pix_fmt = '' } = stream
  const wide = Math.round(width * (ratio(stream.sample_aspect_ratio, ':') ?? 1))
  if (![wide, height].every((side) => side >= 1 && side <= 65_535)) return undefined
  const rotation = rotationOf(stream.side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? 0)
  const frameRate = frameRateOf(ratio(stream.avg_frame_rate, '/') ?? 0)
  const bitsPerSecond = Number(stream.bit_rate)
  const durationMs = Math.round(Number(stream.duration) * 1_000)
  return {
    codec: codecName(codec_name ?? null, null),
    ...samplesOfPixelFormat(pix_fmt),
    ...(rotation % 180 === 0 ? { width: wide, height } : { width: height, height: wide }),
    rotation,
    ...(durationMs >= 1 && { durationMs }),
    ...(frameRate !== undefined && { frameRate }),
    hdr: color_transfer === 'arib-std-b67' ? 'hlg' : color_transfer === 'smpte2084' ? 'pq' : 'sdr',
    ...(bitsPerSecond >= 1 && { bitsPerSecond }),
  }
}

function audioFacts({ codec_name, channels = 0, sample_rate, bit_rate }: Stream): AudioFacts | undefined {
  const sampleRate = Number(sample_rate)
  if (!(channels >= 1 && sampleRate >= 1)) return undefined
  const bitsPerSecond = Number(bit_rate)
  return {
    codec: codecName(codec_name ?? null, null),
    channels,
    sampleRate,
    ...(bitsPerSecond >= 1 && { bitsPerSecond }),
  }
}

/** ffprobe counts counter-clockwise. */
function rotationOf(counterClockwise: number): VideoFacts['rotation'] {
  const quarters = ((Math.round(-counterClockwise / 90) % 4) + 4) % 4
  return ([0, 90, 180, 270] as const)[quarters] ?? 0
}

/** `30000/1001`, `4:3`; undefined where it is none, as in `0/0`. */
function ratio(text: string | undefined, sign: '/' | ':'): number | undefined {
  const [over = Number.NaN, under = Number.NaN] = (text ?? '').split(sign).map(Number)
  const value = over / under
  return value > 0 && Number.isFinite(value) ? value : undefined
}
