import sharp from 'sharp'
import { BrokenThread } from '../thread/in-thread.ts'
import { TooCostly } from '../thread/too-costly.ts'
import { refusalFor } from './decoder-error.ts'

describe("a decoder's error", () => {
  const startOfScan = Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 2, 1, 2, 3])
  const whole = Buffer.concat([startOfScan, Buffer.from([0xff, 0xd9])])
  const refusal = refusalFor(whole)

  // libvips gives a decode the words of another, or none.
  test.each(['VipsJpeg: premature end of JPEG image', 'webp2vips: unable to read pixels', 'Unknown error'])(
    '"%s" is a cut-off file where the bytes end early',
    (message) => {
      expect(refusalFor(startOfScan)(new Error(message))).toMatchObject({
        code: 'undecodable',
        message: expect.stringContaining('cut off'),
      })
    },
  )

  test.each([
    'VipsJpeg: Unsupported marker type 0x40',
    'VipsJpeg: premature end of JPEG image',
    'heif: Memory allocation error: Security limit exceeded: Image size 10000x10000',
    'anything that decoders will say tomorrow',
  ])('"%s" is a damaged file where they do not', (message) => {
    expect(refusal(new Error(message))).toMatchObject({
      code: 'undecodable',
      message: expect.stringContaining('damaged'),
    })
  })

  test('a decode that sharp ended for its time is the file’s fault, as of HEIC', async () => {
    const create = { width: 3_000, height: 3_000, channels: 3, background: 'red' } as const
    // Minutes of work, of which a second is allowed.
    const ended: Error = await sharp({ create })
      .timeout({ seconds: 1 })
      .blur(300)
      .raw()
      .toBuffer()
      .catch((e) => e)
    expect(ended.message).toContain('timeout: ')
    expect(refusal(ended)).toEqual(refusal(new TooCostly('time')))
    expect(refusal(ended)).toMatchObject({ code: 'undecodable', message: expect.stringContaining('more time') })
  })

  test.each([
    new Error('vips_malloc: out of memory --- size == 300MB'),
    new Error('Aborted(OOM)'),
    new TypeError('undefined is not a function'),
    new BrokenThread(new Error('Cannot find module')),
    'no error at all',
  ])('%s is not the file’s fault and is thrown on', (error) => {
    expect(() => refusal(error)).toThrow()
  })
})
