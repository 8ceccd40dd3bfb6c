import sharp from 'sharp'
import { ORIENTATIONS, withExif } from '../../tests/fixtures/exif.ts'
import { assertNoMetadata } from '../../tests/fixtures/metadata.ts'
import { turnedScene } from '../../tests/fixtures/orientations.ts'
import { assertUpright, SCENE_SIZE } from '../../tests/fixtures/scene.ts'
import { ultraHdr } from '../../tests/fixtures/ultra-hdr.ts'
import type { RenderPlan } from './images.ts'
import { sharpImages } from './sharp-images.ts'

const PLAN: RenderPlan = {
  forms: [
    { name: 'webp', maxSide: 96, encoding: 'webp', quality: 90 },
    { name: 'jpeg', maxSide: 96, encoding: 'jpeg', quality: 90 },
  ],
  thumbhash: true,
}

/** Grey as gain maps are, half as large, and darker than anything in the scene. */
const gainMap = () =>
  sharp({ create: { width: 48, height: 32, channels: 3, background: '#101010' } })
    .toColourspace('b-w')
    .jpeg()
    .toBuffer()

describe('an Ultra HDR photo', () => {
  const images = sharpImages()

  test('has what others know one by', async () => {
    const bytes = ultraHdr(await turnedScene(1), await gainMap())
    const text = bytes.toString('latin1')
    for (const mark of ['MPF\0', 'hdrgm:Version="1.0"', 'Item:Semantic="GainMap"']) expect(text).toContain(mark)
    // Where the list of pictures says, the second JPEG begins.
    const list = text.indexOf('MPF\0') + 4
    expect(text.startsWith('\xFF\xD8', list + bytes.readUInt32BE(list + 50 + 24))).toBe(true)
  })

  test.each(ORIENTATIONS)('of orientation %i is shown as the JPEG that it is', async (orientation) => {
    const gps = { latitude: 35.6586, longitude: 139.7454 }
    const bytes = ultraHdr(withExif(await turnedScene(orientation), { orientation, gps }), await gainMap())
    expect(await images.inspect(bytes)).toMatchObject({ ok: true, facts: { format: 'jpeg', ...SCENE_SIZE, frames: 1 } })
    const rendered = await images.render(bytes, PLAN)
    if (!rendered.ok) throw new Error(rendered.message)
    for (const form of rendered.forms) {
      expect(form).toMatchObject(SCENE_SIZE)
      await assertUpright(form.bytes)
      assertNoMetadata(form.bytes)
      for (const trace of ['hdrgm', 'MPF\0', 'GainMap']) expect(Buffer.from(form.bytes).includes(trace)).toBe(false)
    }
  })
})
