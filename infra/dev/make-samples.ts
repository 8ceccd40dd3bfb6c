import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { withExif } from '../../tests/fixtures/exif.ts'
import { turnedScene } from '../../tests/fixtures/orientations.ts'
import { photo } from '../../tests/fixtures/photo.ts'
import { scene } from '../../tests/fixtures/scene.ts'

/**
 * Draws the sample set into the folder named on the command line: what phones send, and one file that is broken. A
 * program of its own, so that the decoder it needs never weighs on the runtime.
 */
const folder = process.argv[2]
if (folder === undefined) throw new Error('usage: make-samples.ts FOLDER')

const place = { latitude: 48.2082, longitude: 16.3738 }
const beach = withExif(await photo({ width: 4032, height: 3024, seed: 7 }), {
  orientation: 6,
  dateTimeOriginal: '2026:07:14 18:20:11',
  gps: place,
})
const frames = await Promise.all(
  [0, 90, 180, 270].map((turn) => scene({ width: 320, height: 320 }).rotate(turn).png().toBuffer()),
)
const samples: Readonly<Record<string, Uint8Array>> = {
  'beach-12mp.jpg': beach,
  'portrait.jpg': await turnedScene(8, { width: 1600, height: 1200 }),
  'drawing.png': await scene({ width: 900, height: 600 }).ensureAlpha(0.8).png().toBuffer(),
  'sticker.webp': await scene({ width: 512, height: 512 }).webp().toBuffer(),
  'loop.gif': await sharp(frames, { join: { animated: true } })
    .gif({ delay: frames.map(() => 200) })
    .toBuffer(),
  'modern.avif': await scene({ width: 800, height: 600 }).avif({ effort: 1 }).toBuffer(),
  'broken.jpg': beach.subarray(0, 10_000),
}
const unfinished = `${folder}.${process.pid}`
mkdirSync(unfinished, { recursive: true })
for (const [name, bytes] of Object.entries(samples)) writeFileSync(join(unfinished, name), bytes)
renameSync(unfinished, folder)
