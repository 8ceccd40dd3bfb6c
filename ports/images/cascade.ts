import { LIMITS } from '../../contracts/limits.ts'
import { refusalFor } from './decoder-error.ts'
import { encode, encodeMoving } from './encode.ts'
import type { Header } from './header.ts'
import type { Form, Rendered, RenderedForm, RenderPlan, Stills } from './images.ts'
import { decode, type Pixels, release, scale } from './pixels.ts'
import { fitWithin, squareWithin } from './size.ts'
import { renderStills } from './stills.ts'
import { THUMBHASH_MAX_SIDE, thumbHash } from './thumb-hash.ts'
import { verified } from './verified.ts'

/**
 * Decodes once at the largest form, encodes from those pixels, and makes each next size from the one before. Against a
 * pipeline for each output this saves the decodes, which cost most; `bench/media` measures by how much.
 * @throws what the deadline was aborted for, where there is something left to begin then
 */
export async function cascade(
  bytes: Uint8Array,
  header: Header,
  plan: RenderPlan,
  deadline: AbortSignal,
): Promise<Rendered> {
  const largest = Math.max(THUMBHASH_MAX_SIDE, ...plan.forms.map((form) => form.maxSide))
  const region = plan.crop && squareWithin(header, plan.crop)
  const decoded = await decode(bytes, header, largest, region).catch(refusalFor(bytes))
  if ('ok' in decoded) return decoded

  const moves = !region && plan.forms.some((form) => staysMoving(form, header))
  let pixels: Pixels = decoded
  let stills: readonly RenderedForm[] = []
  const rendered = new Map<Form, RenderedForm>()
  for (const next of largestFirst(plan)) {
    deadline.throwIfAborted()
    if ('count' in next) {
      const looked = await renderStills(bytes, header, next, { first: pixels, moves, deadline })
      if ('ok' in looked) return looked
      pixels = looked.first
      stills = looked.stills
      continue
    }
    pixels = await scale(pixels, fitWithin(region ?? header, next.maxSide))
    const encoded =
      !region && staysMoving(next, header)
        ? await encodeMoving(bytes, next, pixels).catch(refusalFor(bytes))
        : await encode(pixels, next)
    if ('ok' in encoded) return encoded
    rendered.set(next, await verified(next, pixels, encoded))
  }
  const thumbhash = plan.thumbhash ? await thumbHash(pixels) : undefined
  release(pixels)
  const stilled = !region && !moves && plan.forms.some((form) => couldMove(form, header))
  const { format, width, height, metadata } = header
  return {
    ok: true,
    forms: plan.forms.flatMap((form) => rendered.get(form) ?? []),
    ...(stills.length > 0 && { stills }),
    ...(thumbhash !== undefined && { thumbhash }),
    ...(stilled && { stilled: { format, width, height, delaysMs: metadata.delay ?? [] } }),
  }
}

/** What a plan asks for, so that the pixels of each do for the next. */
function largestFirst({ forms, stills }: RenderPlan): readonly (Form | Stills)[] {
  const side = (next: Form | Stills) => ('count' in next ? next.form.maxSide : next.maxSide)
  return [...forms, ...(stills ? [stills] : [])].sort((a, b) => side(b) - side(a))
}

function staysMoving(form: Form, header: Header): boolean {
  const { width, height, frames } = header
  return couldMove(form, header) && width * height * frames <= LIMITS.image.maxMovingPixels
}

function couldMove({ animated = false, encoding }: Form, { frames }: Header): boolean {
  return animated && encoding === 'webp' && frames > 1
}
