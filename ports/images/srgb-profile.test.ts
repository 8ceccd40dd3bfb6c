import fc from 'fast-check'
import sharp from 'sharp'
import { scene } from '../../tests/fixtures/scene.ts'
import { isSrgb } from './srgb-profile.ts'

describe('whether a colour profile is sRGB', () => {
  const profile = async (name: string) => {
    const { icc } = await sharp(await scene().withIccProfile(name).jpeg().toBuffer()).metadata()
    if (!icc) throw new Error(`sharp wrote no ${name} profile`)
    return icc
  }

  test('is judged by what it does', async () => {
    expect(isSrgb(await profile('srgb'))).toBe(true)
    expect(isSrgb(await profile('p3'))).toBe(false)
    expect(isSrgb(await profile('cmyk'))).toBe(false)
  })

  test('is denied where a primary or a curve differs, whatever the profile calls itself', async () => {
    const srgb = await profile('srgb')
    for (const tag of ['rXYZ', 'gXYZ', 'bXYZ', 'rTRC']) {
      const changed = Buffer.from(srgb)
      const entry = changed.indexOf(tag, 128)
      changed.writeInt32BE(0x0001_8000, changed.readUInt32BE(entry + 4) + 12)
      expect([tag, isSrgb(changed)]).toEqual([tag, false])
    }
  })

  test('is a plain answer for any bytes', async () => {
    const srgb = await profile('srgb')
    const change = fc.tuple(fc.nat(srgb.length - 1), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.nat(srgb.length), (changes, length) => {
        const bytes = Buffer.from(srgb)
        for (const [at, value] of changes) bytes[at] = value
        expect(typeof isSrgb(bytes.subarray(0, length))).toBe('boolean')
      }),
    )
  })
})
