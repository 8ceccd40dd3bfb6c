import type { MatrixProfile } from './matrix-profile.ts'
import type { Pixels } from './pixels.ts'
import { linearToSrgb, SRGB_PRIMARIES } from './srgb-profile.ts'

/** Light in whole numbers: full light is this much. Where sRGB is steepest, at the dark end, one is a fifth of a level. */
const FULL = 1 << 14

/** The level, 0 to 255, of each amount of light. */
const LEVELS = Uint8Array.from({ length: FULL + 1 }, (_, light) => Math.round(255 * linearToSrgb(light / FULL)))

/**
 * Makes the colours of another RGB space those of sRGB, in place; what sRGB can't show ends at its edge. A colour engine
 * gives the same to a level, but takes its input from files alone, which costs three times as much.
 */
export function convertIntoSrgb({ data, channels }: Pixels, profile: MatrixProfile): void {
  const [intoRed, intoGreen, intoBlue] = contributions(profile)
  for (let at = 0; at < data.length; at += channels) {
    const red = data[at] ?? 0
    const green = data[at + 1] ?? 0
    const blue = data[at + 2] ?? 0
    data[at] = level(intoRed, red, green, blue)
    data[at + 1] = level(intoGreen, red, green, blue)
    data[at + 2] = level(intoBlue, red, green, blue)
  }
}

/** What each value of red, then of green, then of blue gives to one channel of sRGB. */
type Contribution = Int32Array

function level(into: Contribution, red: number, green: number, blue: number): number {
  const light = (into[red] ?? 0) + (into[256 + green] ?? 0) + (into[512 + blue] ?? 0)
  return LEVELS[Math.max(0, Math.min(light, FULL))] ?? 0
}

function contributions({ curves, primaries }: MatrixProfile): readonly [Contribution, Contribution, Contribution] {
  const lights = curves.map((curve) => Float64Array.from({ length: 256 }, (_, value) => curve(value / 255)))
  const shares = primaries.map(fromXyz)
  const into = (target: number) =>
    Int32Array.from({ length: 768 }, (_, index) => {
      const source = index >> 8
      return Math.round(FULL * (lights[source]?.[index & 255] ?? 0) * (shares[source]?.[target] ?? 0))
    })
  return [into(0), into(1), into(2)]
}

/** How much of sRGB's red, green and blue a colour is: by Cramer's rule, as its primaries make up the matrix. */
function fromXyz(xyz: readonly number[]): number[] {
  const [red, green, blue] = SRGB_PRIMARIES
  const whole = determinant(red, green, blue)
  return [determinant(xyz, green, blue), determinant(red, xyz, blue), determinant(red, green, xyz)].map(
    (part) => part / whole,
  )
}

function determinant(a: readonly number[], b: readonly number[], c: readonly number[]): number {
  const [ax = 0, ay = 0, az = 0] = a
  const [bx = 0, by = 0, bz = 0] = b
  const [cx = 0, cy = 0, cz = 0] = c
  return ax * (by * cz - bz * cy) - ay * (bx * cz - bz * cx) + az * (bx * cy - by * cx)
}
