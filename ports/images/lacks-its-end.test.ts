import { withExif, withSegment } from '../../tests/fixtures/exif.ts'
import { gif } from '../../tests/fixtures/gif.ts'
import { motionPhoto } from '../../tests/fixtures/hostile.ts'
import { scene } from '../../tests/fixtures/scene.ts'
import { lacksItsEnd } from './lacks-its-end.ts'

const JPEG = () => scene().jpeg().toBuffer()

const PICTURES: Readonly<Record<string, () => Promise<Buffer>>> = {
  JPEG,
  'progressive JPEG': () => scene().jpeg({ progressive: true }).toBuffer(),
  'JPEG with a preview in it': async () => withSegment(withExif(await JPEG(), { orientation: 6 }), 0xe1, await JPEG()),
  PNG: () => scene().png().toBuffer(),
  WebP: () => scene().webp().toBuffer(),
  'lossless WebP': () => scene().webp({ lossless: true }).toBuffer(),
  AVIF: () => scene().avif({ effort: 0 }).toBuffer(),
  GIF: () => scene().gif().toBuffer(),
  'moving GIF': async () => gif(5),
}

// An IEND chunk without its checksum counts as an end.
const CHECKSUM = 4

describe.each(Object.entries(PICTURES))('a %s', (_format, make) => {
  it('has its end where it is whole', async () => {
    expect(lacksItsEnd(await make())).toBe(false)
  })

  it('lacks it wherever it is cut', async () => {
    const whole = await make()
    for (let length = 16; length < whole.length - CHECKSUM; length += 7) {
      expect({ length, lacks: lacksItsEnd(whole.subarray(0, length)) }).toEqual({ length, lacks: true })
    }
  })
})

it('has its end where something trails it', async () => {
  expect(lacksItsEnd(await motionPhoto())).toBe(false)
  expect(lacksItsEnd(Buffer.concat([await scene().png().toBuffer(), Buffer.alloc(100)]))).toBe(false)
  expect(lacksItsEnd(Buffer.concat([await scene().webp().toBuffer(), Buffer.alloc(100)]))).toBe(false)
})

it('is not asked of noise', () => {
  expect(lacksItsEnd(Buffer.from('\xFF\xD8\xFFnoise without any structure', 'latin1'))).toBe(false)
  expect(lacksItsEnd(Buffer.from('just some words'))).toBe(false)
  expect(lacksItsEnd(Buffer.alloc(0))).toBe(false)
})
