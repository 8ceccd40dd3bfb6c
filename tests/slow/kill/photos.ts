import sharp from 'sharp'
import { fold } from '../../../contracts/fold.ts'
import type { MediaDocument } from '../../../contracts/generated/documents.ts'

/** Every tenth file is broken, every twentieth is reserved and never sent. */
export const isBroken = (index: number): boolean => index % 10 === 3
export const isAbandoned = (index: number): boolean => index % 20 === 7

/** Each photo has a size of its own, by which its forms are known. */
const sizeOf = (index: number) => ({ width: 200 + index, height: 500 - index })

export async function photo(index: number): Promise<Buffer> {
  const background = { r: (index * 37) % 256, g: (index * 91) % 256, b: (index * 151) % 256 }
  const whole = await sharp({ create: { ...sizeOf(index), channels: 3, background } })
    .jpeg()
    .toBuffer()
  return isBroken(index) ? whole.subarray(0, whole.length - 200) : whole
}

/** Whether the media's forms were made of that photo. */
export function isOf(media: MediaDocument, index: number): boolean {
  const { width, height } = sizeOf(index)
  return fold(media).variants.every((form) => form.width === width && form.height === height)
}
