import type { Metadata } from 'sharp'
import { LIMITS } from '../../contracts/limits.ts'

/**
 * How many pixels such a file may have so that decoding stays within LIMITS.image.maxDecoderBytes. Most decoders work
 * row by row and need next to nothing; the others hold the whole picture, whatever size is wanted of it.
 */
export function pixelsThatFitMemory(metadata: Metadata): number {
  return Math.floor(LIMITS.image.maxDecoderBytes / heldBytesPerPixel(metadata))
}

/** Measured as resident memory on pictures of 100 megapixels, rounded up. */
function heldBytesPerPixel({
  format,
  compression,
  isProgressive,
  channels,
  depth,
  chromaSubsampling,
}: Metadata): number {
  // 2 KB of AVIF can hold 100 megapixels, and decoding them takes 1.9 GB.
  if (format === 'heif') return compression === 'av1' ? 20 : 12
  if (!isProgressive) return 1
  // A 16-bit coefficient of every sample; 4:2:0 and its like have fewer, which is not relied upon for CMYK.
  if (format === 'jpeg') return chromaSubsampling === '4:2:0' ? 3 : 2 * channels
  return 1.3 * channels * (depth === 'ushort' ? 2 : 1)
}
