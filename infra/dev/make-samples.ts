import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { withExif } from '../../tests/fixtures/exif.ts'
import { turnedScene } from '../../tests/fixtures/orientations.ts'
import { pdfOf } from '../../tests/fixtures/pdf.ts'
import { photo } from '../../tests/fixtures/photo.ts'
import { scene } from '../../tests/fixtures/scene.ts'

/**
 * Makes the sample set in the folder named on the command line: what phones send, and one file that is broken; with an
 * ffmpeg named after it, a video and a voice note, too. A program of its own, so that the decoder it needs never weighs on
 * the runtime.
 */
const [, , folder, ffmpeg] = process.argv
if (folder === undefined) throw new Error('usage: make-samples.ts FOLDER [FFMPEG]')

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
  'report.pdf': pdfOf({
    pages: [
      { width: 595, height: 842 },
      { width: 595, height: 842 },
    ],
  }),
}
const unfinished = `${folder}.${process.pid}`
mkdirSync(unfinished, { recursive: true })
for (const [name, bytes] of Object.entries(samples)) writeFileSync(join(unfinished, name), bytes)
if (ffmpeg !== undefined) {
  const make = (name: string, ...args: readonly string[]) =>
    execFileSync(ffmpeg, ['-nostdin', '-v', 'error', '-y', ...args, join(unfinished, name)])
  const film = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30:duration=3']
  const song = ['-f', 'lavfi', '-i', 'sine=frequency=330:beep_factor=3:sample_rate=48000:duration=3']
  const h264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-c:a', 'aac']
  // Phones write into a video where it was taken.
  make('clip.mp4', ...film, ...song, ...h264, '-metadata', 'location=+48.2082+016.3738/', '-shortest')
  make(
    'voice.m4a',
    '-f',
    'lavfi',
    '-i',
    'aevalsrc=0.4*sin(440*PI*t)*sin(3*PI*t)^2:d=5:s=44100',
    '-c:a',
    'aac',
    '-ac',
    '1',
  )
}
renameSync(unfinished, folder)
