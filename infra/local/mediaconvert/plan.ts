/** What a job's settings ask for, read to the last member: nothing in them is unknown any more. */
export interface Plan {
  readonly input: InputPlan
  /** In the order of the job's output groups. */
  readonly groups: readonly GroupPlan[]
}

export type GroupPlan = StreamPlan | CaptureGroupPlan

export interface InputPlan {
  /** As the job names it, `s3://bucket/key`. */
  readonly uri: string
  readonly bucket: string
  readonly key: string
  /** `AUTO` follows the file's own rotation; else degrees clockwise, 0 by default as on AWS. */
  readonly rotate: 'AUTO' | 0 | 90 | 180 | 270
}

/** `s3://<bucket>/<prefix><base>…` */
export interface Destination {
  readonly bucket: string
  /** Empty, or with a slash at its end. */
  readonly prefix: string
  readonly base: string
}

/** A CMAF group: each rendition in one file of fragments, told of by HLS playlists, a DASH manifest, or both. */
export interface StreamPlan {
  readonly kind: 'stream'
  readonly destination: Destination
  readonly segmentSeconds: number
  readonly hls: boolean
  readonly dash: boolean
  /** In the order of the job's outputs. */
  readonly outputs: readonly (VideoPlan | AudioPlan)[]
}

export interface VideoPlan {
  readonly kind: 'video'
  readonly modifier: string
  /** The source's own where absent. */
  readonly size: Size | undefined
  /** MediaConvert's quality level, 1 to 10. */
  readonly quality: number
  /** Bits a second. */
  readonly maxBitrate: number
  readonly gopSeconds: number
  readonly frameRate: 'source' | FrameRate
  readonly profile: 'main' | 'high'
  /** Light of more than standard range is brought down to it. */
  readonly toStandardRange: boolean
}

export interface AudioPlan {
  readonly kind: 'audio'
  readonly modifier: string
  readonly groupId: string
  /** Bits a second. */
  readonly bitrate: number
  readonly sampleRate: number
  readonly loudness: { readonly lufs: number; readonly peakDb: number } | undefined
}

export interface CaptureGroupPlan {
  readonly kind: 'captures'
  readonly destination: Destination
  readonly outputs: readonly CapturePlan[]
}

/** JPEG pictures at intervals, the first from the beginning. */
export interface CapturePlan {
  readonly kind: 'capture'
  readonly modifier: string
  readonly size: Size | undefined
  readonly everySeconds: number
  readonly max: number
  /** 1 to 100 */
  readonly quality: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

export interface FrameRate {
  readonly numerator: number
  readonly denominator: number
}
