import sharp from 'sharp'
import { scenePixels } from '../../tests/fixtures/scene.ts'
import { convertIntoSrgb } from './into-srgb.ts'
import { readMatrixProfile } from './matrix-profile.ts'
import { profiledPng } from './profiled-png.ts'
import { isSrgb } from './srgb-profile.ts'

const SIDE = 64

/** Every colour there is, on a grid; and alpha, which no profile speaks of. */
function grid(channels: 3 | 4): Uint8Array {
  const levels = Array.from({ length: 16 }, (_, index) => index * 17)
  return Uint8Array.from(
    levels.flatMap((red) =>
      levels.flatMap((green) => levels.flatMap((blue) => [red, green, blue, 255 - red].slice(0, channels))),
    ),
  )
}

async function profileOf(name: string): Promise<Uint8Array> {
  const image = sharp(scenePixels({ width: 8, height: 8 }), { raw: { width: 8, height: 8, channels: 3 } })
  const { icc } = await sharp(await image.withIccProfile(name).jpeg().toBuffer()).metadata()
  if (!icc) throw new Error(`sharp wrote no ${name} profile`)
  return icc
}

/** The profile with other curves: a tag that starts where the first curve's did, for all three. */
function withCurves(icc: Uint8Array, curve: Uint8Array): Buffer {
  const changed = Buffer.concat([icc, curve])
  for (const name of ['rTRC', 'gTRC', 'bTRC']) {
    const entry = changed.indexOf(name, 128, 'latin1')
    changed.writeUInt32BE(icc.length, entry + 4)
    changed.writeUInt32BE(curve.length, entry + 8)
  }
  changed.writeUInt32BE(changed.length, 0)
  return changed
}

const tag = (type: string, ...bytes: readonly number[]) =>
  Buffer.concat([Buffer.from(`${type}\0\0\0\0`, 'latin1'), Buffer.from(bytes)])

const PROFILES: readonly (readonly [name: string, make: () => Promise<Uint8Array>])[] = [
  ['Display P3', () => profileOf('p3')],
  ['sRGB', () => profileOf('srgb')],
  ['a power for a curve', async () => withCurves(await profileOf('p3'), tag('curv', 0, 0, 0, 1, 2, 0x33, 0, 0))],
  ['straight lines', async () => withCurves(await profileOf('p3'), tag('curv', 0, 0, 0, 0))],
  ['a parametric power', async () => withCurves(await profileOf('p3'), tag('para', 0, 0, 0, 0, 0, 1, 0xcc, 0xcd))],
]

describe.each(PROFILES)('colours of %s', (_, make) => {
  it.each([3, 4] as const)(
    'become those that the colour engine gives, to a level, with %d channels',
    async (channels) => {
      const icc = await make()
      const profile = readMatrixProfile(icc)
      if (!profile) throw new Error('it is a profile of curves and primaries')
      const pixels = { data: grid(channels), width: SIDE, height: SIDE, channels }
      const expected = await sharp(profiledPng(pixels, icc)).toColourspace('srgb').raw().toBuffer()
      convertIntoSrgb(pixels, profile)
      const off = pixels.data.map((value, index) => Math.abs(value - (expected[index] ?? 0)))
      expect(Math.max(...off)).toBeLessThanOrEqual(1)
    },
  )
})

it('leaves what is sRGB as it is', async () => {
  const icc = await profileOf('srgb')
  expect(isSrgb(icc)).toBe(true)
  const profile = readMatrixProfile(icc)
  if (!profile) throw new Error('it is a profile of curves and primaries')
  const pixels = { data: grid(3), width: SIDE, height: SIDE, channels: 3 as const }
  convertIntoSrgb(pixels, profile)
  expect(pixels.data).toEqual(grid(3))
})

it('leaves profiles that map by tables to the colour engine', async () => {
  expect(readMatrixProfile(await profileOf('cmyk'))).toBeUndefined()
  const icc = Buffer.from(await profileOf('p3'))
  icc.write('A2B0', icc.indexOf('wtpt', 128, 'latin1'), 'latin1')
  expect(readMatrixProfile(icc)).toBeUndefined()
})
