import fc from 'fast-check'
import sharp, { type Sharp } from 'sharp'
import { assertNoMetadata } from '../../tests/fixtures/metadata.ts'
import { cascade } from './cascade.ts'
import { readHeader } from './header.ts'
import type { RenderPlan } from './images.ts'
import { sharpImages } from './sharp-images.ts'
import { stillFrames } from './still-frames.ts'

const PLAN: RenderPlan = {
  forms: [{ name: 'webp', maxSide: 64, encoding: 'webp', quality: 80, animated: true }],
  stills: {
    count: 3,
    backgrounds: ['#000000', '#0000ff'],
    form: { name: 'still', maxSide: 32, encoding: 'jpeg', quality: 90 },
  },
  thumbhash: false,
}
const COLOURS = ['#ff0000', '#00ff00', '#0000ff', '#ffff00', '#00ffff', '#ff00ff', '#ffffff'] as const

/** An animation of one colour a frame. */
async function animation(frames: number): Promise<Sharp> {
  const pages = await Promise.all(
    COLOURS.slice(0, frames).map((background) =>
      sharp({ create: { width: 64, height: 40, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  )
  return sharp(pages, { join: { animated: true } })
}

async function stillsOf(bytes: Uint8Array, plan = PLAN) {
  const rendered = await sharpImages().render(bytes, plan)
  if (!rendered.ok) throw new Error(rendered.message)
  return rendered.stills ?? []
}

/** The nearest of the frames' colours. */
async function colourOf(bytes: Uint8Array): Promise<string | undefined> {
  const { dominant } = await sharp(bytes).stats()
  return COLOURS.find((colour) =>
    [dominant.r, dominant.g, dominant.b].every(
      (value, at) => Math.abs(value - Number.parseInt(colour.slice(1 + 2 * at, 3 + 2 * at), 16)) < 48,
    ),
  )
}

it.each([
  ['a GIF', async () => (await animation(7)).gif().toBuffer()],
  ['a WebP', async () => (await animation(7)).webp({ lossless: true }).toBuffer()],
])('shows frames of %s, evenly spread, the last among them', async (_, make) => {
  const stills = await stillsOf(await make())
  expect(
    stills.map(({ name, contentType, extension, width, height }) => [name, contentType, extension, width, height]),
  ).toEqual([
    ['still-1', 'image/jpeg', 'jpg', 32, 20],
    ['still-2', 'image/jpeg', 'jpg', 32, 20],
    ['still-3', 'image/jpeg', 'jpg', 32, 20],
  ])
  expect(await Promise.all(stills.map(({ bytes }) => colourOf(bytes)))).toEqual([COLOURS[2], COLOURS[4], COLOURS[6]])
  for (const { bytes } of stills) await assertNoMetadata(bytes)
})

it('shows each frame once where there are few', async () => {
  expect(await stillsOf(await (await animation(2)).gif().toBuffer())).toHaveLength(1)
})

it('shows none of what is still, and none where every form is', async () => {
  const moving = await (await animation(4)).gif().toBuffer()
  const still = await sharp(moving).png().toBuffer()
  expect(await stillsOf(still)).toEqual([])
  const forms = PLAN.forms.map((form) => ({ ...form, animated: false }))
  expect(await stillsOf(moving, { ...PLAN, forms })).toEqual([])
})

describe('what is see-through', () => {
  /** Drawn in white and transparency alone: a bar in the middle, of which nothing is to be seen on white. */
  const ghost = (width = 64) => {
    const bar = { create: { width: 16, height: 40, channels: 4 as const, background: '#ffffff' } }
    const nothing = { create: { width, height: 40, channels: 4 as const, background: '#ffffff00' } }
    return sharp(nothing).composite([{ input: bar, gravity: 'centre' }])
  }
  const middle = async (bytes: Uint8Array) => {
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true })
    const at = (Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2)) * info.channels
    return [data[at], data[0]].map((value) => Math.round((value ?? 0) / 32) * 32)
  }

  it.each([
    ['PNG', async () => ghost().png().toBuffer()],
    ['WebP', async () => ghost().webp({ lossless: true, exact: true }).toBuffer()],
  ])('is shown on other backgrounds than white, in %s', async (_, make) => {
    const stills = await stillsOf(await make())
    expect(stills.map(({ name, contentType, width }) => [name, contentType, width])).toEqual([
      ['still-1', 'image/jpeg', 32],
      ['still-2', 'image/jpeg', 32],
    ])
    expect(await Promise.all(stills.map(({ bytes }) => middle(bytes)))).toEqual([
      [256, 0],
      [256, 0],
    ])
    for (const { bytes } of stills) await assertNoMetadata(bytes)
  })

  it('is shown so in each frame that is looked at', async () => {
    const pages = await Promise.all(
      [ghost(64), ghost(64).negate({ alpha: false })].map((page) => page.png().toBuffer()),
    )
    const moving = await sharp(pages, { join: { animated: true } })
      .webp({ lossless: true, exact: true })
      .toBuffer()
    // The first on two backgrounds, as a form shows it on white; the last on white too.
    expect(await stillsOf(moving)).toHaveLength(5)
  })

  it('is shown as large as is asked for where smaller forms are made too', async () => {
    const smaller = { name: 'thumb', maxSide: 8, encoding: 'webp', quality: 80 } as const
    const plan = { ...PLAN, forms: [smaller, ...PLAN.forms] }
    const rendered = await sharpImages().render(await ghost().png().toBuffer(), plan)
    if (!rendered.ok) throw new Error(rendered.message)
    expect([...rendered.forms, ...(rendered.stills ?? [])].map(({ name, width }) => [name, width])).toEqual([
      ['thumb', 8],
      ['webp', 64],
      ['still-1', 32],
      ['still-2', 32],
    ])
    for (const { bytes } of rendered.stills ?? []) expect(await middle(bytes)).toEqual([256, 0])
  })

  it('is not what has alpha and no pixel that lets anything through', async () => {
    expect(await stillsOf(await ghost().flatten({ background: '#808080' }).ensureAlpha().png().toBuffer())).toEqual([])
  })
})

it('refuses what takes too long in all, though each decode of it is quick enough', async () => {
  const moving = await (await animation(4)).gif().toBuffer()
  const refusal = { ok: false, code: 'undecodable', message: expect.stringContaining('more time') }
  expect(await sharpImages({ renderSeconds: 0.001 }).render(moving, PLAN)).toEqual(refusal)
})

it('answers at the end of that time, while the decoder is still at it', async () => {
  const large = { create: { width: 8_000, height: 6_000, channels: 3 as const, background: '#808080' } }
  const bytes = await sharp(large).jpeg().toBuffer()
  expect(await sharpImages({ renderSeconds: 0.001 }).render(bytes, PLAN)).toMatchObject({ code: 'undecodable' })
  const { queue, process } = sharp.counters()
  expect(queue + process).toBe(1)
})

it('makes no form after that time', async () => {
  const moving = await (await animation(4)).gif().toBuffer()
  const header = await readHeader(moving)
  if (!header.ok) throw new Error(header.message)
  await expect(cascade(moving, header, PLAN, AbortSignal.abort('it is over'))).rejects.toBe('it is over')
})

it('of any animation, at most so many are chosen, each once, rising, and never the first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 16 }), (frames, count) => {
      const chosen = stillFrames(frames, count)
      expect(chosen).toHaveLength(Math.min(count, frames - 1))
      expect(new Set(chosen).size).toBe(chosen.length)
      expect(chosen).toEqual(chosen.toSorted((a, b) => a - b))
      for (const frame of chosen) expect(frame).toBeGreaterThan(0)
      if (chosen.length > 0) expect(chosen.at(-1)).toBe(frames - 1)
    }),
  )
})
