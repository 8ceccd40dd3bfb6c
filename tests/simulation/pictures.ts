import type { Images, Refusal, RenderPlan } from '../../ports/images/images.ts'

const DAMAGED = Buffer.from('damaged')
const DAMAGE: Refusal = { ok: false, code: 'undecodable', message: 'The picture is damaged: send it again.' }

/** Bytes of a photo; those of two photos differ. */
export function photo(name: string, condition: 'fine' | 'damaged'): Uint8Array {
  return Buffer.from(condition === 'damaged' ? `damaged ${name}` : `photo ${name}`)
}

const isDamaged = (bytes: Uint8Array) => Buffer.compare(DAMAGED, bytes.subarray(0, DAMAGED.length)) === 0

/** Pictures without a decoder: what comes out follows from the bytes and from the recipe's version alone. */
export function picturesOf(version: number): {
  readonly [K in keyof Images]: (...args: Parameters<Images[K]>) => Awaited<ReturnType<Images[K]>>
} {
  const recipe = (plan: RenderPlan) => `${plan.thumbhash ? 'a' : 'b'}${String(version).padStart(7, '0')}`
  return {
    recipe,
    inspect: (bytes) =>
      isDamaged(bytes)
        ? DAMAGE
        : {
            ok: true,
            facts: { format: 'jpeg', contentType: 'image/jpeg', width: 4, height: 3, frames: 1, hasAlpha: false },
          },
    render: (bytes, plan) =>
      isDamaged(bytes)
        ? DAMAGE
        : {
            ok: true,
            forms: plan.forms.map(({ name, encoding }) => ({
              name,
              contentType: `image/${encoding}`,
              extension: encoding,
              width: 4,
              height: 3,
              bytes: Buffer.from(`${name} ${recipe(plan)} ${Buffer.from(bytes).toString('latin1')}`),
            })),
            ...(plan.thumbhash && { thumbhash: 'AAAA' }),
          },
  }
}
