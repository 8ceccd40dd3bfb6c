import fc from 'fast-check'
import sharp from 'sharp'
import { ORIENTATIONS, withExif } from '../../tests/fixtures/exif.ts'
import { turnedScene } from '../../tests/fixtures/orientations.ts'
import { SCENE_SIZE, scene, scenePixels } from '../../tests/fixtures/scene.ts'
import type { RenderPlan, SquareCrop } from './images.ts'
import { sharpImages } from './sharp-images.ts'
import { squareWithin } from './size.ts'

const images = sharpImages()
const CROP: SquareCrop = { centre: { x: 0.8, y: 0.3 }, side: 0.5 }

const planOf = (crop: SquareCrop): RenderPlan => ({
  forms: [
    { name: 'small', maxSide: 16, encoding: 'webp', quality: 95 },
    { name: 'large', maxSide: 512, encoding: 'webp', quality: 95, animated: true },
  ],
  crop,
  thumbhash: false,
})

/** Mean difference a channel, of a rendered picture and the region of the upright scene that it should show. */
async function differenceFrom(bytes: Uint8Array, crop: SquareCrop): Promise<number> {
  const region = squareWithin(SCENE_SIZE, crop)
  const upright = sharp(scenePixels(SCENE_SIZE), { raw: { ...SCENE_SIZE, channels: 3 } })
  const expected = await upright.extract(region).raw().toBuffer()
  const actual = await sharp(bytes).removeAlpha().resize(region.width, region.height).raw().toBuffer()
  return expected.reduce((sum, value, at) => sum + Math.abs(value - (actual[at] ?? 0)), 0) / expected.length
}

async function cropped(bytes: Uint8Array, crop = CROP) {
  const rendered = await images.render(bytes, planOf(crop))
  if (!rendered.ok) throw new Error(rendered.message)
  return rendered.forms
}

test.each(ORIENTATIONS)(
  'a crop is of the upright picture, whatever the camera’s orientation %i',
  async (orientation) => {
    const [small, large] = await cropped(withExif(await turnedScene(orientation), { orientation }))
    expect([small?.width, small?.height, large?.width, large?.height]).toEqual([16, 16, 32, 32])
    expect(await differenceFrom(large?.bytes ?? Buffer.alloc(0), CROP)).toBeLessThan(8)
  },
)

test.each([
  ['a PNG', () => scene().png()],
  ['a PNG of 16 bits in Display P3', () => scene().toColourspace('rgb16').withIccProfile('p3').png()],
  ['a JPEG in Display P3', () => scene().withIccProfile('p3').jpeg({ quality: 95 })],
  ['a WebP', () => scene().webp({ quality: 95 })],
])('a crop of %s shows that part of it', async (_, make) => {
  const [, large] = await cropped(await make().toBuffer())
  expect(await differenceFrom(large?.bytes ?? Buffer.alloc(0), CROP)).toBeLessThan(8)
})

test('a crop of another place shows something else', async () => {
  const [, large] = await cropped(await scene().png().toBuffer(), { centre: { x: 0.2, y: 0.7 }, side: 0.5 })
  expect(await differenceFrom(large?.bytes ?? Buffer.alloc(0), CROP)).toBeGreaterThan(20)
})

test('a crop of an animation is a still picture', async () => {
  const frame = await scene().png().toBuffer()
  const moving = await sharp([frame, frame, frame], { join: { animated: true } })
    .gif()
    .toBuffer()
  const [, large] = await cropped(moving)
  expect((await sharp(large?.bytes).metadata()).pages ?? 1).toBe(1)
})

test('any crop of any picture lies inside of it, and is a square', () => {
  const part = fc.double({ min: -1, max: 2, noNaN: true })
  const pixels = fc.integer({ min: 1, max: 10_000 })
  fc.assert(
    fc.property(pixels, pixels, part, part, part, (width, height, x, y, side) => {
      const region = squareWithin({ width, height }, { centre: { x, y }, side })
      expect(region.width).toBe(region.height)
      expect(region.width).toBeGreaterThanOrEqual(1)
      expect(region.left).toBeGreaterThanOrEqual(0)
      expect(region.top).toBeGreaterThanOrEqual(0)
      expect(region.left + region.width).toBeLessThanOrEqual(width)
      expect(region.top + region.height).toBeLessThanOrEqual(height)
      for (const value of Object.values(region)) expect(Number.isInteger(value)).toBe(true)
    }),
  )
})

test('a crop is round its centre, and is moved where it would reach beyond an edge', () => {
  const size = { width: 1000, height: 500 }
  expect(squareWithin(size, { centre: { x: 0.5, y: 0.5 }, side: 0.4 })).toEqual({
    left: 400,
    top: 150,
    width: 200,
    height: 200,
  })
  expect(squareWithin(size, { centre: { x: 0.99, y: 0.01 }, side: 0.4 })).toEqual({
    left: 800,
    top: 0,
    width: 200,
    height: 200,
  })
  expect(squareWithin(size, { centre: { x: 0.5, y: 0.5 }, side: 9 })).toEqual({
    left: 250,
    top: 0,
    width: 500,
    height: 500,
  })
})
