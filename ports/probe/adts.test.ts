import { adtsSeconds } from './adts.ts'
import { bytesSource } from './bytes.ts'

/** AAC-LC of 44.1 kHz, two channels. */
function frame(length: number, blocks = 1): Buffer {
  const bytes = Buffer.alloc(length)
  bytes.set([
    0xff,
    0xf1,
    0x50,
    0x80 | (length >> 11),
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 0x1f,
    0xfc | (blocks - 1),
  ])
  return bytes
}

const SECONDS_A_BLOCK = 1_024 / 44_100
const secondsOf = (...parts: readonly Uint8Array[]) => adtsSeconds(bytesSource(Buffer.concat(parts)))

it('counts frames of any length by their blocks, behind a tag', async () => {
  const tag = Buffer.from('ID3\x04\0\0\0\0\0\x05abcde', 'latin1')
  expect(await secondsOf(tag, frame(300), frame(2_100), frame(7, 2))).toBeCloseTo(4 * SECONDS_A_BLOCK)
})

it('ends with what is no frame, or cut off', async () => {
  expect(await secondsOf(frame(300), Buffer.from('the end of it'))).toBeCloseTo(SECONDS_A_BLOCK)
  expect(await secondsOf(frame(300), frame(300).subarray(0, 200))).toBeCloseTo(SECONDS_A_BLOCK)
  expect(await secondsOf(Buffer.alloc(100))).toBeUndefined()
})
