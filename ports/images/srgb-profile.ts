/**
 * Whether an ICC profile is sRGB, judged by what it does: its primaries and its curves. There are dozens of sRGB
 * profiles, and their descriptions prove nothing. A profile that maps by tables, or can't be read, is not.
 */
export function isSrgb(icc: Uint8Array): boolean {
  const profile = Buffer.from(icc.buffer, icc.byteOffset, icc.byteLength)
  if (profile.length < TAG_TABLE + 4 || profile.toString('latin1', COLOUR_SPACE, COLOUR_SPACE + 4) !== 'RGB ')
    return false
  const tags = tagsOf(profile)
  if (tags.has('A2B0') || tags.has('A2B1')) return false
  return (
    Object.entries(SRGB_PRIMARIES).every(([name, expected]) => hasPrimary(tags.get(name), expected)) &&
    CURVES.every((name) => hasSrgbCurve(tags.get(name)))
  )
}

/** ICC.1:2022, section 7: a 128-byte header, then a count and 12 bytes a tag: signature, offset, size. */
const COLOUR_SPACE = 16
const TAG_TABLE = 128
const MAX_TAGS = 100

/** IEC 61966-2-1, adapted to D50 as profiles hold it. */
const SRGB_PRIMARIES = {
  rXYZ: [0.4361, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7141],
} as const
const CURVES = ['rTRC', 'gTRC', 'bTRC'] as const
const PRIMARY_TOLERANCE = 0.002
const CURVE_TOLERANCE = 0.005

function tagsOf(profile: Buffer): Map<string, Buffer> {
  const tags = new Map<string, Buffer>()
  const count = Math.min(profile.readUInt32BE(TAG_TABLE), MAX_TAGS)
  for (let index = 0; index < count; index++) {
    const at = TAG_TABLE + 4 + index * 12
    if (at + 12 > profile.length) break
    const offset = profile.readUInt32BE(at + 4)
    tags.set(profile.toString('latin1', at, at + 4), profile.subarray(offset, offset + profile.readUInt32BE(at + 8)))
  }
  return tags
}

function hasPrimary(tag: Buffer | undefined, expected: readonly number[]): boolean {
  if (!tag || tag.length < 20) return false
  return expected.every((value, axis) => Math.abs(fixed(tag, 8 + axis * 4) - value) < PRIMARY_TOLERANCE)
}

function hasSrgbCurve(tag: Buffer | undefined): boolean {
  if (!tag || tag.length < 12) return false
  const curve = tag.toString('latin1', 0, 4) === 'para' ? parametric(tag) : sampled(tag)
  if (!curve) return false
  for (let x = 0; x <= 1; x += 1 / 16) if (!(Math.abs(curve(x) - srgbToLinear(x)) < CURVE_TOLERANCE)) return false
  return true
}

/** Type 3, the form that sRGB has: Y = (aX + b)^g from d on, cX below. Type 4 adds offsets, zero for sRGB. */
function parametric(tag: Buffer): ((x: number) => number) | undefined {
  const type = tag.readUInt16BE(8)
  if ((type !== 3 && type !== 4) || tag.length < 12 + 4 * (type === 3 ? 5 : 7)) return undefined
  const [g = 0, a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3, 4].map((index) => fixed(tag, 12 + index * 4))
  const [e = 0, f = 0] = type === 4 ? [fixed(tag, 32), fixed(tag, 36)] : []
  return (x) => (x >= d ? (a * x + b) ** g + e : c * x + f)
}

/** 16-bit samples, evenly spaced. Shorter tables are a gamma value or too coarse to be sRGB. */
function sampled(tag: Buffer): ((x: number) => number) | undefined {
  const count = tag.readUInt32BE(8)
  if (tag.toString('latin1', 0, 4) !== 'curv' || count < 16 || tag.length < 12 + count * 2) return undefined
  const sample = (index: number) => tag.readUInt16BE(12 + Math.min(index, count - 1) * 2) / 65535
  return (x) => {
    const position = x * (count - 1)
    const below = Math.floor(position)
    return sample(below) + (sample(below + 1) - sample(below)) * (position - below)
  }
}

function srgbToLinear(x: number): number {
  return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4
}

/** s15Fixed16Number. */
function fixed(tag: Buffer, at: number): number {
  return tag.readInt32BE(at) / 65536
}
