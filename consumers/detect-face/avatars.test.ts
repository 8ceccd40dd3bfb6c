import fc from 'fast-check'
import sharp from 'sharp'
import { sharpImages } from '../../ports/images/sharp-images.ts'
import { avatarPlan, cropAround } from './avatars.ts'

const BEST = { confidence: 99, sharpness: 90, brightness: 70 }

it('is a square of two faces round the eyes', () => {
  const face = { left: 0.4, top: 0.3, width: 0.2, height: 0.2, ...BEST }
  expect(cropAround(face, { width: 1000, height: 1000 })).toEqual({ centre: { x: 0.5, y: 0.384 }, side: 0.4 })
})

it('is the largest square there is where the face fills the picture', () => {
  const face = { left: -0.05, top: 0, width: 1.1, height: 0.95, ...BEST }
  expect(cropAround(face, { width: 900, height: 1200 }).side).toBe(1)
})

it('asks for the same of the same face, and holds nothing that a key can’t be made of', () => {
  const part = fc.double({ min: -0.5, max: 1.5, noNaN: true })
  const length = fc.double({ min: 0.01, max: 1.5, noNaN: true })
  const pixels = fc.integer({ min: 80, max: 2048 })
  fc.assert(
    fc.property(part, part, length, length, pixels, pixels, (left, top, width, height, across, down) => {
      const crop = cropAround({ left, top, width, height, ...BEST }, { width: across, height: down })
      expect(crop.side).toBeGreaterThan(0)
      expect(crop.side).toBeLessThanOrEqual(1)
      for (const value of [crop.centre.x, crop.centre.y, crop.side]) expect(String(value).length).toBeLessThan(9)
    }),
  )
})

it('cuts a real picture to the face, sharp at each size', async () => {
  // A red face on blue, at the right edge.
  const size = { width: 800, height: 600 }
  const red = await sharp({ create: { width: 120, height: 150, channels: 3, background: '#d02020' } })
    .png()
    .toBuffer()
  const picture = await sharp({ create: { ...size, channels: 3, background: '#2020d0' } })
    .composite([{ input: red, left: 660, top: 200 }])
    .jpeg({ quality: 90 })
    .toBuffer()
  const face = { left: 660 / 800, top: 200 / 600, width: 120 / 800, height: 150 / 600, ...BEST }
  const rendered = await sharpImages().render(picture, avatarPlan(face, size))
  if (!rendered.ok) throw new Error(rendered.message)
  // Never enlarged: the square has 300 pixels.
  expect(rendered.forms.map(({ width, height }) => [width, height])).toEqual([
    [96, 96],
    [256, 256],
    [300, 300],
  ])
  const [{ bytes } = { bytes: Buffer.alloc(0) }] = rendered.forms
  const { channels } = await sharp(bytes).stats()
  // 120 × 150 of 300 × 300 pixels are face: a fifth.
  expect((channels[0]?.mean ?? 0) > 0x20 + 0.15 * 0xb0).toBe(true)
  expect((channels[0]?.mean ?? 0) < 0x20 + 0.25 * 0xb0).toBe(true)
})
