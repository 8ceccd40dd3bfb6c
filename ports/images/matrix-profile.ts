/** An RGB colour profile that consists of a curve for each channel and of three primaries, as those of screens and cameras do. */
export interface MatrixProfile {
  /** From what is stored to light, both from 0 to 1: red, green, blue. */
  readonly curves: readonly Curve[]
  /** X, Y and Z of full red, green and blue, adapted to D50. */
  readonly primaries: readonly (readonly number[])[]
}

export type Curve = (stored: number) => number

/** ICC.1:2022, section 7: a 128-byte header, then a count and 12 bytes a tag: signature, offset, size. */
const COLOUR_SPACE = 16
const CONNECTION_SPACE = 20
const TAG_TABLE = 128
const MAX_TAGS = 100

const CURVES = ['rTRC', 'gTRC', 'bTRC']
const PRIMARIES = ['rXYZ', 'gXYZ', 'bXYZ']
/** With any of these a profile maps by tables, whatever else it holds. */
const TABLES = ['A2B0', 'A2B1', 'A2B2', 'D2B0', 'D2B1']

/** The profile, or undefined where it maps by tables, is of other colours than RGB, or can't be read. */
export function readMatrixProfile(icc: Uint8Array): MatrixProfile | undefined {
  const profile = Buffer.from(icc.buffer, icc.byteOffset, icc.byteLength)
  if (profile.length < TAG_TABLE + 4) return undefined
  const space = (at: number) => profile.toString('latin1', at, at + 4)
  if (space(COLOUR_SPACE) !== 'RGB ' || space(CONNECTION_SPACE) !== 'XYZ ') return undefined
  const tags = tagsOf(profile)
  if (TABLES.some((name) => tags.has(name))) return undefined
  const curves = CURVES.flatMap((name) => curveOf(tags.get(name)) ?? [])
  const primaries = PRIMARIES.flatMap((name) => primaryOf(tags.get(name)) ?? [])
  return curves.length === 3 && primaries.length === 3 ? { curves, primaries } : undefined
}

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

function primaryOf(tag: Buffer | undefined): [readonly number[]] | undefined {
  if (!tag || tag.length < 20) return undefined
  return [[8, 12, 16].map((at) => fixed(tag, at))]
}

function curveOf(tag: Buffer | undefined): Curve | undefined {
  if (!tag || tag.length < 12) return undefined
  const type = tag.toString('latin1', 0, 4)
  if (type === 'para') return parametric(tag)
  return type === 'curv' ? sampled(tag) : undefined
}

/** How many parameters each type of parametric curve has. */
const PARAMETERS = [1, 3, 4, 5, 7]

/** Table 68: Y = (aX + b)^g + e from d on, cX + f below. The lower types lack some of it. */
function parametric(tag: Buffer): Curve | undefined {
  const type = tag.readUInt16BE(8)
  const count = PARAMETERS[type]
  if (count === undefined || tag.length < 12 + 4 * count) return undefined
  const given = Array.from({ length: count }, (_, index) => fixed(tag, 12 + index * 4))
  const [g = 1, a = 1, b = 0] = given
  if (type < 3) {
    const [, , , c = 0] = given
    return (x) => (a * x + b > 0 ? (a * x + b) ** g : 0) + c
  }
  const [, , , c = 0, d = 0, e = 0, f = 0] = given
  return (x) => (x >= d ? (a * x + b) ** g + e : c * x + f)
}

/** 16-bit samples, evenly spaced; none stand for a straight line, a single one for a power. */
function sampled(tag: Buffer): Curve | undefined {
  const count = tag.readUInt32BE(8)
  if (tag.length < 12 + count * 2) return undefined
  if (count === 0) return (x) => x
  if (count === 1) {
    const power = tag.readUInt16BE(12) / 256
    return (x) => x ** power
  }
  const sample = (index: number) => tag.readUInt16BE(12 + Math.min(index, count - 1) * 2) / 65535
  return (x) => {
    const position = x * (count - 1)
    const below = Math.floor(position)
    return sample(below) + (sample(below + 1) - sample(below)) * (position - below)
  }
}

/** s15Fixed16Number. */
function fixed(tag: Buffer, at: number): number {
  return tag.readInt32BE(at) / 65536
}
