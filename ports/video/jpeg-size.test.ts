import sharp from 'sharp'
import { jpegSize } from './jpeg-size.ts'

const picture = sharp({ create: { width: 321, height: 123, channels: 3, background: '#808080' } })

it.each([
  ['baseline', () => picture.clone().jpeg().toBuffer()],
  ['progressive', () => picture.clone().jpeg({ progressive: true }).toBuffer()],
  ['with a profile before its frame', () => picture.clone().withIccProfile('p3').jpeg().toBuffer()],
])('tells the size of a JPEG by its head: %s', async (_, make) => {
  const jpeg = await make()
  expect(jpegSize(jpeg.subarray(0, 1_000))).toEqual({ width: 321, height: 123 })
})

it('tells none of what is no JPEG, and where the frame lies beyond the head', async () => {
  const jpeg = await picture.clone().jpeg().toBuffer()
  expect(jpegSize(await picture.clone().png().toBuffer())).toBeUndefined()
  expect(jpegSize(new Uint8Array())).toBeUndefined()
  expect(jpegSize(jpeg.subarray(0, 30))).toBeUndefined()
  expect(jpegSize(Buffer.concat([jpeg.subarray(0, 2), Buffer.alloc(100, 0xe0)]))).toBeUndefined()
})
