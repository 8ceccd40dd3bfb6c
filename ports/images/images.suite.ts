import type { Images, RenderPlan } from './images.ts'

/** Pictures that an adapter takes and refuses; the fake needs no real ones. */
export interface SamplePictures {
  /** A sound picture. */
  readonly sound: Uint8Array
  /** Another sound picture. */
  readonly other: Uint8Array
  /** What looks like a picture and can't be decoded. */
  readonly damaged: Uint8Array
}

const THUMBNAILS: RenderPlan = {
  forms: [
    { name: 'small', maxSide: 16, encoding: 'webp', quality: 80 },
    { name: 'large', maxSide: 48, encoding: 'webp', quality: 80 },
    { name: 'fallback', maxSide: 48, encoding: 'jpeg', quality: 80 },
    { name: 'whole', maxSide: 100_000, encoding: 'jpeg', quality: 80 },
  ],
  thumbhash: true,
}

/** What every adapter of Images must do, fake or real. */
export function describeImages(name: string, make: () => Images, samples: () => Promise<SamplePictures>): void {
  describe(`${name}, as images`, () => {
    const images = make()
    let sound: Uint8Array
    let other: Uint8Array
    let damaged: Uint8Array
    beforeAll(async () => {
      ;({ sound, other, damaged } = await samples())
    })

    const rendered = async (bytes: Uint8Array, plan = THUMBNAILS) => {
      const outcome = await images.render(bytes, plan)
      if (!outcome.ok) throw new Error(`refused: ${outcome.message}`)
      return outcome
    }

    const inspected = async (bytes: Uint8Array) => {
      const outcome = await images.inspect(bytes)
      if (!outcome.ok) throw new Error(`refused: ${outcome.message}`)
      return outcome.facts
    }

    test('facts are whole numbers of pixels and frames, and a content type', async () => {
      const { width, height, frames, contentType, format } = await inspected(sound)
      for (const count of [width, height, frames]) expect(count).toBeGreaterThanOrEqual(1)
      for (const count of [width, height, frames]) expect(Number.isInteger(count)).toBe(true)
      expect(contentType).toBe(`image/${format}`)
    })

    test('forms come in the order of the plan, each with its name, type and ending', async () => {
      const { forms } = await rendered(sound)
      expect(forms.map((form) => [form.name, form.contentType, form.extension])).toEqual([
        ['small', 'image/webp', 'webp'],
        ['large', 'image/webp', 'webp'],
        ['fallback', 'image/jpeg', 'jpg'],
        ['whole', 'image/jpeg', 'jpg'],
      ])
      for (const form of forms) expect(form.bytes.length).toBeGreaterThan(0)
    })

    test('forms keep the shape, fit their longer side, and are never enlarged', async () => {
      const original = await inspected(sound)
      const { forms } = await rendered(sound)
      const longer = Math.max(original.width, original.height)
      forms.forEach((form, index) => {
        const allowed = THUMBNAILS.forms[index]?.maxSide ?? Number.NaN
        expect(Math.max(form.width, form.height)).toBe(Math.min(allowed, longer))
        const factor = Math.min(1, allowed / longer)
        expect(Math.abs(form.width - original.width * factor)).toBeLessThanOrEqual(1)
        expect(Math.abs(form.height - original.height * factor)).toBeLessThanOrEqual(1)
      })
    })

    test('a picture that does not move has no stills', async () => {
      const still = { name: 'still', maxSide: 48, encoding: 'jpeg', quality: 80 } as const
      const plan: RenderPlan = { ...THUMBNAILS, stills: { count: 3, backgrounds: [], form: still } }
      expect(await rendered(sound, plan)).not.toHaveProperty('stills')
      expect(images.recipe(plan)).not.toBe(images.recipe(THUMBNAILS))
    })

    test('a crop makes the forms of a square of the picture, under a recipe of its own', async () => {
      const { width, height } = await inspected(sound)
      const plan: RenderPlan = { ...THUMBNAILS, crop: { centre: { x: 0.9, y: 0.1 }, side: 0.5 } }
      const { forms } = await rendered(sound, plan)
      const edge = Math.round(Math.min(width, height) * 0.5)
      forms.forEach((form, index) => {
        const fitting = Math.min(THUMBNAILS.forms[index]?.maxSide ?? Number.NaN, edge)
        expect([form.width, form.height]).toEqual([fitting, fitting])
      })
      const elsewhere: RenderPlan = { ...THUMBNAILS, crop: { centre: { x: 0.1, y: 0.1 }, side: 0.5 } }
      expect(new Set([THUMBNAILS, plan, elsewhere].map((one) => images.recipe(one))).size).toBe(3)
    })

    test('a thumbhash is base64 of at most 64 characters, and comes only when asked for', async () => {
      expect((await rendered(sound)).thumbhash).toMatch(/^(?=.{1,64}$)[A-Za-z0-9+/]+=*$/)
      expect(await rendered(sound, { ...THUMBNAILS, thumbhash: false })).not.toHaveProperty('thumbhash')
    })

    test('the same bytes and plan give the same bytes again; other bytes give others', async () => {
      expect(await rendered(sound)).toEqual(await rendered(sound))
      expect(await rendered(other)).not.toEqual(await rendered(sound))
    })

    test('a recipe is eight hex digits, the same for the same plan and another for another', () => {
      const recipe = images.recipe(THUMBNAILS)
      expect(recipe).toMatch(/^[0-9a-f]{8}$/)
      expect(images.recipe(structuredClone(THUMBNAILS))).toBe(recipe)
      expect(images.recipe({ ...THUMBNAILS, thumbhash: false })).not.toBe(recipe)
      const [first, ...rest] = THUMBNAILS.forms
      if (!first) throw new Error('the plan has no forms')
      expect(images.recipe({ ...THUMBNAILS, forms: [{ ...first, quality: 81 }, ...rest] })).not.toBe(recipe)
      expect(images.recipe({ ...THUMBNAILS, forms: [{ ...first, maxSide: 17 }, ...rest] })).not.toBe(recipe)
    })

    test('no bytes are refused as empty, with a sentence', async () => {
      const refusal = { ok: false, code: 'empty', message: expect.stringMatching(/^[A-Z].*\.$/) }
      expect(await images.inspect(new Uint8Array())).toEqual(refusal)
      expect(await images.render(new Uint8Array(), THUMBNAILS)).toEqual(refusal)
    })

    test('a damaged picture is an answer, not an error', async () => {
      expect(await images.render(damaged, THUMBNAILS)).toEqual({
        ok: false,
        code: 'undecodable',
        message: expect.stringMatching(/^[A-Z].*\.$/),
      })
    })

    test('the bytes handed in stay as they were', async () => {
      const before = Buffer.from(sound)
      await rendered(sound)
      expect(Buffer.compare(before, sound)).toBe(0)
    })
  })
}
