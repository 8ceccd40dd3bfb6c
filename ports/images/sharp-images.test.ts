import sharp, { type Sharp } from 'sharp'
import { ORIENTATIONS, withExif } from '../../tests/fixtures/exif.ts'
import { gif } from '../../tests/fixtures/gif.ts'
import { assertNoMetadata } from '../../tests/fixtures/metadata.ts'
import { turnedScene } from '../../tests/fixtures/orientations.ts'
import { photo } from '../../tests/fixtures/photo.ts'
import { blackPng } from '../../tests/fixtures/png.ts'
import { assertUpright, SCENE_SIZE, scene, scenePixels } from '../../tests/fixtures/scene.ts'
import { describeImages } from './images.suite.ts'
import type { Rendered, RenderPlan } from './images.ts'
import { sharpImages } from './sharp-images.ts'

const PLAN: RenderPlan = {
  forms: [
    { name: 'small', maxSide: 40, encoding: 'webp', quality: 80 },
    { name: 'webp', maxSide: 80, encoding: 'webp', quality: 80, animated: true },
    { name: 'jpeg', maxSide: 80, encoding: 'jpeg', quality: 80 },
  ],
  thumbhash: true,
}

const images = sharpImages()

describeImages('sharpImages', sharpImages, async () => ({
  sound: await scene().jpeg().toBuffer(),
  other: await scene({ width: 64, height: 96 }).negate().png().toBuffer(),
  damaged: (await scene().jpeg().toBuffer()).subarray(0, 700),
}))

describe('sharp renders upright, in sRGB and without metadata', () => {
  test.each(ORIENTATIONS)('a JPEG of EXIF orientation %i', async (orientation) => {
    const gps = { latitude: 35.6586, longitude: 139.7454 }
    const bytes = withExif(await turnedScene(orientation), { orientation, gps })
    expect(await images.inspect(bytes)).toMatchObject({ ok: true, facts: SCENE_SIZE })
    const forms = await rendered(bytes)
    expect(forms.map(({ width, height }) => [width, height])).toEqual([
      [40, 27],
      [80, 53],
      [80, 53],
    ])
  })

  const turned = async () => sharp(await turnedScene(6)).withMetadata({ orientation: 6 })
  const rgba = () => scene().joinChannel(Buffer.alloc(96 * 64, 255), { raw: { ...SCENE_SIZE, channels: 1 } })
  const pictures: readonly (readonly [name: string, make: () => Sharp | Promise<Sharp>])[] = [
    ['a PNG', () => scene().png()],
    ['a PNG with an orientation', async () => (await turned()).png()],
    ['a PNG with a palette', () => scene().png({ palette: true, colours: 64 })],
    ['an interlaced PNG', () => scene().png({ progressive: true })],
    ['a PNG of 16 bits', () => scene().toColourspace('rgb16').png()],
    ['a PNG of 16 bits in Display P3', () => scene().toColourspace('rgb16').withIccProfile('p3').png()],
    ['a PNG with alpha', () => rgba().png()],
    ['a WebP', () => scene().webp()],
    ['a WebP with an orientation', async () => (await turned()).webp()],
    ['a lossless WebP', () => scene().webp({ lossless: true })],
    ['an AVIF', () => scene().avif({ effort: 0 })],
    ['an AVIF that is turned', async () => (await turned()).avif({ effort: 0 })],
    ['a GIF', () => scene().gif()],
    ['a progressive JPEG', () => scene().jpeg({ progressive: true })],
    ['a JPEG with an sRGB profile', () => scene().withIccProfile('srgb').jpeg()],
    ['a JPEG in Display P3', () => scene().withIccProfile('p3').jpeg({ quality: 95 })],
    ['a JPEG in CMYK with a profile', () => scene().withIccProfile('cmyk').jpeg({ quality: 95 })],
    ['a JPEG in CMYK without a profile', () => scene().toColourspace('cmyk').jpeg({ quality: 95 })],
  ]
  test.each(pictures)('%s', async (_, make) => {
    await rendered(await (await make()).toBuffer())
  })

  test('a grey JPEG stays grey', async () => {
    const { forms } = accepted(await images.render(await scene().greyscale().jpeg().toBuffer(), PLAN))
    for (const form of forms) {
      const { channels } = await sharp(form.bytes).stats()
      for (const channel of channels) expect(channel.mean).toBeCloseTo(channels[0]?.mean ?? Number.NaN, 0)
    }
  })

  /** The forms of PLAN, each checked. */
  async function rendered(bytes: Uint8Array) {
    const { forms, thumbhash } = accepted(await images.render(bytes, PLAN))
    expect(thumbhash).toHaveLength(28)
    expect(forms).toHaveLength(PLAN.forms.length)
    for (const form of forms) {
      // Inks can't print the scene's blue: what was lost when it became CMYK can't come back.
      const { space } = await sharp(bytes).metadata()
      await assertUpright(form.bytes, space === 'cmyk' ? 75 : 12)
      assertNoMetadata(form.bytes)
    }
    return forms
  }
})

describe('sharp, where a picture is transparent', () => {
  test('WebP keeps it, and JPEG shows white', async () => {
    const clear = { width: 60, height: 60, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } } as const
    const { forms } = accepted(await images.render(await sharp({ create: clear }).png().toBuffer(), PLAN))
    const [small, webp, jpeg] = await Promise.all(forms.map(({ bytes }) => sharp(bytes).raw().toBuffer()))
    expect(small?.at(3)).toBe(0)
    expect(webp?.at(3)).toBe(0)
    expect([...(jpeg?.subarray(0, 3) ?? [])]).toEqual([255, 255, 255])
  })
})

describe('sharp, given an animation', () => {
  const FRAMES = 4
  const animation = () => {
    const frames = Array.from({ length: FRAMES }, (_, index) =>
      scene()
        .linear(1 - index * 0.2, 0)
        .png()
        .toBuffer(),
    )
    return Promise.all(frames).then((all) => sharp(all, { join: { animated: true } }))
  }

  test.each(['gif', 'webp'] as const)('keeps a %s moving only where the plan says so', async (format) => {
    const bytes = await (await animation()).toFormat(format, { delay: [120, 80, 120, 80], loop: 3 }).toBuffer()
    expect(await images.inspect(bytes)).toMatchObject({ ok: true, facts: { frames: FRAMES, ...SCENE_SIZE } })
    const { forms } = accepted(await images.render(bytes, PLAN))
    const [small, webp, jpeg] = await Promise.all(forms.map((form) => sharp(form.bytes).metadata()))
    expect(small?.pages).toBeUndefined()
    expect(webp).toMatchObject({ pages: FRAMES, width: 80, height: 53, delay: [120, 80, 120, 80], loop: 3 })
    expect(jpeg?.pages).toBeUndefined()
    for (const form of forms) {
      await assertUpright(form.bytes)
      assertNoMetadata(form.bytes)
    }
  })

  test('shows the first frame where moving would cost too much, and tells of it', async () => {
    const frames = 60
    const bytes = gif(frames, { width: 1_000, height: 1_000 })
    expect(await images.inspect(bytes)).toMatchObject({ facts: { frames } })
    const { forms, stilled } = accepted(await images.render(bytes, PLAN))
    for (const form of forms) expect((await sharp(form.bytes).metadata()).pages).toBeUndefined()
    const delaysMs = Array.from({ length: frames }, () => 100)
    expect(stilled).toEqual({ format: 'gif', width: 1_000, height: 1_000, delaysMs })
    const still = PLAN.forms.map((form) => ({ ...form, animated: false }))
    expect(await images.render(bytes, { ...PLAN, forms: still })).not.toHaveProperty('stilled')
    expect(await images.render(gif(2), PLAN)).not.toHaveProperty('stilled')
  })
})

describe('sharp inspects', () => {
  test('what the bytes are, never what someone says of them', async () => {
    expect(await images.inspect(await scene().avif({ effort: 0 }).toBuffer())).toEqual({
      ok: true,
      facts: { format: 'avif', contentType: 'image/avif', ...SCENE_SIZE, frames: 1, hasAlpha: false },
    })
  })

  test('when the camera took the picture, and not where', async () => {
    const dated = { dateTimeOriginal: '2026:02:28 16:20:11', gps: { latitude: 1.5, longitude: 2.5 } }
    expect(await images.inspect(withExif(await scene().jpeg().toBuffer(), dated))).toEqual({
      ok: true,
      facts: {
        format: 'jpeg',
        contentType: 'image/jpeg',
        ...SCENE_SIZE,
        frames: 1,
        hasAlpha: false,
        capturedAt: '2026-02-28T16:20:11',
      },
    })
  })

  test('a cut-off picture by its header, which is whole', async () => {
    const bytes = await scene({ width: 960, height: 640 }).jpeg().toBuffer()
    expect(await images.inspect(bytes.subarray(0, 4_000))).toMatchObject({ ok: true, facts: { width: 960 } })
  })
})

describe('sharp within limits', () => {
  test('renders the largest picture that is allowed in bounded memory', async () => {
    const before = process.memoryUsage.rss()
    const { forms } = accepted(await images.render(blackPng(10_000, 10_000), PLAN))
    expect(forms[0]).toMatchObject({ width: 40, height: 40 })
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024)
  })

  test('refuses a file of more bytes than allowed without opening it', async () => {
    const bytes = Buffer.alloc(50 * 1024 * 1024 + 1)
    Buffer.from([0xff, 0xd8, 0xff]).copy(bytes)
    expect(await images.inspect(bytes)).toEqual({
      ok: false,
      code: 'too-large',
      message: 'The file has 50.1 MB and 50 MB are allowed: send a smaller copy.',
    })
  })

  test('leaves no loader for formats that are not taken', async () => {
    const tiff = await scene().tiff().toBuffer()
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    for (const bytes of [tiff, svg]) await expect(sharp(bytes).metadata()).rejects.toThrow('unsupported image format')
  })

  test('a picture of one row stays one row', async () => {
    const line = { width: 3_000, height: 1 }
    const { forms } = accepted(
      await images.render(
        await sharp(scenePixels(line), { raw: { ...line, channels: 3 } })
          .png()
          .toBuffer(),
        PLAN,
      ),
    )
    expect(forms.map(({ width, height }) => [width, height])).toEqual([
      [40, 1],
      [80, 1],
      [80, 1],
    ])
  })
})

test('the cascade looks like resizing each form from the original', async () => {
  const original = await photo({ width: 800, height: 600 })
  const { forms } = accepted(
    await images.render(original, {
      forms: [80, 240, 480].map((maxSide) => ({ name: `${maxSide}`, maxSide, encoding: 'webp', quality: 80 })),
      thumbhash: false,
    }),
  )
  for (const { bytes, width, height } of forms) {
    const direct = await sharp(original).resize(width, height).webp({ quality: 80, effort: 2 }).toBuffer()
    expect(await peakSignalToNoise(bytes, direct)).toBeGreaterThan(36)
  }
})

function accepted(outcome: Rendered): Extract<Rendered, { ok: true }> {
  if (!outcome.ok) throw new Error(`refused: ${outcome.message}`)
  return outcome
}

/** Decibels; above 36 the eye sees no difference at these sizes. */
async function peakSignalToNoise(left: Uint8Array, right: Uint8Array): Promise<number> {
  const [a, b] = await Promise.all([left, right].map((bytes) => sharp(bytes).removeAlpha().raw().toBuffer()))
  if (!a || a.length !== b?.length) throw new Error('the pictures differ in size')
  const squares = a.reduce((sum, value, index) => sum + (value - (b[index] ?? 0)) ** 2, 0)
  return 10 * Math.log10(255 ** 2 / (squares / a.length))
}
