import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { FRAMES } from '../../consumers/generate-thumbnail/consumer.ts'
import { PHOTO } from '../../consumers/optimize-image/consumer.ts'
import { describeWithFfmpeg, make } from '../../ports/ffmpeg/for-test.ts'
import { sharpImages } from '../../ports/images/sharp-images.ts'
import { bytesSource } from '../../ports/probe/bytes.ts'
import { liveProbe } from '../../ports/probe/live-probe.ts'
import { liveVideo } from '../../ports/video/live-video.ts'
import { liveVoice } from '../../ports/voice/live-voice.ts'
import { photo } from '../fixtures/photo.ts'
import { type Random, seeded } from '../simulation/random.ts'

/** How often each file is damaged, each time in another way: `DAMAGED_SEEDS=200 npm test -- --slow damaged-media`. */
const SEEDS = Number(process.env['DAMAGED_SEEDS'] ?? 12)
/** With `DAMAGED_SEED=7` that one alone. */
const ONLY = process.env['DAMAGED_SEED']
const seeds = ONLY === undefined ? Array.from({ length: SEEDS }, (_, at) => at) : [Number(ONLY)]

const SOURCES = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=30:d=2', '-f', 'lavfi', '-i', 'sine=440:d=2']
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac']

const FILMS: Readonly<Record<string, readonly string[]>> = {
  'film.mp4': X264,
  'fragments.mp4': [...X264, '-movflags', '+frag_keyframe+empty_moov'],
  'film.mov': X264,
  'film.mkv': X264,
  'film.webm': ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'],
  'film.avi': ['-c:v', 'mpeg4', '-c:a', 'mp3'],
  'film.3gp': [...X264, '-ar', '16000'],
}

const RECORDINGS: Readonly<Record<string, readonly string[]>> = {
  'talk.m4a': ['-vn', '-c:a', 'aac'],
  'talk.ogg': ['-vn', '-c:a', 'libopus'],
  'talk.webm': ['-vn', '-c:a', 'libopus'],
  'talk.mp3': ['-vn', '-c:a', 'mp3'],
  'talk.wav': ['-vn'],
  'talk.aac': ['-vn', '-c:a', 'aac'],
  'talk.flac': ['-vn', '-c:a', 'flac'],
}

const PICTURES: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  'photo.jpg': () => photo({ width: 640, height: 480 }),
  'photo.png': async () =>
    sharp(await photo({ width: 160, height: 120 }))
      .png()
      .toBuffer(),
  'photo.webp': async () =>
    sharp(await photo({ width: 320, height: 240 }))
      .webp()
      .toBuffer(),
  'photo.avif': async () =>
    sharp(await photo({ width: 320, height: 240 }))
      .avif({ effort: 0 })
      .toBuffer(),
  'photo.gif': async () =>
    sharp(await photo({ width: 160, height: 120 }))
      .gif()
      .toBuffer(),
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'damaged-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test.each(Object.keys(PICTURES))('%s, however damaged, is made or refused', async (name) => {
  const whole = (await PICTURES[name]?.()) ?? new Uint8Array()
  const images = sharpImages()
  await eachDamage(name, whole, async (bytes) => [await images.inspect(bytes), await images.render(bytes, PHOTO)])
})

describeWithFfmpeg('of what ffmpeg reads', () => {
  const probe = liveProbe(process.env)
  const video = liveVideo(process.env)
  const voice = liveVoice(process.env)

  test.each(Object.keys(RECORDINGS))('%s, however damaged, is made or refused', async (name) => {
    await eachDamage(name, made(name, RECORDINGS), async (bytes) => {
      const probed = await probe.probe(bytesSource(bytes))
      return probed.ok ? [await voice.render(bytes, probed.facts)] : [probed]
    })
  })

  test.each(Object.keys(FILMS))('%s, however damaged, is made or refused', async (name) => {
    await eachDamage(name, made(name, FILMS), (bytes) =>
      video.inScratch(async (scratch) => {
        const file = join(scratch, 'original')
        writeFileSync(file, bytes)
        const foreseen = await video.foresee(bytesSource(bytes))
        const looked = await video.look(file)
        if (!looked.ok) return [foreseen, looked]
        const source = { file, scratch, facts: looked.facts }
        const rung = { name: '180p', shortSide: 180, maxBitsPerSecond: 500_000 }
        return [
          foreseen,
          await video.frames(source, FRAMES),
          await video.remux(source, join(scratch, 'remuxed.mp4')),
          await video.encode(source, [rung], () => join(scratch, 'encoded.mp4')),
        ]
      }),
    )
  })

  function made(name: string, encoders: Readonly<Record<string, readonly string[]>>): Uint8Array {
    return readFileSync(make(join(folder, name), ...SOURCES, ...(encoders[name] ?? [])))
  }
})

type Answer = { readonly ok: true } | { readonly ok: false; readonly fault?: 'file' | 'ours'; readonly message: string }

/** Fails, with the seed, where a damaged file has an error, or something of ours is called to blame for it. */
async function eachDamage(
  name: string,
  whole: Uint8Array,
  process: (bytes: Uint8Array) => Promise<readonly Answer[]>,
): Promise<void> {
  const wrong: string[] = []
  for (const seed of seeds) {
    const answers = await process(damaged(whole, seeded(seed))).catch((error: Error) => [blamed(error.message)])
    for (const answer of answers) {
      if (!answer.ok && answer.fault === 'ours') wrong.push(`${name}, seed ${seed}: ${answer.message}`)
    }
  }
  expect(wrong).toEqual([])
}

const blamed = (message: string) => ({ ok: false, fault: 'ours', message }) as const

/** Cut off, some bytes changed, a stretch of it lost, emptied or there twice: as a bad connection or disk leaves files. */
function damaged(whole: Uint8Array, random: Random): Uint8Array {
  const bytes = Uint8Array.from(whole)
  const from = random.below(whole.length)
  const to = Math.min(whole.length, from + 1 + random.below(1 + whole.length / 8))
  return random.pick<() => Uint8Array>([
    () => bytes.subarray(0, from),
    () => bytes.subarray(0, Math.min(from, random.below(4096))),
    () => Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]),
    () => Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]),
    () => bytes.fill(0, from, to),
    () => {
      for (let count = 1 + random.below(64); count > 0; count--) bytes[random.below(bytes.length)] = random.below(256)
      return bytes
    },
    () => {
      // Where headers and indexes lie.
      const head = Math.min(bytes.length, 1024)
      for (let count = 1 + random.below(8); count > 0; count--) bytes[random.below(head)] = random.below(256)
      return bytes
    },
  ])()
}
