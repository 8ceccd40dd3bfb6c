import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { gif } from '../../tests/fixtures/gif.ts'
import { LATE } from '../deadline/by-deadline.ts'
import { describeWithFfmpeg, ffmpegOfThisMachine, fixtureFolder, make } from '../ffmpeg/for-test.ts'
import { inScratch } from '../ffmpeg/scratch.ts'
import { mediabunnyProbe } from '../probe/mediabunny-probe.ts'
import type { Probe } from '../probe/probe.ts'
import { filmSize } from './animation.ts'
import { ffmpegVideo } from './ffmpeg-video.ts'
import type { AnimationFile, FramePlan, Video } from './video.ts'

const PLAN: FramePlan = { maxSide: 64, poster: { atMs: 0 }, along: { everyMs: 10_000, atLeast: 4, atMost: 12 } }
const SIZE = { width: 101, height: 75 }

it.each([
  ['odd', { width: 801, height: 601 }, { width: 800, height: 600 }],
  ['large', { width: 2_000, height: 1_500 }, { width: 960, height: 720 }],
  ['tall', { width: 300, height: 6_000 }, { width: 96, height: 1_920 }],
  ['small', { width: 1, height: 1 }, { width: 2, height: 2 }],
])('the film of an animation that is %s has even sides, and 720 lines at most', (_, size, expected) => {
  expect(filmSize(size)).toEqual(expected)
})

it('names the remedy where no ffmpeg is', async () => {
  const message = 'No ffmpeg runs here: install it.'
  const video = ffmpegVideo({ ffmpeg: async () => ({ found: false, message }), probe: mediabunnyProbe() })
  const animation = { file: '/nowhere', scratch: '/', ...SIZE, delaysMs: [100, 100] }
  expect(await video.film(animation, '/nowhere.mp4', PLAN)).toMatchObject({ ok: false, code: 'no-ffmpeg', message })
})

describeWithFfmpeg('the film of a GIF', () => {
  const folder = fixtureFolder()
  const told: string[] = []
  const probe = mediabunnyProbe()
  const video = ffmpegVideo({ ffmpeg: ffmpegOfThisMachine, probe, onStill: ({ code }) => told.push(code) })

  const filmed = (bytes: Uint8Array, about: Omit<AnimationFile, 'file' | 'scratch'>) => filmedBy(video, bytes, about)
  const filmedBy = (video: Video, bytes: Uint8Array, about: Omit<AnimationFile, 'file' | 'scratch'>) =>
    inScratch(async (scratch) => {
      const [file, target] = [join(scratch, 'original'), join(scratch, 'film.mp4')]
      writeFileSync(file, bytes)
      const made = await video.film({ file, scratch, ...about }, target, PLAN)
      if (!made.ok) return made
      return { ...made, bytes: readFileSync(target), looked: await video.look(target) }
    })
  const accepted = async (...args: Parameters<typeof filmed>) => {
    const made = await filmed(...args)
    if (!made.ok) throw new Error(JSON.stringify(made))
    return made
  }

  const FRAMES = 24
  /** Of a test picture that changes from frame to frame, each shown for so many hundredths of a second. */
  function animation(delays: readonly number[]): readonly [Buffer, Omit<AnimationFile, 'file' | 'scratch'>] {
    const source = ['-f', 'lavfi', '-i', `testsrc2=s=${SIZE.width}x${SIZE.height}:r=10`, '-frames:v', String(FRAMES)]
    const bytes = readFileSync(make(join(folder, 'animation.gif'), ...source))
    let frame = 0
    for (let at = bytes.indexOf(CONTROL); at >= 0; at = bytes.indexOf(CONTROL, at + 4)) {
      bytes.writeUInt16LE(delays[frame++ % delays.length] ?? 0, at + 4)
    }
    expect(frame).toBe(FRAMES)
    return [
      bytes,
      { ...SIZE, delaysMs: Array.from({ length: FRAMES }, (_, at) => 10 * (delays[at % delays.length] ?? 0)) },
    ]
  }
  const CONTROL = Buffer.from([0x21, 0xf9, 4])

  it('is silent H.264 that plays from its first bytes on, as long as the GIF', async () => {
    const { video: file, bytes, looked } = await accepted(...animation([3, 10, 20, 107]))
    expect(file).toMatchObject({ contentType: 'video/mp4', width: 100, height: 74 })
    expect(looked).toMatchObject({ ok: true, facts: { video: { codec: 'h264', chroma: '4:2:0' } } })
    expect(looked).not.toHaveProperty('facts.audio')
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'))
    // The last frame stays, too: another of the same stands at its end.
    expect(Math.abs(file.durationMs - 6 * 1_400)).toBeLessThanOrEqual(100)
    // `stsz`: its version, the size of all, and how many there are.
    expect(bytes.readUInt32BE(bytes.indexOf('stsz') + 12)).toBe(FRAMES + 1)
  })

  it('is looked at along its length, from later frames too', async () => {
    const { stills } = await accepted(...animation([10]))
    expect(stills.length).toBeGreaterThanOrEqual(4)
    const digests = new Set(stills.map(({ bytes }) => Buffer.from(bytes).toString('base64')))
    expect(digests.size).toBe(stills.length)
    expect(stills.at(-1)?.atMs).toBeGreaterThan(1_200)
    for (const { bytes, width, height } of stills) {
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width, height })
    }
  })

  it('is white where the GIF is transparent', async () => {
    const colour = { r: 200, g: 0, b: 0, alpha: 1 }
    const dot = await sharp({ create: { width: 16, height: 16, channels: 4, background: colour } })
      .png()
      .toBuffer()
    const page = (left: number) =>
      sharp({ create: { ...SIZE, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
        .composite([{ input: dot, left, top: 50 }])
        .png()
        .toBuffer()
    const bytes = await sharp([await page(0), await page(80)], { join: { animated: true } })
      .gif()
      .toBuffer()
    const { stills } = await accepted(bytes, { ...SIZE, delaysMs: [100, 100] })
    for (const still of stills) {
      const corner = await sharp(still.bytes).extract({ left: 20, top: 0, width: 20, height: 20 }).stats()
      for (const { mean } of corner.channels) expect(mean).toBeGreaterThan(245)
    }
  })

  it('ends after a minute, however long the GIF shows its frames', async () => {
    const { video: file } = await accepted(...animation([500]))
    expect(file.durationMs).toBeLessThanOrEqual(60_000)
    expect(file.durationMs).toBeGreaterThanOrEqual(55_000)
  })

  it('is not made of a GIF that lacks its end, of noise, or of what is larger than 4K', async () => {
    told.length = 0
    const [whole, about] = animation([10])
    expect(await filmed(whole.subarray(0, whole.length / 2), about)).toMatchObject({ ok: false, code: 'undecodable' })
    expect(await filmed(Buffer.from('GIF89a, it says'), about)).toMatchObject({ ok: false })
    const huge = { width: 5_000, height: 3_000 }
    expect(await filmed(gif(4, huge), { ...huge, delaysMs: [100, 100, 100, 100] })).toMatchObject({
      ok: false,
      code: 'too-many-pixels',
    })
    expect(told).toHaveLength(3)
  })

  /** ffmpeg, but that runs with this word among theirs never end. */
  const hangingAt = (word: string) => async () => {
    const ffmpeg = await ffmpegOfThisMachine()
    const path = join(folder, `hanging-at-${word}`)
    writeFileSync(path, `#!/bin/sh\ncase "$*" in *${word}*) exec sleep 60;; esac; exec ${ffmpeg.path} "$@"\n`)
    chmodSync(path, 0o755)
    return { ...ffmpeg, path }
  }
  const hanging: Probe = { probe: () => new Promise(() => {}) }

  describe('is given up in the time that all of it may take, where it isn’t', () => {
    const PARTS = [
      ['encoded', { ffmpeg: hangingAt('libx264'), probe }],
      ['looked at', { ffmpeg: ffmpegOfThisMachine, probe: hanging }],
      ['verified', { ffmpeg: hangingAt('first.gray'), probe }],
      ['looked along', { ffmpeg: hangingAt('poster-exact.jpg'), probe }],
    ] as const
    const givenUp = new Map<string, { readonly made: unknown; readonly milliseconds: number }>()

    // All at once, as there is nothing to do but to wait.
    beforeAll(async () => {
      const began = performance.now()
      const given = animation([10])
      await Promise.all(
        PARTS.map(async ([name, parts]) => {
          const made = await filmedBy(ffmpegVideo({ ...parts, filmSeconds: 2 }), ...given)
          givenUp.set(name, { made, milliseconds: performance.now() - began })
        }),
      )
    })

    it.each(PARTS)('%s', (name) => {
      const { made, milliseconds } = givenUp.get(name) ?? {}
      expect(made).toEqual(LATE)
      expect(milliseconds).toBeLessThan(10_000)
    })
  })
})
