import { sniff } from './sniff.ts'

/**
 * Whether the file ends before the picture in it does. Read from the bytes: decoders word it each in its own way, and
 * libvips keeps one list of errors for a whole process, in which those of concurrent decodes get mixed up.
 */
export function lacksItsEnd(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const sniffed = sniff(bytes)
  if (sniffed.kind !== 'accepted') return false
  switch (sniffed.format) {
    case 'jpeg':
      return jpegLacksItsEnd(file)
    case 'png':
      return !file.includes('IEND', 0, 'latin1')
    case 'webp':
      return file.readUInt32LE(4) + 8 > file.length
    case 'gif':
      return gifLacksItsEnd(file)
    case 'avif':
    case 'heic':
      return boxesLackTheirEnd(file)
  }
}

const END_OF_IMAGE = Buffer.from([0xff, 0xd9])
const START_OF_SCAN = 0xda
/** Below it stands no marker that a segment begins with. */
const FIRST_SEGMENT = 0xc0

/** ISO/IEC 10918-1, B.1: what embedded previews end with lies within segments; after them no other end can stand. */
function jpegLacksItsEnd(file: Buffer): boolean {
  let at = 2
  while (at + 4 <= file.length) {
    const marker = file.readUInt8(at + 1)
    if (file.readUInt8(at) !== 0xff || marker < FIRST_SEGMENT) return false
    if (marker === START_OF_SCAN) return !file.includes(END_OF_IMAGE, at)
    // Any number of these may stand before a marker.
    at += marker === 0xff ? 1 : 2 + file.readUInt16BE(at + 2)
  }
  return true
}

const EXTENSION = 0x21
const IMAGE = 0x2c

/** GIF89a, appendix B: blocks of sub-blocks, each with its length, until the trailer. */
function gifLacksItsEnd(file: Buffer): boolean {
  const byte = (at: number) => (at < file.length ? file.readUInt8(at) : 0)
  const colours = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)
  let at = 13 + colours(byte(10))
  while (at < file.length) {
    const block = byte(at)
    if (block !== EXTENSION && block !== IMAGE) return false
    at += block === EXTENSION ? 2 : 11 + colours(byte(at + 9))
    while (byte(at) > 0) at += 1 + byte(at)
    at += 1
  }
  return true
}

/** ISO/IEC 14496-12, 4.2: a box begins with its size; 1 says that a larger one follows, 0 that it goes to the end. */
function boxesLackTheirEnd(file: Buffer): boolean {
  let at = 0
  while (at + 8 <= file.length) {
    const size = file.readUInt32BE(at)
    if (size === 0) return false
    if (size === 1 && at + 16 > file.length) return true
    const whole = size === 1 ? Number(file.readBigUInt64BE(at + 8)) : size
    if (whole < 8) return false
    at += whole
  }
  return at !== file.length
}
