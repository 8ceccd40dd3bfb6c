import { LIMITS } from '../../contracts/limits.ts'
import { byteSource } from '../../ports/objects/byte-source.ts'
import type { Objects } from '../../ports/objects/objects.ts'
import type { AudioFacts, MediaFacts, Probe, VideoFacts } from '../../ports/probe/probe.ts'
import { noPictures, tooLong, tooManyPixels } from '../../ports/video/refusal.ts'
import { refusalByFacts } from '../../ports/voice/refusal.ts'
import type { Extracted, Facts, Upload } from './extracted.ts'

type Refused = Extract<Extracted, { readonly ok: false }>

interface Ports {
  readonly objects: Objects
  readonly probe: Probe
}

/** What a video says of itself, where it is one and within the limits. */
export function videoFacts(upload: Upload, ports: Ports): Promise<Extracted> {
  return playableFacts(upload, ports, refusalOfVideo)
}

/** What a recording says of itself, where it is one and within the limits. */
export function voiceFacts(upload: Upload, ports: Ports): Promise<Extracted> {
  return playableFacts(upload, ports, refusalByFacts)
}

async function playableFacts(
  { object }: Upload,
  { objects, probe }: Ports,
  refusalOf: (facts: MediaFacts) => Refused | undefined,
): Promise<Extracted> {
  const probed = await probe.probe(byteSource(objects, object))
  if (!probed.ok) return probed
  return refusalOf(probed.facts) ?? { ok: true, facts: told(probed.facts) }
}

/**
 * A video of which nobody knows how long it plays is refused: a stream of it would be paid for by the minute. A recording
 * of which that isn't known goes on, as it is heard through up to the limit before anything is made of it.
 */
function refusalOfVideo({ video, durationMs }: MediaFacts): Refused | undefined {
  if (video === undefined) return noPictures()
  if (durationMs === undefined) return unknownLength()
  if (durationMs > LIMITS.video.maxSeconds * 1_000) return tooLong(durationMs)
  const { width, height } = video
  return width * height > LIMITS.video.maxPixels ? tooManyPixels(width, height) : undefined
}

function unknownLength(): Refused {
  return {
    ok: false,
    code: 'undecodable',
    message:
      'How long the video plays can’t be found out, as happens when a recording was cut off: send it again from the original, or export it anew first.',
  }
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

function toldOfVideo({ codec, frameRate, rotation, hdr, bitsPerSecond }: VideoFacts): NonNullable<Facts['video']> {
  return { codec, ...(frameRate !== undefined && { frameRate }), rotation, hdr, ...bitrate(bitsPerSecond) }
}

function toldOfAudio({ codec, channels, sampleRate, bitsPerSecond }: AudioFacts): NonNullable<Facts['audio']> {
  return { codec, channels, sampleRate, ...bitrate(bitsPerSecond) }
}

/** More than the event takes is a lie. */
const MOST_BITS_PER_SECOND = 1_000_000_000

function bitrate(bitsPerSecond: number | undefined): { bitsPerSecond?: number } {
  return bitsPerSecond === undefined || bitsPerSecond > MOST_BITS_PER_SECOND ? {} : { bitsPerSecond }
}
