import { refusalFor } from './decoder-error.ts'

describe("a decoder's error", () => {
  const refusal = refusalFor(Buffer.from([0xff, 0xd8, 0xff]))

  test.each(['VipsJpeg: premature end of JPEG image', 'heif: Invalid input: Unexpected end of file'])(
    '"%s" is a cut-off file',
    (message) => {
      expect(refusal(new Error(message))).toMatchObject({
        code: 'undecodable',
        message: expect.stringContaining('cut off'),
      })
    },
  )

  test.each([
    'VipsJpeg: Unsupported marker type 0x40',
    'heif: Memory allocation error: Security limit exceeded: Image size 10000x10000',
    'anything that decoders will say tomorrow',
  ])('"%s" is a damaged file', (message) => {
    expect(refusal(new Error(message))).toMatchObject({
      code: 'undecodable',
      message: expect.stringContaining('damaged'),
    })
  })

  test.each([
    new Error('timeout: 42% complete'),
    new Error('vips_malloc: out of memory --- size == 300MB'),
    new Error('Aborted(OOM)'),
    new TypeError('undefined is not a function'),
    'no error at all',
  ])('%s is not the file’s fault and is thrown on', (error) => {
    expect(() => refusal(error)).toThrow()
  })
})
