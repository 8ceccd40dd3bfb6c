import type { Face } from '../../contracts/generated/shapes.ts'

/** What a face must be to become an avatar. docs/moderation.md shows the same table. */
export const FACE_LIMITS = {
  /** Percent; what is less surely a face is none. */
  minConfidence: 90,
  /** A face less high than this part of the largest one belongs to a bystander, and does not count. */
  bystanderPart: 0.4,
  /** Pixels of its height in the optimized picture, whose longer side has at most 2048. */
  minHeight: 80,
  /** 0 to 100, as Rekognition measures it. */
  minSharpness: 25,
} as const

/** Pixels. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

export type FaceJudgement =
  | { readonly ok: true; readonly face: Face }
  | { readonly ok: false; readonly code: FaceRefusal; readonly message: string }

export type FaceRefusal = 'no-face' | 'several-faces' | 'face-too-small' | 'face-blurred'

const REMEDIES: Readonly<Record<FaceRefusal, string>> = {
  'no-face': 'No face can be seen in this picture. Choose one that shows your face from the front, in good light.',
  'several-faces': 'There is more than one face in this picture. Choose one of you alone, or cut it to your face.',
  'face-too-small': 'The face is too small in this picture. Choose one that was taken closer, or a larger one.',
  'face-blurred': 'The face is blurred in this picture. Choose a sharper one: hold still, and wipe the lens.',
}

/** The one face of a profile picture, or why there is none that will do. */
export function judgeFaces(faces: readonly Face[], { height }: PictureSize): FaceJudgement {
  const sure = faces.filter(({ confidence }) => confidence >= FACE_LIMITS.minConfidence)
  const largest = Math.max(0, ...sure.map((face) => face.height))
  const [face, ...others] = sure.filter((one) => one.height >= largest * FACE_LIMITS.bystanderPart)
  if (!face) return refused('no-face')
  if (others.length > 0) return refused('several-faces')
  if (face.height * height < FACE_LIMITS.minHeight) return refused('face-too-small')
  if (face.sharpness < FACE_LIMITS.minSharpness) return refused('face-blurred')
  return { ok: true, face }
}

export function refused(code: FaceRefusal): Extract<FaceJudgement, { readonly ok: false }> {
  return { ok: false, code, message: REMEDIES[code] }
}
