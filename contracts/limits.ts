const MEGABYTE = 1024 * 1024

/** What a photo may be; a profile picture is one. */
const IMAGE = {
  /** Content types that an upload may declare; the bytes decide what it is. */
  contentTypes: ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif', 'image/heic', 'image/heif'],
  maxBytes: 50 * MEGABYTE,
  /** Width × height of one frame. */
  maxPixels: 100_000_000,
  /** Frames of an animation. */
  maxFrames: 1_000,
  /** Width × height × frames. */
  maxTotalPixels: 400_000_000,
  /** Width × height × frames up to which an animation stays moving as a picture; above it, a GIF becomes a video. */
  maxMovingPixels: 50_000_000,
  /** What a decoder may hold of a picture that it can't read row by row: AVIF, HEIC, progressive JPEG, interlaced PNG. */
  maxDecoderBytes: 640 * MEGABYTE,
  /** How long one decode may take. */
  decodeSeconds: 20,
} as const

/**
 * Every limit that a client can meet, in one place: validators, signed uploads, decoders, the API's problem documents
 * and docs/limits.md read this table. Sizes are bytes, times are seconds.
 */
export const LIMITS = {
  image: IMAGE,
  profile: IMAGE,
  video: {
    contentTypes: ['video/mp4', 'video/quicktime', 'video/webm', 'video/3gpp', 'video/x-matroska', 'video/x-msvideo'],
    maxBytes: 500 * MEGABYTE,
    maxSeconds: 3_600,
    /** Width × height of one frame. */
    maxPixels: 3_840 * 2_160,
    /** Pictures, sounds and subtitles in one file. */
    maxTracks: 32,
  },
  voice: {
    contentTypes: [
      'audio/mp4',
      'audio/aac',
      'audio/webm',
      'audio/ogg',
      'audio/3gpp',
      'audio/amr',
      'audio/wav',
      'audio/flac',
      'audio/mpeg',
      'video/webm',
      'video/3gpp',
    ],
    maxBytes: 50 * MEGABYTE,
    maxSeconds: 3_600,
    maxTracks: 8,
  },
  file: {
    /** Any type: a file is handed out as it came, and never run. */
    contentTypes: ['*/*'],
    maxBytes: 100 * MEGABYTE,
    fileNameMaxLength: 255,
  },
  upload: {
    /** How long a signed upload can be used. */
    expiresInSeconds: 600,
  },
  download: {
    /** How long a signed download can be used. */
    expiresInSeconds: 600,
  },
  request: {
    maxBodyBytes: 64 * 1024,
    idempotencyKeyMaxLength: 128,
  },
  /**
   * After the last byte arrived, by kind: when the watchdog sends the cause again, and once more later gives up. A video
   * waits for the transcoder's queue; a voice note of an hour may take minutes, and comes back after six times as long
   * where its function died.
   */
  processing: {
    deadlineSeconds: { image: 900, profile: 900, video: 10_800, voice: 2_700, file: 900 },
  },
} as const

/** The kinds of media that can be uploaded. */
export const KINDS = ['image', 'video', 'voice', 'file', 'profile'] as const

export type Kind = (typeof KINDS)[number]

/** How long a media of this kind may take before the watchdog looks; of a kind that is not known, the shortest time. */
export function deadlineSeconds(kind: string): number {
  const seconds: Readonly<Record<string, number>> = LIMITS.processing.deadlineSeconds
  return seconds[kind] ?? LIMITS.processing.deadlineSeconds.image
}
