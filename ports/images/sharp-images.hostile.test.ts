import { HOSTILE_PICTURES } from '../../tests/fixtures/hostile.ts'
import { assertNoMetadata } from '../../tests/fixtures/metadata.ts'
import { assertUpright } from '../../tests/fixtures/scene.ts'
import type { RenderPlan } from './images.ts'
import { sharpImages } from './sharp-images.ts'

const PLAN: RenderPlan = {
  forms: [
    { name: 'webp', maxSide: 96, encoding: 'webp', quality: 80, animated: true },
    { name: 'jpeg', maxSide: 96, encoding: 'jpeg', quality: 80 },
  ],
  thumbhash: true,
}

describe('sharp, given a file that means harm or nonsense', () => {
  const images = sharpImages()

  test.each(HOSTILE_PICTURES.filter(({ answer }) => answer !== 'rendered'))(
    'refuses $name as $answer, with a sentence for the person',
    async ({ make, answer, says }) => {
      const outcome = await images.render(await make(), PLAN)
      expect(outcome).toEqual({ ok: false, code: answer, message: expect.stringMatching(/^[A-Z].*: .+\.$/) })
      if (!outcome.ok) expect(outcome.message).toContain(says)
    },
  )

  test.each(HOSTILE_PICTURES.filter(({ answer }) => answer === 'rendered'))(
    'renders $name and leaves nothing of it but the picture',
    async ({ make }) => {
      const bytes = await make()
      expect(await images.inspect(bytes)).toMatchObject({ ok: true, facts: { width: 96, height: 64 } })
      const outcome = await images.render(bytes, PLAN)
      if (!outcome.ok) throw new Error(outcome.message)
      for (const form of outcome.forms) {
        await assertUpright(form.bytes)
        assertNoMetadata(form.bytes)
        expect(Buffer.from(form.bytes).includes('script')).toBe(false)
      }
    },
  )
})
