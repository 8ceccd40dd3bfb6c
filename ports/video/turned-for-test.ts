import { readFileSync, writeFileSync } from 'node:fs'

const HALF = Math.SQRT1_2

/** a, b, c, d of the matrix that turns clockwise, as ISO/IEC 14496-12 has it in a track's header. */
const TURNS = { 45: [HALF, HALF, -HALF, HALF], 90: [0, 1, -1, 0], 180: [-1, 0, 0, -1], 270: [0, -1, 1, 0] } as const

/** A copy of an MP4 whose first track says that it is to be turned, as phones do that are held upright. */
export function turned(file: string, target: string, degrees: keyof typeof TURNS): string {
  const bytes = readFileSync(file)
  // tkhd, version 0: type, then 4 bytes of flags, 20 of times and ids, 8 reserved, 8 of layer and volume.
  const matrix = bytes.indexOf('tkhd') + 4 + 4 + 20 + 8 + 8
  const [a, b, c, d] = TURNS[degrees]
  for (const [index, value] of [a, b, 0, c, d, 0].entries())
    bytes.writeInt32BE(Math.round(value * 0x10000), matrix + 4 * index)
  writeFileSync(target, bytes)
  return target
}
