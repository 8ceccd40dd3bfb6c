import type { Images, Refusal, RenderedForm, RenderPlan } from '../../ports/images/images.ts'
import { flawsOf } from './uploads.ts'

const DAMAGE: Refusal = { ok: false, code: 'undecodable', message: 'The picture is damaged: send it again.' }
const SIZE = { width: 400, height: 300 } as const

/** Pictures without a decoder: what comes out follows from the bytes and from the recipe's version alone. */
export function picturesOf(version: number): {
  readonly [K in keyof Images]: (...args: Parameters<Images[K]>) => Awaited<ReturnType<Images[K]>>
} {
  const recipe = (plan: RenderPlan) =>
    `${plan.crop ? 'c' : plan.thumbhash ? 'a' : 'b'}${String(version).padStart(7, '0')}`
  const isDamaged = (bytes: Uint8Array) => flawsOf(bytes).includes('damaged')
  return {
    recipe,
    inspect: (bytes) =>
      isDamaged(bytes)
        ? DAMAGE
        : { ok: true, facts: { format: 'jpeg', contentType: 'image/jpeg', ...SIZE, frames: 1, hasAlpha: false } },
    render: (bytes, plan) =>
      isDamaged(bytes)
        ? DAMAGE
        : {
            ok: true,
            forms: plan.forms.map(
              ({ name, encoding }): RenderedForm => ({
                name,
                contentType: `image/${encoding}`,
                extension: encoding,
                ...SIZE,
                bytes: Buffer.from(`${name} ${recipe(plan)} ${Buffer.from(bytes).toString('latin1')}`),
              }),
            ),
            ...(plan.thumbhash && { thumbhash: 'AAAA' }),
          },
  }
}
