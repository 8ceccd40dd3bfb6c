/** What the stand-in says of a picture with this marker. */
export interface Fixture {
  /** In the marker; never given to another fixture. */
  readonly code: number
  /** What is seen, surest first. */
  readonly labels: readonly SeenLabel[]
  readonly faces: readonly SeenFace[]
}

export interface SeenLabel {
  /**
   * From the top of the taxonomy down: https://docs.aws.amazon.com/rekognition/latest/dg/moderation-api.html. The
   * service tells of each level.
   */
  readonly path: readonly [string, ...string[]]
  /** Percent. */
  readonly confidence: number
}

export interface SeenFace {
  /** In parts of the picture's width and height. */
  readonly centre: { readonly x: number; readonly y: number }
  /** Its width, in parts of the picture's shorter side. */
  readonly size: number
  /** 0 to 100, as `Quality.Sharpness`. */
  readonly sharpness: number
  readonly brightness: number
  /** Percent. */
  readonly confidence: number
}

const FACE: SeenFace = { centre: { x: 0.5, y: 0.42 }, size: 0.4, sharpness: 92, brightness: 75, confidence: 99.9 }

/** Of a picture without a marker: nothing to object to, and one good face. Nobody has looked. */
export const UNMARKED: Omit<Fixture, 'code'> = { labels: [], faces: [FACE] }

/** By name. docs/local.md lists them. */
export const FIXTURES: Readonly<Record<string, Fixture>> = {
  nudity: {
    code: 1,
    labels: [{ path: ['Explicit', 'Explicit Nudity'], confidence: 98.7 }],
    faces: [FACE],
  },
  gore: {
    code: 2,
    labels: [{ path: ['Violence', 'Graphic Violence', 'Blood & Gore'], confidence: 96.2 }],
    faces: [],
  },
  hate: {
    code: 3,
    labels: [{ path: ['Hate Symbols', 'Extremist'], confidence: 93.4 }],
    faces: [],
  },
  weapon: {
    code: 4,
    labels: [{ path: ['Violence', 'Weapons'], confidence: 91.1 }],
    faces: [FACE],
  },
  swimwear: {
    code: 5,
    labels: [{ path: ['Swimwear or Underwear', 'Female Swimwear or Underwear'], confidence: 95.5 }],
    faces: [FACE],
  },
  drink: {
    code: 6,
    labels: [{ path: ['Alcohol', 'Alcoholic Beverages'], confidence: 90.8 }],
    faces: [FACE],
  },
  'maybe-nudity': {
    code: 7,
    labels: [{ path: ['Explicit', 'Explicit Nudity'], confidence: 57.3 }],
    faces: [FACE],
  },
  'no-face': { code: 64, labels: [], faces: [] },
  'two-faces': {
    code: 65,
    labels: [],
    faces: [
      { ...FACE, centre: { x: 0.28, y: 0.45 }, size: 0.3 },
      { ...FACE, centre: { x: 0.72, y: 0.45 }, size: 0.28 },
    ],
  },
  'small-face': { code: 66, labels: [], faces: [{ ...FACE, size: 0.05 }] },
  'blurred-face': { code: 67, labels: [], faces: [{ ...FACE, sharpness: 4.2 }] },
  'face-at-left': { code: 68, labels: [], faces: [{ ...FACE, centre: { x: 0.2, y: 0.6 }, size: 0.25 }] },
  'face-at-corner': { code: 69, labels: [], faces: [{ ...FACE, centre: { x: 0.92, y: 0.9 }, size: 0.3 }] },
}

const BY_CODE: ReadonlyMap<number, Fixture> = new Map(Object.values(FIXTURES).map((fixture) => [fixture.code, fixture]))

/** What is said of a picture whose marker says `code`; markers that nobody gave away count as none. */
export function seenBy(code: number | undefined): Omit<Fixture, 'code'> {
  return (code === undefined ? undefined : BY_CODE.get(code)) ?? UNMARKED
}
