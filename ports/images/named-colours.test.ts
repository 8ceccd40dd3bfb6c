import { colr, heic, irot } from '../../tests/fixtures/heic.ts'
import { assertUpright, scene } from '../../tests/fixtures/scene.ts'
import { namedProfile } from './named-colours.ts'
import { sharpImages } from './sharp-images.ts'

const SPS = Buffer.alloc(16, 66)

/** Nobody decodes it. */
const picture = (...properties: readonly Buffer[]) =>
  heic({ picture: { parameters: [SPS], slices: [Buffer.alloc(16)] }, properties })

it('reads Display P3 of a HEIF file that names it by number', () => {
  expect(namedProfile(picture(colr([12, 13, 1])))?.primaries).toHaveLength(3)
})

it.each([
  ['sRGB', colr([1, 13, 1])],
  ['the light of HDR', colr([12, 16, 1])],
  ['BT.2020', colr([9, 13, 1])],
  ['a profile', colr(Buffer.from('acsp'))],
  ['a turn and no colour', irot(1)],
] as const)('leaves a file alone that names %s', (_, property) => {
  expect(namedProfile(picture(property))).toBeUndefined()
})

it('leaves alone what belongs to another picture of the file', () => {
  const file = picture(colr([12, 13, 1]))
  file.writeUInt16BE(7, file.indexOf('pitm', 0, 'latin1') + 8)
  expect(namedProfile(file)).toBeUndefined()
})

it('reads nothing, and never fails, of a file cut off or spoilt anywhere in its header', () => {
  const file = picture(colr([12, 13, 1]))
  const end = file.indexOf('mdat', 0, 'latin1') - 4
  for (let at = 0; at < end; at++) {
    expect(namedProfile(file.subarray(0, at))).toBeUndefined()
    for (const value of [0, 1, 0xff]) {
      const spoilt = Buffer.from(file)
      spoilt[at] = value
      expect(() => namedProfile(spoilt)).not.toThrow()
    }
  }
})

it('makes sRGB of an AVIF that names Display P3 by number', async () => {
  const avif = await scene().withIccProfile('p3').avif({ quality: 90, effort: 0 }).toBuffer()
  // The profile's box becomes one of numbers, of which readers leave the rest; sharp codes by the matrix of BT.601.
  const at = avif.indexOf('rICC', 0, 'latin1')
  avif.set([...Buffer.from('nclx'), 0, 12, 0, 13, 0, 6, 0x80], at)
  const plan = { forms: [{ name: 'jpeg', maxSide: 96, encoding: 'jpeg', quality: 90 }], thumbhash: false } as const
  const rendered = await sharpImages().render(avif, plan)
  if (!rendered.ok) throw new Error(rendered.message)
  for (const { bytes } of rendered.forms) await assertUpright(bytes)
})
