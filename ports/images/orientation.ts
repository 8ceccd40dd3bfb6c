import type { Size } from './size.ts'

/** What makes a stored picture upright: it is mirrored left to right first, then turned clockwise. */
export interface Turn {
  readonly mirrored: boolean
  readonly degrees: 0 | 90 | 180 | 270
}

/** EXIF 2.32, 4.6.4: what each orientation asks for. */
const TURNS: ReadonlyMap<number, Turn> = new Map<number, Turn>([
  [2, { mirrored: true, degrees: 0 }],
  [3, { mirrored: false, degrees: 180 }],
  [4, { mirrored: true, degrees: 180 }],
  [5, { mirrored: true, degrees: 270 }],
  [6, { mirrored: false, degrees: 90 }],
  [7, { mirrored: true, degrees: 90 }],
  [8, { mirrored: false, degrees: 270 }],
])

/** The turn that an orientation asks for; undefined where the picture is upright, or the tag is none that EXIF knows. */
export function turnOf(orientation: number | undefined): Turn | undefined {
  return orientation === undefined ? undefined : TURNS.get(orientation)
}

/** How large a picture is before a turn that gives it this size. */
export function sizeBefore({ degrees }: Turn, { width, height }: Size): Size {
  return degrees % 180 === 0 ? { width, height } : { width: height, height: width }
}
