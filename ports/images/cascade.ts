import { LIMITS } from '../../contracts/limits.ts'
import { refusalFor } from './decoder-error.ts'
import { encode, encodeMoving } from './encode.ts'
import type { Header } from './header.ts'
import type { Form, Rendered, RenderedForm, RenderPlan } from './images.ts'
import { decode, type Pixels, scale } from './pixels.ts'
import { fitWithin, squareWithin } from './size.ts'
import { THUMBHASH_MAX_SIDE, thumbHash } from './thumb-hash.ts'
import { verified } from './verified.ts'

/**
 * Decodes once at the largest form, encodes from those pixels, and makes each next size from the one before. Against a
 * pipeline for each output this saves the decodes, which cost most; `bench/images` measures by how much.
 */
export async function cascade(bytes: Uint8Array, header: Header, plan: RenderPlan): Promise<Rendered> {
  const largest = Math.max(THUMBHASH_MAX_SIDE, ...plan.forms.map((form) => form.maxSide))
  const region = plan.crop && squareWithin(header, plan.crop)
  const decoded = await decode(bytes, header, largest, region).catch(refusalFor(bytes))
  if ('ok' in decoded) return decoded

  let pixels: Pixels = decoded
  const rendered = new Map<Form, RenderedForm>()
  for (const form of plan.forms.toSorted((a, b) => b.maxSide - a.maxSide)) {
    pixels = await scale(pixels, fitWithin(region ?? header, form.maxSide))
    const encoded =
      !region && staysMoving(form, header)
        ? await encodeMoving(bytes, form, pixels).catch(refusalFor(bytes))
        : await encode(pixels, form)
    if ('ok' in encoded) return encoded
    rendered.set(form, await verified(form, pixels, encoded))
  }
  return {
    ok: true,
    forms: plan.forms.flatMap((form) => rendered.get(form) ?? []),
    ...(plan.thumbhash && { thumbhash: await thumbHash(pixels) }),
  }
}

function staysMoving({ animated = false, encoding }: Form, { width, height, frames }: Header): boolean {
  if (!animated || encoding !== 'webp' || frames < 2) return false
  return width * height * frames <= LIMITS.image.maxMovingPixels
}
