import { crc32, deflateSync } from 'node:zlib'
import type { Pixels } from './pixels.ts'

/**
 * An uncompressed PNG of the pixels, saying that their colours are those of `icc`: sharp converts only from a profile
 * that a file carries, and has no way to give one to pixels.
 */
export function profiledPng(pixels: Pixels, icc: Uint8Array): Buffer {
  return png(pixels, [chunk('iCCP', Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(icc)]))])
}

/** An uncompressed PNG of pixels whose colours are sRGB. */
export function plainPng(pixels: Pixels): Buffer {
  return png(pixels, [])
}

function png(pixels: Pixels, about: readonly Buffer[]): Buffer {
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1A\n', 'latin1'),
    chunk('IHDR', header(pixels)),
    ...about,
    chunk('IDAT', deflateSync(scanlines(pixels), { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const RGB = 2
const RGBA = 6

function header({ width, height, channels }: Pixels): Buffer {
  const ihdr = Buffer.alloc(13)
  ihdr.writeUInt32BE(width, 0)
  ihdr.writeUInt32BE(height, 4)
  ihdr.set([8, channels === 4 ? RGBA : RGB], 8)
  return ihdr
}

/** Each row behind a zero, the filter that changes nothing. */
function scanlines({ data, width, height, channels }: Pixels): Buffer {
  const row = width * channels
  const lines = Buffer.alloc((row + 1) * height)
  for (let y = 0; y < height; y++) lines.set(data.subarray(y * row, (y + 1) * row), y * (row + 1) + 1)
  return lines
}

function chunk(type: string, data: Uint8Array): Buffer {
  const framed = Buffer.alloc(data.length + 12)
  framed.writeUInt32BE(data.length, 0)
  framed.write(type, 4, 'latin1')
  framed.set(data, 8)
  framed.writeUInt32BE(crc32(framed.subarray(4, data.length + 8)), data.length + 8)
  return framed
}
