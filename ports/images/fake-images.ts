import { createHash } from 'node:crypto'
import type { Form, ImageFacts, Images, Refusal, RenderedForm, RenderPlan, SquareCrop } from './images.ts'
import { fitWithin, type Size, squareWithin } from './size.ts'

/** Bytes that start with this are refused as undecodable, as a damaged picture is. */
export const FAKE_DAMAGED = 'damaged'

const MAX_SIDE = 4032

/**
 * Pictures without a decoder, for simulations: any bytes are a JPEG whose size and derivatives follow from their
 * digest alone. Empty bytes are refused as `empty`, those that start with `FAKE_DAMAGED` as `undecodable`.
 */
export function fakeImages(): Images {
  return {
    async inspect(bytes) {
      return refusalOf(bytes) ?? { ok: true, facts: factsOf(bytes) }
    },
    async render(bytes, plan) {
      const refusal = refusalOf(bytes)
      if (refusal) return refusal
      const facts = factsOf(bytes)
      const size = plan.crop ? squareWithin(facts, plan.crop) : facts
      return {
        ok: true,
        forms: plan.forms.map((form) => rendered(bytes, size, form, plan.crop)),
        ...(plan.thumbhash && { thumbhash: digest(bytes, 'thumbhash').subarray(0, 25).toString('base64') }),
      }
    },
    recipe: (plan: RenderPlan) => digest(Buffer.from(JSON.stringify(plan)), 'fake').toString('hex', 0, 4),
  }
}

function refusalOf(bytes: Uint8Array): Refusal | undefined {
  if (bytes.length === 0) return { ok: false, code: 'empty', message: 'The file is empty: send the picture again.' }
  if (Buffer.from(bytes).toString('latin1', 0, FAKE_DAMAGED.length) !== FAKE_DAMAGED) return undefined
  return { ok: false, code: 'undecodable', message: 'The picture is damaged: send it again from the original.' }
}

function factsOf(bytes: Uint8Array): ImageFacts {
  const drawn = digest(bytes, 'size')
  return {
    format: 'jpeg',
    contentType: 'image/jpeg',
    width: 1 + (drawn.readUInt16BE(0) % MAX_SIDE),
    height: 1 + (drawn.readUInt16BE(2) % MAX_SIDE),
    frames: 1,
    hasAlpha: false,
  }
}

function rendered(bytes: Uint8Array, original: Size, form: Form, crop: SquareCrop | undefined): RenderedForm {
  return {
    name: form.name,
    contentType: form.encoding === 'webp' ? 'image/webp' : 'image/jpeg',
    extension: form.encoding === 'webp' ? 'webp' : 'jpg',
    ...fitWithin(original, form.maxSide),
    bytes: digest(bytes, JSON.stringify(crop ? { form, crop } : form)),
  }
}

function digest(bytes: Uint8Array, purpose: string): Buffer {
  return createHash('sha256').update(purpose).update('\0').update(bytes).digest()
}
