import sharp from 'sharp'
import { coded, colr, heic, irot, whereTaken } from '../../tests/fixtures/heic.ts'
import { assertNoMetadata } from '../../tests/fixtures/metadata.ts'
import { box } from '../../tests/fixtures/mp4.ts'
import { assertUpright, SCENE_SIZE, scene } from '../../tests/fixtures/scene.ts'
import { describeWithEncoder, fixtureFolder } from '../ffmpeg/for-test.ts'
import { TooCostly } from '../thread/too-costly.ts'
import { refusalFor } from './decoder-error.ts'
import { decodeHeic } from './heic.ts'
import type { RenderPlan } from './images.ts'
import { sharpImages } from './sharp-images.ts'

// The same container with another codec shows how far the reading gets.
describe('decoding HEIC', () => {
  const avif = () => scene().avif({ effort: 0 }).toBuffer()

  test('reads the container and its primary picture, and says which codec it lacks', async () => {
    await expect(decodeHeic(await avif(), SCENE_SIZE)).rejects.toThrow('compression format has not been built in')
  })

  test('refuses a header that two readers understand differently', async () => {
    const half = { width: SCENE_SIZE.width / 2, height: SCENE_SIZE.height }
    await expect(decodeHeic(await avif(), half)).rejects.toThrow('the header contradicts itself')
  })

  test('rejects with a reason when the file is cut off or is none', async () => {
    await expect(decodeHeic((await avif()).subarray(0, 200), SCENE_SIZE)).rejects.toThrow('heif: Invalid input')
    await expect(decodeHeic(Buffer.from('nothing of the kind'), SCENE_SIZE)).rejects.toThrow('heif: Invalid input')
  })
})

describeWithEncoder('libx265', 'a HEIC photo', () => {
  const images = sharpImages()
  const folder = fixtureFolder()
  const PLAN: RenderPlan = {
    forms: [
      { name: 'webp', maxSide: 96, encoding: 'webp', quality: 90 },
      { name: 'jpeg', maxSide: 96, encoding: 'jpeg', quality: 90 },
    ],
    thumbhash: true,
  }

  async function assertRendered(bytes: Uint8Array): Promise<void> {
    const rendered = await images.render(bytes, PLAN)
    if (!rendered.ok) throw new Error(rendered.message)
    for (const form of rendered.forms) {
      expect(form).toMatchObject(SCENE_SIZE)
      await assertUpright(form.bytes)
      assertNoMetadata(form.bytes)
    }
  }

  /** As a camera that was turned stores it: the container's turn, against the clock, makes it upright. */
  async function turned(turns: 0 | 1 | 2 | 3): Promise<Buffer> {
    const { width, height } = SCENE_SIZE
    const claimed = turns % 2 === 0 ? SCENE_SIZE : { width: height, height: width }
    const picture = await coded(folder, sharp(await scene().png().toBuffer()).rotate(90 * turns))
    // Phones write the same turn there once more.
    const taken = whereTaken({ orientation: 6, dateTimeOriginal: '2026:02:28 16:20:11' })
    return heic({ picture, claimed, properties: turns === 0 ? [] : [irot(turns)], ...taken })
  }

  test.each([0, 1, 2, 3] as const)('of %i quarter turns is upright, turned once, without its place', async (turns) => {
    const bytes = await turned(turns)
    const facts = { format: 'heic', ...SCENE_SIZE, capturedAt: '2026-02-28T16:20:11' }
    expect(await images.inspect(bytes)).toMatchObject({ ok: true, facts })
    await assertRendered(bytes)
  })

  test('is refused as damaged where its pixels are', async () => {
    const bytes = heic({ picture: await coded(folder, scene()), data: Buffer.alloc(2_000, 0x5a) })
    expect(await images.render(bytes, PLAN)).toMatchObject({ ok: false, code: 'undecodable' })
  })

  test.each([
    ['in Display P3 by its profile', undefined],
    ['in Display P3 by number alone', [12, 13, 6]],
    ['in Display P3 by number, with the curve of BT.709', [12, 1, 6]],
  ] as const)('%s becomes sRGB', async (_, named) => {
    const png = await scene().withIccProfile('p3').png().toBuffer()
    const { icc } = await sharp(png).metadata()
    if (!icc) throw new Error('sharp wrote no profile')
    const picture = await coded(folder, sharp(png, { ignoreIcc: true }))
    await assertRendered(heic({ picture, properties: [colr(named ?? icc)] }))
  })

  test('that takes too long is given up, and is the file’s fault', async () => {
    const error = await decodeHeic(await turned(0), SCENE_SIZE, { seconds: 0.01, maxMemoryBytes: 1e9 }).catch((e) => e)
    expect(error).toEqual(new TooCostly('time'))
    expect(refusalFor(await turned(0))(error)).toMatchObject({
      code: 'undecodable',
      message: expect.stringMatching(/ time /),
    })
  })

  test('that takes too much memory is given up, and is the file’s fault', async () => {
    const bulky = Buffer.concat([await turned(0), box('free', Buffer.alloc(32 * 1024 * 1024))])
    const limits = { seconds: 20, maxMemoryBytes: 24 * 1024 * 1024 }
    await expect(decodeHeic(bulky, SCENE_SIZE, limits)).rejects.toEqual(new TooCostly('memory'))
    await expect(decodeHeic(bulky, SCENE_SIZE)).resolves.toMatchObject(SCENE_SIZE)
  })
})
