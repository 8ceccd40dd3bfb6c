import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { edits, replaceBox } from '../../tests/fixtures/mp4.ts'
import { cpuSeconds } from '../../tests/handling/cpu-seconds.ts'
import { describeWithFfmpeg, ffmpegOfThisMachine, fixtureFolder, make } from '../ffmpeg/for-test.ts'
import { inScratch } from '../ffmpeg/scratch.ts'
import { ffprobeProbe } from '../probe/ffprobe-probe.ts'
import { mediabunnyProbe } from '../probe/mediabunny-probe.ts'
import { ffmpegVideo } from './ffmpeg-video.ts'
import { renditionOf } from './rendition-for-test.ts'
import { turned } from './turned-for-test.ts'
import { describeVideo } from './video.suite.ts'
import type { FramePlan, Made, Remuxed, SourceFile } from './video.ts'

const picture = (size = '320x240', seconds = 2, rate = 10) => [
  ...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds}`],
]
const tone = (seconds = 2) => ['-f', 'lavfi', '-i', `sine=d=${seconds}`]
/** AAC's encoder is slow at tones. */
const silence = (seconds: number) => ['-f', 'lavfi', '-t', `${seconds}`, '-i', 'anullsrc=r=44100:cl=mono']
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '10']
const AAC = ['-c:a', 'aac', '-b:a', '64k']
const PLAN: FramePlan = {
  maxSide: 320,
  poster: { atMs: 1_000 },
  along: { everyMs: 5_000, atLeast: 2, atMost: 5 },
}
/** As many as are ever asked for. */
const MANY: FramePlan = { ...PLAN, along: { everyMs: 10_000, atLeast: 3, atMost: 31 } }
const TWO_RUNGS = [
  { name: '120p', shortSide: 120, maxBitsPerSecond: 300_000 },
  { name: '60p', shortSide: 60, maxBitsPerSecond: 100_000 },
]

describeWithFfmpeg('ffmpegVideo', () => {
  const folder = fixtureFolder()
  const at = (name: string) => join(folder, name)
  const video = ffmpegVideo({
    ffmpeg: ffmpegOfThisMachine,
    probe: mediabunnyProbe({ fallback: ffprobeProbe(ffmpegOfThisMachine) }),
  })

  const accepted = <T extends { readonly ok: boolean }>(made: T) => {
    if (!made.ok) throw new Error(JSON.stringify(made))
    return made as Extract<T, { readonly ok: true }>
  }
  const look = async (file: string) => accepted(await video.look(file)).facts
  /** What `work` gives for a file in a scratch folder that is gone after. */
  const on = <T>(file: string, work: (source: SourceFile, target: string) => Promise<T>): Promise<T> =>
    inScratch(async (scratch) => work({ file, scratch, facts: await look(file) }, join(scratch, 'target.mp4')))
  const stills = (file: string, plan = PLAN) => on(file, async (source) => accepted(await video.frames(source, plan)))
  const meanOf = async (jpeg: Uint8Array) => (await sharp(jpeg).stats()).channels.map(({ mean }) => Math.round(mean))

  beforeAll(() => {
    make(at('sound.mp4'), ...picture(), ...tone(), ...H264, ...AAC)
  })

  describeVideo(
    'ffmpegVideo',
    () => video,
    async () => {
      const damaged = readFileSync(at('sound.mp4'))
      damaged.fill(0xa5, 0, damaged.length)
      writeFileSync(at('damaged.mp4'), damaged)
      writeFileSync(at('empty.mp4'), '')
      return {
        sound: at('sound.mp4'),
        unfit: make(at('unfit.mp4'), ...picture('400x304'), ...tone(), '-c:v', 'mpeg4', ...AAC),
        damaged: at('damaged.mp4'),
        empty: at('empty.mp4'),
        animation: {
          file: make(at('a.gif'), ...picture('101x75')),
          width: 101,
          height: 75,
          delaysMs: Array(20).fill(100),
        },
        rendition: renditionOf(at('sound.mp4'), folder),
      }
    },
  )

  describe('takes stills', () => {
    it.each([90, 180, 270] as const)('upright, of a film that is turned by %i degrees', async (degrees) => {
      const file = turned(at('sound.mp4'), at(`turned-${degrees}.mp4`), degrees)
      const { poster } = await stills(file)
      const isPortrait = degrees !== 180
      expect([poster.width, poster.height]).toEqual(isPortrait ? [240, 320] : [320, 240])
      const { poster: level } = await stills(at('sound.mp4'))
      const turnedByHand = await sharp(level.bytes).rotate(degrees).raw().toBuffer()
      expect(await meanDifference(await sharp(poster.bytes).raw().toBuffer(), turnedByHand)).toBeLessThan(4)
    })

    it('where keyframes are rare, of what lies between them, too', async () => {
      const scenes = "color=c=black:s=64x64:r=5:d=20,drawbox=c=white:t=fill:enable='between(t,8,12)'"
      make(at('rare.mp4'), '-f', 'lavfi', '-i', scenes, ...H264, '-g', '1000', '-x264-params', 'scenecut=0')
      const { along } = await stills(at('rare.mp4'), { ...PLAN, along: { everyMs: 1, atLeast: 2, atMost: 5 } })
      expect(along.map(({ atMs }) => atMs)).toEqual([2_000, 6_000, 10_000, 14_000, 18_000])
      const brightness = await Promise.all(along.map(async ({ bytes }) => (await meanOf(bytes))[0] ?? 0))
      expect(brightness.map((mean) => mean > 128)).toEqual([false, false, true, false, false])
    })

    it('of a film of one picture', async () => {
      make(at('one.mp4'), ...picture('64x48', 1, 1), ...H264, '-frames:v', '1')
      const { poster, along } = await stills(at('one.mp4'))
      expect([poster.atMs, along.length]).toEqual([0, 1])
    })

    const tenths = (all: readonly { readonly atMs: number }[]) => all.map(({ atMs }) => Math.round(atMs / 100))

    it.each([
      ['mp4', [10, 30, 50]],
      // Its pictures wait for what AAC begins with, and so come after the times that are sought: those before will do.
      ['mkv', [0, 20, 40]],
    ])('along its pictures, however long the sound goes on after them: %s', async (container, times) => {
      make(at(`outlasting.${container}`), ...picture('64x48', 6), ...silence(320), ...H264, ...AAC)
      const { poster, along } = await stills(at(`outlasting.${container}`), MANY)
      expect([tenths([poster]), tenths(along)]).toEqual([[10], times])
    })

    it('of the one picture that lies beside minutes of sound', async () => {
      make(at('sleeve.mkv'), ...picture('64x48', 1, 1), ...silence(320), ...H264, ...AAC)
      const { poster, along } = await stills(at('sleeve.mkv'), MANY)
      expect([tenths([poster]), tenths(along)]).toEqual([[0], [0]])
    })

    it('of what is there, where pictures end long before the film says so', async () => {
      make(at('claims.mp4'), ...picture('64x48', 6), ...H264)
      const { poster, along } = await on(at('claims.mp4'), async ({ facts, ...source }) => {
        const claimed = { ...facts, durationMs: 320_000, video: { ...facts.video, durationMs: 320_000 } }
        return accepted(await video.frames({ ...source, facts: claimed }, MANY))
      })
      expect([poster.atMs, along.map(({ atMs }) => atMs)]).toEqual([1_000, [5_000]])
    })

    it('in square pixels', async () => {
      make(at('wide.mp4'), ...picture('160x120'), '-vf', 'setsar=2/1', ...H264)
      expect((await stills(at('wide.mp4'))).poster).toMatchObject({ width: 320, height: 120 })
    })

    it('of what a browser records, which names no duration', async () => {
      make(at('live.webm'), ...picture('64x48', 4), '-c:v', 'libvpx', '-g', '5', '-f', 'webm', '-live', '1')
      expect((await look(at('live.webm'))).durationMs).toBeCloseTo(4_000, -3)
      expect((await stills(at('live.webm'))).along.length).toBeGreaterThan(1)
    })

    it('of the film, not of its cover', async () => {
      make(at('cover.jpg'), '-f', 'lavfi', '-i', 'color=c=red:s=64x64', '-frames:v', '1')
      const maps = ['-i', at('cover.jpg'), '-i', at('sound.mp4'), '-map', '0', '-map', '1']
      make(at('cover.mp4'), ...maps, '-c', 'copy', '-disposition:v:0', 'attached_pic')
      expect((await stills(at('cover.mp4'))).poster).toMatchObject({ width: 320, height: 240 })
    })

    it.each([
      ['HLG', 'arib-std-b67'],
      ['PQ', 'smpte2084'],
    ])('of an HDR film (%s) as bright as it is meant', async (_, transfer) => {
      const colour = ['-color_primaries', 'bt2020', '-color_trc', transfer, '-colorspace', 'bt2020nc']
      const grey = ['-f', 'lavfi', '-i', 'color=c=0x909090:s=64x64:r=10:d=1']
      make(at('hdr.mp4'), ...grey, '-c:v', 'libx264', '-pix_fmt', 'yuv420p10le', ...colour)
      expect((await look(at('hdr.mp4'))).video.hdr).not.toBe('sdr')
      const [red = 0, green = 0, blue = 0] = await meanOf((await stills(at('hdr.mp4'))).poster.bytes)
      expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThan(6)
      // 0.56 of the scale: nearly SDR's white in PQ, a middle grey in HLG. Left alone it would stay 0x90.
      const [least, most] = transfer === 'smpte2084' ? [150, 230] : [90, 130]
      expect(red).toBeGreaterThan(least)
      expect(red).toBeLessThan(most)
    })
  })

  describe('takes a film as it is', () => {
    it.each([90, 270] as const)('with the turn of %i degrees that shows it upright', async (degrees) => {
      const file = turned(at('sound.mp4'), at(`turn-${degrees}.mp4`), degrees)
      const taken = await on(file, async (source, target) => {
        const remuxed = accepted(await video.remux(source, target))
        return 'video' in remuxed ? { ...remuxed.video, facts: await look(target) } : undefined
      })
      expect(taken).toMatchObject({ width: 240, height: 320, facts: { video: { rotation: degrees } } })
    })

    it('without where, when, by whom and with what it was filmed, and without other tracks', async () => {
      const told = ['-metadata', 'location=+48.8577+002.2950/', '-metadata', 'title=Holidays']
      const dated = ['-metadata', 'creation_time=2026-03-01T10:00:00Z']
      writeFileSync(at('words.srt'), '1\n00:00:00,000 --> 00:00:01,000\nSecret words\n')
      const inputs = ['-i', at('sound.mp4'), '-i', at('words.srt'), '-map', '0', '-map', '1', '-c:s', 'mov_text']
      make(at('told.mov'), ...inputs, '-c:v', 'copy', '-c:a', 'copy', ...told, ...dated)
      expect(readFileSync(at('told.mov'), 'latin1')).toContain('+48.8577')
      await on(at('told.mov'), async (source, target) => {
        expect(accepted(await video.remux(source, target))).toHaveProperty('video')
        const text = readFileSync(target, 'latin1')
        for (const secret of ['+48.8577', 'Holidays', 'Secret words', '\xa9xyz']) expect(text).not.toContain(secret)
        expect(text.indexOf('moov')).toBeLessThan(text.indexOf('mdat'))
      })
    })

    it('with all of its sound, where that goes on after the pictures', async () => {
      make(at('outlasted.mp4'), ...picture(), ...tone(7), ...H264, ...AAC)
      const durations = await on(at('outlasted.mp4'), async (source, target) => {
        const remuxed = accepted(await video.remux(source, target))
        const encoded = accepted(await video.encode(source, TWO_RUNGS.slice(1), () => target))
        return ['video' in remuxed ? remuxed.video : undefined, encoded.videos[0]].map((made) => made?.durationMs)
      })
      for (const durationMs of durations) expect(Math.abs(Number(durationMs) - 7_000)).toBeLessThan(100)
    })

    it('without sound, where it has none', async () => {
      make(at('silent.mp4'), ...picture(), ...H264)
      expect(await on(at('silent.mp4'), (source, target) => video.remux(source, target))).toHaveProperty('video')
    })

    it('within three seconds of processor time for each minute, by far', async () => {
      make(at('minute.mp4'), ...picture('128x72', 60), ...tone(60), ...H264, ...AAC)
      const spent = await cpuSeconds(async () => {
        expect(await on(at('minute.mp4'), (source, target) => video.remux(source, target))).toHaveProperty('video')
      })
      expect(spent).toBeGreaterThan(0)
      expect(spent).toBeLessThan(3)
    })

    it.each<[string, (source: SourceFile, target: string) => Promise<Remuxed | Made<object>>]>([
      ['remux', (source, target) => video.remux(source, target)],
      ['encode', (source, target) => video.encode(source, TWO_RUNGS.slice(1), () => target)],
    ])('but not where it ends before the time that it claims: %s', async (_, work) => {
      const answer = await on(at('sound.mp4'), (source, target) =>
        work({ ...source, facts: { ...source.facts, durationMs: 4_000 } }, target),
      )
      expect(answer).toMatchObject({ ok: false, fault: 'file', message: expect.stringContaining('cut off') })
    })

    describe('but not where it holds what was trimmed away:', () => {
      const unfit = (reason: RegExp) => ({ ok: true, unfit: expect.stringMatching(reason) })
      const remuxed = (file: string) => on(file, (source, target) => video.remux(source, target))
      /** The first track of a film of 2 s shows this, and the other all of it. */
      const edited = (name: string, list: Buffer, ...maps: readonly string[]) => {
        const file = make(at(name), '-i', at('sound.mp4'), ...maps, '-c', 'copy')
        writeFileSync(file, replaceBox(readFileSync(file), 'edts', list))
        return file
      }
      /** In samples' own clock. */
      const [PICTURES_SECOND, SOUND_SECOND] = [10_240, 44_100]

      it('the begin, by an edit list as phones write it', async () => {
        make(at('begin.mov'), '-ss', '0.7', '-i', at('sound.mp4'), '-c', 'copy')
        expect(await remuxed(at('begin.mov'))).toEqual(unfit(/^it still holds 0\.7 s of pictures trimmed/))
      })

      it('the begin of a film in fragments', async () => {
        const fragmented = ['-movflags', 'frag_keyframe+delay_moov']
        make(at('begin-in-fragments.mp4'), '-ss', '0.7', '-i', at('sound.mp4'), '-c', 'copy', ...fragmented)
        expect(await remuxed(at('begin-in-fragments.mp4'))).toEqual(unfit(/^it still holds 0\.7 s of pictures trimmed/))
        make(at('whole-in-fragments.mp4'), '-i', at('sound.mp4'), '-c', 'copy', ...fragmented)
        expect(await remuxed(at('whole-in-fragments.mp4'))).toHaveProperty('video')
      })

      it('the end', async () => {
        expect(await remuxed(edited('end.mp4', edits([1_400, 0])))).toEqual(unfit(/^it still holds 0\.6 s of pictures/))
      })

      it.each([
        ['begin', edits([1_300, 0.7 * SOUND_SECOND])],
        ['end', edits([1_300, 0])],
      ])('the %s of the sound alone', async (name, list) => {
        const file = edited(`sound-${name}.mp4`, list, '-map', '0:a', '-map', '0:v')
        expect(await remuxed(file)).toEqual(unfit(/^it still holds 0\.7 s of sound trimmed/))
      })

      it('what lay between two pieces', async () => {
        const file = edited('pieces.mp4', edits([500, 0], [700, 1.3 * PICTURES_SECOND], [800, 0]))
        expect(await remuxed(file)).toEqual(unfit(/^it still holds 0\.5 s of pictures trimmed/))
      })

      it('more of it than its edit list says', async () => {
        const file = edited('lies.mp4', edits([2_000, 0.7 * PICTURES_SECOND]))
        expect(await remuxed(file)).toEqual(unfit(/^it still holds 0\.7 s of pictures/))
      })
    })

    it('where it hides no more than encoders put in front, though all its keyframes are among that', async () => {
      make(at('long.mp4'), ...picture('320x240', 2, 30), ...tone(), ...H264, '-g', '300', '-bf', '2', ...AAC)
      make(at('one-picture.mp4'), '-ss', '0.04', '-i', at('long.mp4'), '-c', 'copy')
      expect(await on(at('one-picture.mp4'), (source, target) => video.remux(source, target))).toHaveProperty('video')
    })

    it('but not where its pictures are noise', async () => {
      const bytes = readFileSync(make(at('noise.mp4'), ...picture(), ...H264))
      const media = bytes.indexOf('mdat') + 4
      bytes.fill(0x5a, media, bytes.indexOf('moov') - 4)
      writeFileSync(at('noise.mp4'), bytes)
      const refused = { ok: false, fault: 'file', code: 'undecodable' }
      expect(await on(at('noise.mp4'), (source, target) => video.remux(source, target))).toMatchObject(refused)
      expect(await on(at('noise.mp4'), (source) => video.frames(source, PLAN))).toMatchObject(refused)
      expect(
        await on(at('noise.mp4'), (source, target) => video.encode(source, TWO_RUNGS.slice(1), () => target)),
      ).toMatchObject(refused)
    })
  })

  describe('puts a rendition together', () => {
    /** When a tone is first heard, in seconds, that comes a second after the begin of a sound. */
    const heard = async (name: string, soundBegins: number) => {
      const silence = ['-f', 'lavfi', '-i', 'aevalsrc=if(gte(t\\,1)\\,0.5*sin(2*PI*440*t)\\,0):s=48000:d=2']
      const film = make(at(`${name}.mp4`), ...picture(), ...silence, ...H264, ...AAC)
      const part = (stream: string, ...words: readonly string[]) =>
        make(at(`${name}-${stream}.mp4`), '-i', film, '-map', `0:${stream}`, '-c', 'copy', ...words)
      const pictures = [part('v', '-movflags', 'frag_keyframe+empty_moov')]
      const begins = ['-output_ts_offset', String(soundBegins)]
      const sound = [part('a', ...begins, '-movflags', 'delay_moov', '-frag_duration', '2000000')]
      return inScratch(async (scratch) => {
        const expected = { durationMs: 2_000, width: 320, height: 240 }
        const { file } = accepted(await video.package({ scratch, pictures, sound, expected }, at('put.mp4'))).video
        const words = ['-nostats', '-i', file, '-af', 'aresample=async=1:first_pts=0,silencedetect=n=-40dB:d=0.3']
        const { stderr } = spawnSync((await ffmpegOfThisMachine()).path, [...words, '-f', 'null', '-'], {
          encoding: 'utf8',
        })
        return Number(/silence_end: ([\d.]+)/.exec(stderr)?.[1])
      })
    }

    it('with the sound at its time, not later by what its encoder puts in front', async () => {
      expect(Math.abs((await heard('primed', 0)) - 1)).toBeLessThan(0.01)
    })

    it('with sound that begins after the pictures at its time', async () => {
      expect(Math.abs((await heard('later', 0.4)) - 1.4)).toBeLessThan(0.01)
    })
  })

  describe('encodes', () => {
    const encoded = (file: string, rungs = TWO_RUNGS) =>
      on(file, async (source) => {
        const made = accepted(await video.encode(source, rungs, (rung) => join(source.scratch, `${rung.name}.mp4`)))
        return Promise.all(made.videos.map(async (one) => ({ ...one, facts: await look(one.file) })))
      })

    it('odd sizes, turned films and many channels to what everybody can play', async () => {
      const many = ['-af', 'pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0']
      make(at('odd.mkv'), ...picture('321x241', 1), ...tone(1), '-c:v', 'ffv1', '-c:a', 'flac', ...many)
      const [larger, smaller] = await encoded(at('odd.mkv'))
      expect([larger, smaller]).toMatchObject([
        { width: 160, height: 120, facts: { audio: { codec: 'aac', channels: 2, sampleRate: 48_000 } } },
        { width: 80, height: 60, facts: { video: { codec: 'h264', bitDepth: 8, chroma: '4:2:0' } } },
      ])
      const file = turned(at('sound.mp4'), at('turn.mp4'), 90)
      expect(await encoded(file)).toMatchObject([
        { width: 120, height: 160, facts: { video: { rotation: 0 } } },
        { width: 60, height: 80 },
      ])
    })

    it('silence where the sound has a gap, so that what follows stays with its pictures', async () => {
      const quiet = ['-f', 'lavfi', '-i', 'aevalsrc=if(gte(t\\,2)\\,0.5*sin(2*PI*440*t)\\,0):s=48000:d=3']
      const gap = ['-af', "aselect='not(between(t,0.5,1.5))'", '-map', '0:v', '-map', '1:a']
      make(at('gap.mkv'), ...picture('160x120', 3), ...quiet, ...gap, ...H264, ...AAC)
      const heard = await on(at('gap.mkv'), async (source, target) => {
        accepted(await video.encode(source, TWO_RUNGS.slice(1), () => target))
        const words = ['-nostats', '-i', target, '-af', 'silencedetect=n=-40dB:d=0.3', '-f', 'null', '-']
        return spawnSync((await ffmpegOfThisMachine()).path, words, { encoding: 'utf8' }).stderr
      })
      expect(Number(/silence_end: ([\d.]+)/.exec(heard)?.[1])).toBeCloseTo(2, 1)
    })

    it('at thirty pictures a second at most, with a keyframe every two seconds', async () => {
      make(at('fast.mp4'), ...picture('160x120', 5, 60), ...H264)
      const rungs = TWO_RUNGS.slice(0, 1)
      expect(await encoded(at('fast.mp4'), rungs)).toMatchObject([{ facts: { video: { frameRate: 30 } } }])
      const plan = { ...PLAN, along: { everyMs: 1, atLeast: 1, atMost: 5 } }
      const times = await on(at('fast.mp4'), async (source, target) => {
        accepted(await video.encode(source, rungs, () => target))
        return (await stills(target, plan)).along.map(({ atMs }) => atMs)
      })
      expect(times).toEqual([0, 2_000, 4_000])
    })

    it('HDR to SDR', async () => {
      const colour = ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc']
      make(at('pq.mp4'), ...picture('160x120', 1), '-c:v', 'libx264', '-pix_fmt', 'yuv420p10le', ...colour)
      expect(await encoded(at('pq.mp4'), TWO_RUNGS.slice(0, 1))).toMatchObject([
        { facts: { video: { hdr: 'sdr', bitDepth: 8 } } },
      ])
    })

    it('no longer than it may take', async () => {
      const hasty = ffmpegVideo({ ffmpeg: ffmpegOfThisMachine, probe: mediabunnyProbe(), encodeSeconds: 0.05 })
      const answer = await on(at('sound.mp4'), (source, target) =>
        hasty.encode(source, TWO_RUNGS.slice(1), () => target),
      )
      expect(answer).toMatchObject({ ok: false, fault: 'ours', code: 'timed-out' })
    })
  })

  describe('refuses', () => {
    const refusal = (code: string) => ({
      ok: false,
      fault: 'file',
      code,
      message: expect.stringMatching(/^[A-Z].*: .+\.$/),
    })

    it('two pictures that are 20,000 s apart', async () => {
      const apart = ['-vf', 'setpts=N*20000/TB', '-frames:v', '2', '-vsync', 'vfr']
      make(at('apart.mp4'), ...picture('64x48', 1), ...apart, ...H264)
      expect(await video.look(at('apart.mp4'))).toEqual(refusal('too-long'))
    })

    it('pictures of more than 4K', async () => {
      make(at('8k.mov'), '-f', 'lavfi', '-i', 'color=s=7680x4320:d=1:r=1', '-c:v', 'mjpeg', '-frames:v', '1')
      expect(await video.look(at('8k.mov'))).toEqual(refusal('too-many-pixels'))
    })

    it('sound alone', async () => {
      make(at('sound.m4a'), ...tone(1), ...AAC)
      expect(await video.look(at('sound.m4a'))).toEqual(refusal('type-mismatch'))
    })

    it('a film that shows the same again, where a picture of it lasts longer than it may differ', async () => {
      const film = make(at('slow.mp4'), ...picture('96x64', 4, 1), ...H264, '-movflags', '+faststart')
      writeFileSync(film, replaceBox(readFileSync(film), 'edts', edits([4_000, 0], [4_000, 0], [4_000, 0])))
      const made = await on(film, (source, target) => video.remux(source, target))
      expect(made).toEqual(refusal('undecodable'))
    })

    it('a list of other files', async () => {
      writeFileSync(at('list.mp4'), '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsound.mp4\n#EXT-X-ENDLIST\n')
      expect(await video.look(at('list.mp4'))).toEqual(refusal('unsupported-type'))
    })
  })

  it('names the remedy where no ffmpeg is', async () => {
    const missing = { found: false, message: 'No ffmpeg runs here: install it.' } as const
    const without = ffmpegVideo({ ffmpeg: async () => missing, probe: mediabunnyProbe() })
    expect(await on(at('sound.mp4'), (source) => without.frames(source, PLAN))).toEqual({
      ok: false,
      fault: 'ours',
      code: 'no-ffmpeg',
      message: missing.message,
    })
  })

  it('leaves nothing behind beside what it was asked for', async () => {
    const before = readdirSync(folder).length
    await on(at('sound.mp4'), async (source, target) => {
      await video.remux(source, target)
      await video.frames(source, PLAN)
    })
    expect(readdirSync(folder).length).toBe(before)
  })
})

async function meanDifference(left: Uint8Array, right: Uint8Array): Promise<number> {
  expect(left.length).toBe(right.length)
  return left.reduce((sum, value, index) => sum + Math.abs(value - (right[index] ?? 0)), 0) / left.length
}
