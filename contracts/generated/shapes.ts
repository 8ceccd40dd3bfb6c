// Made by `npm run contracts` from the schemas of contracts/; a change made here is lost.

export interface AudioFacts {
  /**
   * aac, opus, amr-nb, mp3, pcm …
   */
  readonly codec: string
  readonly channels: number
  /**
   * Hz.
   */
  readonly sampleRate: number
  /**
   * Bits per second, on average.
   */
  readonly bitsPerSecond?: number
}

/**
 * A recording in one file, without metadata or pictures.
 */
export interface AudioRendition {
  /**
   * aac, opus.
   */
  readonly name: string
  readonly contentType: string
  /**
   * How long it plays.
   */
  readonly durationMs: number
  /**
   * Bits per second, on average.
   */
  readonly bitsPerSecond: number
  readonly object: StoredObject
}

/**
 * What a media that is no picture says of itself.
 */
export interface Details {
  readonly format: string
  readonly contentType: string
  readonly bytes: number
  readonly width?: number
  readonly height?: number
  /**
   * How long it plays.
   */
  readonly durationMs?: number
  readonly video?: VideoFacts
  readonly audio?: AudioFacts
  readonly pages?: number
}

/**
 * Where the face is, and how well it is seen.
 */
export interface Face {
  /**
   * In parts of the picture's width or height.
   */
  readonly left: number
  /**
   * In parts of the picture's width or height.
   */
  readonly top: number
  /**
   * In parts of the picture's width or height.
   */
  readonly width: number
  /**
   * In parts of the picture's width or height.
   */
  readonly height: number
  readonly confidence: number
  readonly sharpness: number
  readonly brightness: number
}

/**
 * One picture of a video, as JPEG.
 */
export interface Frame {
  /**
   * Where in the video it is shown.
   */
  readonly atMs: number
  readonly width: number
  readonly height: number
  readonly object: StoredObject
}

/**
 * How a file is handed out.
 */
export interface Handling {
  readonly contentType: string
  /**
   * Whether a browser may show it in place.
   */
  readonly disposition: 'attachment' | 'inline' | (string & {})
  readonly pages?: number
}

/**
 * Long work that goes on elsewhere.
 */
export interface Job {
  readonly id: string
  readonly attempt: string
}

/**
 * What was seen in a picture, in the moderation service's words.
 */
export interface Label {
  readonly name: string
  readonly parent?: string
  /**
   * Percent.
   */
  readonly confidence: number
}

export interface Metadata {
  readonly format: string
  readonly contentType: string
  readonly bytes: number
  readonly width: number
  readonly height: number
  readonly frames: number
  readonly hasAlpha: boolean
  readonly capturedAt?: string
}

export interface Moderation {
  /**
   * What followed.
   */
  readonly verdict: 'approved' | 'flagged' | 'blocked' | (string & {})
  readonly labels: readonly Label[]
  readonly model: string
}

export interface Override {
  /**
   * What was decided.
   */
  readonly verdict: 'approved' | 'blocked' | (string & {})
  readonly versionId: string
  readonly time: string
}

/**
 * A picture made from the original: upright, sRGB, without metadata.
 */
export interface Rendition {
  /**
   * thumb, medium, large, webp, jpeg …
   */
  readonly name: string
  readonly contentType: string
  readonly width: number
  readonly height: number
  readonly object: StoredObject
}

/**
 * One quality of a stream.
 */
export interface Rung {
  /**
   * 1080p, 720p, 480p, 360p: the short side of the picture.
   */
  readonly name: string
  readonly width: number
  readonly height: number
  /**
   * Bits per second, on average.
   */
  readonly bitsPerSecond: number
  /**
   * RFC 6381, such as avc1.64001f,mp4a.40.2.
   */
  readonly codecs: string
  readonly playlist: StoredObject
}

export interface StepRun {
  readonly outcome: 'succeeded' | 'rejected' | 'failed'
  /**
   * When the fact happened; shown, never compared.
   */
  readonly time: string
  readonly code?: string
  /**
   * One sentence for people: what is wrong and what would do.
   */
  readonly message?: string
  readonly metadata?: Metadata
  readonly thumbnails?: readonly Rendition[]
  readonly thumbhash?: string
  readonly variants?: readonly Rendition[]
  readonly details?: Details
  readonly videos?: readonly VideoRendition[]
  readonly audios?: readonly AudioRendition[]
  readonly stream?: Stream
  readonly job?: Job
  readonly peaks?: string
  /**
   * How long it plays.
   */
  readonly durationMs?: number
  readonly previews?: readonly Rendition[]
  readonly avatars?: readonly Rendition[]
  readonly face?: Face
  readonly moderation?: Moderation
  readonly handling?: Handling
}

/**
 * One stored object, pinned to the version of its bytes.
 */
export interface StoredObject {
  readonly bucket: string
  readonly key: string
  readonly versionId: string
  /**
   * Without the quotes that HTTP puts around it.
   */
  readonly etag: string
  readonly bytes: number
}

/**
 * Adaptive streaming.
 */
export interface Stream {
  readonly hls: StoredObject
  readonly dash?: StoredObject
  readonly prefix?: string
  /**
   * How long it plays.
   */
  readonly durationMs: number
  readonly rungs: readonly Rung[]
}

export interface VideoFacts {
  /**
   * h264, hevc, vp9, av1 …
   */
  readonly codec: string
  /**
   * Frames a second, on average.
   */
  readonly frameRate?: number
  /**
   * Degrees clockwise by which players turn it: 0, 90, 180 or 270.
   */
  readonly rotation: number
  /**
   * The transfer of its light.
   */
  readonly hdr: 'sdr' | 'hlg' | 'pq' | (string & {})
  /**
   * Bits per second, on average.
   */
  readonly bitsPerSecond?: number
}

/**
 * A video in one file that plays from its first bytes on: upright, without metadata.
 */
export interface VideoRendition {
  /**
   * source, 1080p, 720p …: the short side of the picture.
   */
  readonly name: string
  readonly contentType: string
  readonly width: number
  readonly height: number
  /**
   * How long it plays.
   */
  readonly durationMs: number
  /**
   * Bits per second, on average.
   */
  readonly bitsPerSecond: number
  readonly object: StoredObject
}
