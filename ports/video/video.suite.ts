import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withFile } from './file-source.ts'
import { LADDER, rungsFor, sizeOn } from './ladder.ts'
import type { AnimationFile, FramePlan, Rendition, Video, VideoFile } from './video.ts'

/** Files that an adapter works on, absolute; the fake needs no real ones. */
export interface SampleVideos {
  /** A sound video that everybody can play as it is. */
  readonly sound: string
  /** A sound video that has to be encoded for others. */
  readonly unfit: string
  /** What looks like a video and can't be read. */
  readonly damaged: string
  readonly empty: string
  readonly animation: Omit<AnimationFile, 'scratch'>
  /** Of a stream. */
  readonly rendition: Omit<Rendition, 'scratch'>
}

const PLAN: FramePlan = {
  maxSide: 64,
  poster: { atMs: 1_000 },
  along: { everyMs: 10_000, atLeast: 2, atMost: 5 },
}

/** What every adapter of Video must do, fake or real. */
export function describeVideo(name: string, make: () => Video, samples: () => Promise<SampleVideos>): void {
  describe(`${name}, as videos`, () => {
    const video = make()
    let files: SampleVideos
    beforeAll(async () => {
      files = await samples()
    })

    const look = async (file: string) => {
      const looked = await video.look(file)
      if (!looked.ok) throw new Error(`refused: ${looked.message}`)
      return looked.facts
    }
    const source = async (file: string, scratch: string) => ({ file, scratch, facts: await look(file) })
    const assertMade = (made: VideoFile) => {
      expect(made.contentType).toBe('video/mp4')
      expect(statSync(made.file).size).toBe(made.bytes)
      expect(made.bytes).toBeGreaterThan(0)
      for (const side of [made.width, made.height]) expect(Number.isInteger(side)).toBe(true)
      expect(made.bitsPerSecond).toBe(Math.round((made.bytes * 8_000) / made.durationMs))
    }

    test('a scratch folder is there for the work, and gone after', async () => {
      const file = await video.inScratch(async (scratch) => {
        writeFileSync(join(scratch, 'file'), 'bytes')
        return join(scratch, 'file')
      })
      expect(existsSync(file)).toBe(false)
    })

    test('nothing is done after a deadline, which is a fault of ours, and all is done before it', async () => {
      const [late, inTime] = [video.until(AbortSignal.abort()), video.until(AbortSignal.timeout(60_000))]
      const fault = { ok: false, fault: 'ours', code: 'timed-out', message: expect.stringMatching(/\.$/) }
      await video.inScratch(async (scratch) => {
        const at = await source(files.sound, scratch)
        const target = join(scratch, 'target.mp4')
        expect(await inTime.look(files.sound)).toEqual({ ok: true, facts: at.facts })
        expect(await inTime.remux(at, target)).toMatchObject({ ok: true })
        expect(await late.look(files.sound)).toEqual(fault)
        expect(await late.foresee({ size: 1, read: () => Promise.reject(new Error('it was read')) })).toEqual(fault)
        expect(await late.frames(at, PLAN)).toEqual(fault)
        expect(await late.remux(at, target)).toEqual(fault)
        expect(await late.package({ ...files.rendition, scratch }, target)).toEqual(fault)
        expect(await late.encode(at, [{ name: 'a', shortSide: 60, maxBitsPerSecond: 1 }], () => target)).toEqual(fault)
        expect(await late.film({ ...files.animation, scratch }, target, PLAN)).toEqual(fault)
        expect(await late.until(new AbortController().signal).look(files.sound)).toEqual(fault)
      })
    })

    test('an animation becomes a film with stills along it, the same each time', async () => {
      const once = await video.inScratch(async (scratch) => {
        const target = join(scratch, 'film.mp4')
        const made = await video.film({ ...files.animation, scratch }, target, PLAN)
        if (!made.ok) throw new Error(made.message)
        assertMade(made.video)
        for (const side of [made.video.width, made.video.height]) expect(side % 2).toBe(0)
        expect(made.stills.length).toBeGreaterThanOrEqual(PLAN.along.atLeast)
        return { stills: made.stills, bytes: readFileSync(target) }
      })
      await video.inScratch(async (scratch) => {
        const target = join(scratch, 'film.mp4')
        const made = await video.film({ ...files.animation, scratch }, target, PLAN)
        expect(made).toMatchObject({ ok: true, stills: once.stills })
        expect(readFileSync(target).equals(once.bytes)).toBe(true)
      })
    })

    test('what is no animation becomes no film, and is an answer', async () => {
      await video.inScratch(async (scratch) => {
        const made = await video.film(
          { ...files.animation, file: files.damaged, scratch },
          join(scratch, 'f.mp4'),
          PLAN,
        )
        expect(made).toMatchObject({ ok: false, code: expect.any(String), message: expect.stringMatching(/\.$/) })
      })
    })

    test('a video that is taken has a size and a duration', async () => {
      const { durationMs, video: pictures } = await look(files.sound)
      for (const count of [durationMs, pictures.width, pictures.height]) expect(count).toBeGreaterThan(0)
    })

    test.each(['damaged', 'empty'] as const)('a file that is %s is an answer, not an error', async (which) => {
      expect(await video.look(files[which])).toEqual({
        ok: false,
        fault: 'file',
        code: which === 'empty' ? 'empty' : expect.any(String),
        message: expect.stringMatching(/^[A-Z].*: .+\.$/),
      })
    })

    test('stills lie within the video, one after the other, in its shape and never enlarged', async () => {
      await video.inScratch(async (scratch) => {
        const at = await source(files.sound, scratch)
        const taken = await video.frames(at, PLAN)
        if (!taken.ok) throw new Error(taken.message)
        const { width, height } = at.facts.video
        const factor = Math.min(1, PLAN.maxSide / Math.max(width, height))
        for (const still of [taken.poster, ...taken.along]) {
          expect(still.bytes.length).toBeGreaterThan(0)
          expect(Math.abs(still.width - width * factor)).toBeLessThanOrEqual(1)
          expect(Math.abs(still.height - height * factor)).toBeLessThanOrEqual(1)
          expect(still.atMs).toBeLessThanOrEqual(at.facts.durationMs)
        }
        const times = taken.along.map(({ atMs }) => atMs)
        expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
        expect(times.length).toBeGreaterThanOrEqual(1)
        expect(times.length).toBeLessThanOrEqual(PLAN.along.atMost)
      })
    })

    test('a video that everybody can play is taken as it is, its size and duration the same', async () => {
      await video.inScratch(async (scratch) => {
        const at = await source(files.sound, scratch)
        const taken = await video.remux(at, join(scratch, 'taken.mp4'))
        if (!taken.ok || !('video' in taken)) throw new Error('it was not taken')
        assertMade(taken.video)
        const { width, height } = at.facts.video
        expect(taken.video).toMatchObject({ file: join(scratch, 'taken.mp4'), width, height })
        expect(Math.abs(taken.video.durationMs - at.facts.durationMs)).toBeLessThanOrEqual(300)
      })
    })

    test('that is foreseen by a few ranges of the file', async () => {
      const foresee = (file: string) => withFile(file, (bytes) => video.foresee(bytes))
      expect(await foresee(files.sound)).toEqual({ ok: true })
      expect(await foresee(files.unfit)).toEqual({ ok: true, unfit: expect.stringMatching(/^it/) })
      expect(await foresee(files.damaged)).toMatchObject({ ok: false, fault: 'file' })
    })

    test('one that not everybody can play is not, and it says why', async () => {
      await video.inScratch(async (scratch) => {
        const answer = await video.remux(await source(files.unfit, scratch), join(scratch, 'taken.mp4'))
        expect(answer).toEqual({ ok: true, unfit: expect.stringMatching(/^it/) })
      })
    })

    test('a ladder has a file for each rung, the same when it is made again', async () => {
      await video.inScratch(async (scratch) => {
        const at = await source(files.unfit, scratch)
        const rungs = rungsFor(at.facts.video, LADDER)
        const encode = async (round: string) => {
          const encoded = await video.encode(at, rungs, (rung) => join(scratch, `${round}-${rung.name}.mp4`))
          if (!encoded.ok) throw new Error(encoded.message)
          return encoded.videos
        }
        const videos = await encode('first')
        for (const made of videos) assertMade(made)
        expect(videos.map(({ width, height }) => ({ width, height }))).toEqual(
          rungs.map((rung) => sizeOn(at.facts.video, rung)),
        )
        const bytesOf = (made: readonly VideoFile[]) => made.map(({ file }) => readFileSync(file).toString('base64'))
        expect(bytesOf(await encode('second'))).toEqual(bytesOf(videos))
      })
    })

    test('a rendition of a stream becomes one file', async () => {
      await video.inScratch(async (scratch) => {
        const made = await video.package({ ...files.rendition, scratch }, join(scratch, 'whole.mp4'))
        if (!made.ok) throw new Error(made.message)
        assertMade(made.video)
        const { durationMs, ...size } = files.rendition.expected
        expect(made.video).toMatchObject(size)
        expect(Math.abs(made.video.durationMs - durationMs)).toBeLessThanOrEqual(300)
      })
    })

    test('a recipe is eight hex digits, the same for the same settings and another for others', async () => {
      const recipe = await video.recipe(PLAN)
      expect(recipe).toMatch(/^[0-9a-f]{8}$/)
      expect(await video.recipe(structuredClone(PLAN))).toBe(recipe)
      expect(await video.recipe({ ...PLAN, maxSide: 65 })).not.toBe(recipe)
    })
  })
}
