/**
 * Every limit that a client can meet, in one place: validators, signed uploads, decoders, the API's problem documents
 * and docs/limits.md read this table. Sizes are bytes, times are seconds.
 */
export const LIMITS = {
  image: {
    /** Content types that an upload may declare; the bytes decide what it is. */
    contentTypes: ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif', 'image/heic', 'image/heif'],
    maxBytes: 50 * 1024 * 1024,
    /** Width × height of one frame. */
    maxPixels: 100_000_000,
    /** Frames of an animation. */
    maxFrames: 1_000,
    /** Width × height × frames. */
    maxTotalPixels: 400_000_000,
    /** Width × height × frames up to which an animation stays moving; above it, its first frame is shown. */
    maxMovingPixels: 50_000_000,
    /** What a decoder may hold of a picture that it can't read row by row: AVIF, progressive JPEG, interlaced PNG. */
    maxDecoderBytes: 640 * 1024 * 1024,
    /** How long one decode may take. */
    decodeSeconds: 20,
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
  /** After the last byte arrived: when the watchdog sends the cause again, and once more later gives up. */
  processing: { deadlineSeconds: 900 },
} as const
