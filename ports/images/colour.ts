import type { Metadata } from 'sharp'
import { isSrgb } from './srgb-profile.ts'

/**
 * - `as-is`: the numbers are sRGB already, or no profile says otherwise.
 * - `convert-small`: 8-bit RGB with another profile: resized first, converted after, because conversion costs by the
 *   pixel and the result is the same to the eye.
 * - `convert-full`: everything else (CMYK, grey or 16 bits with a profile), converted by the decoder before resizing.
 */
export type ColourTreatment = 'as-is' | 'convert-small' | 'convert-full'

export function colourTreatment({ format, space, depth, icc }: Metadata): ColourTreatment {
  if (space === 'cmyk') return 'convert-full'
  if (!icc) return 'as-is'
  if (isSrgb(icc)) return 'as-is'
  // HEIC comes from its decoder as 8-bit RGB, whatever the file holds.
  if (format === 'heif') return 'convert-small'
  return space === 'srgb' && depth === 'uchar' ? 'convert-small' : 'convert-full'
}
