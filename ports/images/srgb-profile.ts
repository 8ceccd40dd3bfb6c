import { type Curve, type MatrixProfile, readMatrixProfile } from './matrix-profile.ts'

/** IEC 61966-2-1, adapted to D50 as profiles hold it: X, Y and Z of full red, green and blue. */
export const SRGB_PRIMARIES = [
  [0.4361, 0.2225, 0.0139],
  [0.3851, 0.7169, 0.0971],
  [0.1431, 0.0606, 0.7141],
] as const

const PRIMARY_TOLERANCE = 0.002
const CURVE_TOLERANCE = 0.005
const SAMPLES = 16

/**
 * Whether an ICC profile is sRGB, judged by what it does: its primaries and its curves. There are dozens of sRGB
 * profiles, and their descriptions prove nothing. A profile that maps by tables, or can't be read, is not.
 */
export function isSrgb(icc: Uint8Array): boolean {
  const profile = readMatrixProfile(icc)
  return profile !== undefined && hasSrgbPrimaries(profile) && profile.curves.every(isSrgbCurve)
}

function hasSrgbPrimaries({ primaries }: MatrixProfile): boolean {
  return SRGB_PRIMARIES.every((expected, channel) =>
    expected.every((value, axis) => Math.abs((primaries[channel]?.[axis] ?? Number.NaN) - value) < PRIMARY_TOLERANCE),
  )
}

function isSrgbCurve(curve: Curve): boolean {
  for (let at = 0; at <= SAMPLES; at++) {
    const x = at / SAMPLES
    if (!(Math.abs(curve(x) - srgbToLinear(x)) < CURVE_TOLERANCE)) return false
  }
  return true
}

export function srgbToLinear(stored: number): number {
  return stored <= 0.04045 ? stored / 12.92 : ((stored + 0.055) / 1.055) ** 2.4
}

export function linearToSrgb(light: number): number {
  return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055
}
