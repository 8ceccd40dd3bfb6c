import { crc32, deflateSync } from 'node:zlib'
import { FIXTURES } from './fixtures.ts'
import { MARKER_SQUARES, markerOf, type Rgb } from './marker.ts'

/** Pixels. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

const SKIN: Rgb = [224, 172, 136]

/**
 * A PNG of which the stand-in says what its fixture has: the marker above, and below it ovals where faces are seen.
 * @param name one of FIXTURES; undefined for a picture without a marker.
 * @throws RangeError where there is no such fixture.
 */
export function drawFixture(name: string | undefined, { width, height }: PictureSize): Buffer {
  const fixture = name === undefined ? undefined : FIXTURES[name]
  if (name !== undefined && !fixture) {
    throw new RangeError(`there is no fixture "${name}"; there are ${Object.keys(FIXTURES).join(', ')}`)
  }
  const marker = fixture && markerOf(fixture.code)
  const square = width / MARKER_SQUARES
  const shorter = Math.min(width, height)
  const rows = Array.from({ length: height }, (_, y) => {
    const row = Buffer.alloc(1 + 3 * width)
    for (let x = 0; x < width; x++) {
      const isFace = (fixture?.faces ?? []).some(({ centre, size }) => {
        const across = (x - centre.x * width) / ((size * shorter) / 2)
        const down = (y - centre.y * height) / ((size * shorter * 1.25) / 2)
        return across * across + down * down <= 1
      })
      const background: Rgb = [60 + (100 * x) / width, 90 + (80 * y) / height, 130]
      const inMarker = y < square ? marker?.[Math.floor(x / square)] : undefined
      row.set(inMarker ?? (isFace ? SKIN : background), 1 + 3 * x)
    }
    return row
  })
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1A\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(body, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

/** `node infra/local/rekognition/draw-fixture.ts nudity > picture.png` */
if (process.argv[1]?.endsWith('draw-fixture.ts')) {
  process.stdout.write(drawFixture(process.argv[2], { width: 640, height: 480 }))
}
