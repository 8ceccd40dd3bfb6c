import { LIMITS } from '../../contracts/limits.ts'
import { sniff } from '../../ports/images/sniff.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import { objectSource } from '../../ports/probe/object-source.ts'
import type { AudioFacts, ByteSource, MediaFacts, Probe, VideoFacts } from '../../ports/probe/probe.ts'
import { refusalByFacts } from '../../ports/voice/refusal.ts'
import type { Extracted, Facts, Upload } from './extracted.ts'

type Refused = Extract<Extracted, { readonly ok: false }>

interface Ports {
  readonly objects: Objects
  readonly probe: Probe
}

/** What a video says of itself, where it is one and within the limits. */
export function videoFacts(upload: Upload, ports: Ports): Promise<Extracted> {
  return playableFacts(upload, ports, 'a video', refusalOfVideo)
}

/** What a recording says of itself, where it is one and within the limits. */
export function voiceFacts(upload: Upload, ports: Ports): Promise<Extracted> {
  return playableFacts(upload, ports, 'a voice note', refusalByFacts)
}

async function playableFacts(
  { object }: Upload,
  { objects, probe }: Ports,
  wanted: string,
  refusalOf: (facts: MediaFacts) => Refused | undefined,
): Promise<Extracted> {
  const source = objectSource(objects, object)
  const probed = await probe.probe(source)
  if (!probed.ok)
    return probed.code === 'unsupported-type' ? ((await pictureInstead(source, wanted)) ?? probed) : probed
  return refusalOf(probed.facts) ?? { ok: true, facts: told(probed.facts) }
}

const HEAD_BYTES = 1024

async function pictureInstead(source: ByteSource, wanted: string): Promise<Refused | undefined> {
  const head = await source.read(0, Math.min(HEAD_BYTES, source.size))
  if (sniff(head).kind !== 'accepted') return undefined
  return mismatch(`This is a picture, not ${wanted}: send it as a photo.`)
}

function refusalOfVideo({ video, durationMs = 0 }: MediaFacts): Refused | undefined {
  const { maxPixels, maxSeconds } = LIMITS.video
  if (video === undefined) {
    return mismatch('This is a recording without a picture, not a video: send it as a voice note or as a file.')
  }
  if (durationMs > maxSeconds * 1_000) {
    const [has, allowed] = [Math.ceil(durationMs / 60_000), maxSeconds / 60]
    return {
      ok: false,
      code: 'too-long',
      message: `The video takes ${has} minutes and ${allowed} are allowed: send a part of it.`,
    }
  }
  if (video.width * video.height > maxPixels) {
    return {
      ok: false,
      code: 'too-many-pixels',
      message: `The video has ${video.width} × ${video.height} pixels and 4K, 3840 × 2160, is allowed: send a smaller copy.`,
    }
  }
  return undefined
}

function mismatch(message: string): Refused {
  return { ok: false, code: 'type-mismatch', message }
}

/** As the event has it. */
function told({ format, contentType, durationMs, video, audio }: MediaFacts): Facts {
  return {
    format,
    contentType,
    ...(durationMs !== undefined && { durationMs }),
    ...(video && { width: video.width, height: video.height, video: toldOfVideo(video) }),
    ...(audio && { audio: toldOfAudio(audio) }),
  }
}

/** Where the event says it otherwise than ffmpeg does. */
const CODECS: Readonly<Record<string, string>> = { h264: 'avc' }

/** What the event takes; more is a lie. */
const MOST_BITS_PER_SECOND = 1_000_000_000

function toldOfVideo({ codec, frameRate = 0, rotation, hdr, bitsPerSecond }: VideoFacts): NonNullable<Facts['video']> {
  return { codec: CODECS[codec] ?? codec, frameRate, rotation, hdr, ...bitrate(bitsPerSecond) }
}

function toldOfAudio({ codec, channels, sampleRate, bitsPerSecond }: AudioFacts): NonNullable<Facts['audio']> {
  return { codec, channels, sampleRate, ...bitrate(bitsPerSecond) }
}

function bitrate(bitsPerSecond: number | undefined): { bitsPerSecond?: number } {
  return bitsPerSecond === undefined || bitsPerSecond > MOST_BITS_PER_SECOND ? {} : { bitsPerSecond }
}
