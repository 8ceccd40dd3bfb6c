/** Decoding and encoding pictures: sharp in production. Every decode is guarded; a bad file is an answer, not an error. */
export interface Images {
  /** Facts from the header alone; no pixels are decoded. */
  inspect(bytes: Uint8Array): Promise<Inspected>
  /** Decodes once and encodes every form from that, largest first: upright, sRGB, without any metadata. */
  render(bytes: Uint8Array, plan: RenderPlan): Promise<Rendered>
  /** Names settings and encoder versions: the same recipe of the same bytes gives the same bytes. */
  recipe(plan: RenderPlan): string
}

export type Inspected = { readonly ok: true; readonly facts: ImageFacts } | Refusal

export interface ImageFacts {
  /** From the bytes, never from a name. */
  readonly format: 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'heic'
  readonly contentType: string
  /** Pixels, after orientation. */
  readonly width: number
  readonly height: number
  readonly frames: number
  readonly hasAlpha: boolean
  /** Local wall time as the camera wrote it, `2026-02-28T16:20:11`. */
  readonly capturedAt?: string
}

/** The file is at fault: a code for programs, a sentence for the person who sent it. */
export interface Refusal {
  readonly ok: false
  readonly code: RefusalCode
  readonly message: string
}

export type RefusalCode =
  | 'unsupported-type'
  | 'undecodable'
  | 'too-large'
  | 'too-many-pixels'
  | 'too-many-frames'
  | 'empty'
  | 'type-mismatch'

export interface RenderPlan {
  readonly forms: readonly Form[]
  /** What to make the forms of; the whole picture where left out. A cut-out never moves. */
  readonly crop?: SquareCrop
  /** Also what the forms don't show, for those who must see all of it. */
  readonly stills?: Stills
  /** Also make a ThumbHash (base64, some 25 bytes) of the smallest form. */
  readonly thumbhash: boolean
}

/**
 * Of a picture that a form keeps moving: frames spread evenly over it, the last one among them; the first is in the other
 * forms. Of one that is see-through anywhere: itself, and each of those frames, on other backgrounds.
 */
export interface Stills {
  /** Frames at most; an animation of few frames has fewer. */
  readonly count: number
  /** Colours such as `#000000`, besides the white that forms without transparency have. */
  readonly backgrounds: readonly string[]
  /** A JPEG. Each is named after it: `still-1`, `still-2` … */
  readonly form: Form
}

/** A square of the upright picture. Where it would reach beyond an edge it is moved inside, never made smaller. */
export interface SquareCrop {
  /** In parts of the picture's width and height. */
  readonly centre: { readonly x: number; readonly y: number }
  /** In parts of the picture's shorter side; 1 is the largest square there is. */
  readonly side: number
}

export interface Form {
  /** `thumb`, `large`, `webp` … */
  readonly name: string
  /** The longer side at most, in pixels; smaller pictures are never enlarged. */
  readonly maxSide: number
  readonly encoding: 'webp' | 'jpeg'
  /** 1 to 100. */
  readonly quality: number
  /** Keep an animation moving, where it is small enough and the encoding can; else, and by default, its first frame. */
  readonly animated?: boolean
}

export type Rendered =
  | {
      readonly ok: true
      readonly forms: readonly RenderedForm[]
      /** In their order in time, where they were asked for and the picture moves or is see-through. */
      readonly stills?: readonly RenderedForm[]
      readonly thumbhash?: string
      /** The animation of which a form shows the first frame alone, because it has more pixels than may move. */
      readonly stilled?: Animation
    }
  | Refusal

export interface Animation extends Pick<ImageFacts, 'format' | 'width' | 'height'> {
  /** Of each frame. */
  readonly delaysMs: readonly number[]
}

export interface RenderedForm {
  readonly name: string
  readonly contentType: string
  /** File name ending without a dot: `webp`, `jpg`. */
  readonly extension: string
  readonly width: number
  readonly height: number
  readonly bytes: Uint8Array
}
