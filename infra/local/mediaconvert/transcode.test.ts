import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CancelJobCommand, CreateJobCommand, GetJobCommand, type JobSettings } from '@aws-sdk/client-mediaconvert'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import * as HLS from 'hls-parser'
import { describeWithFfmpeg, ffmpegOfThisMachine, fixtureFolder, make } from '../../../ports/ffmpeg/for-test.ts'
import { turned } from '../../../ports/video/turned-for-test.ts'
import { DEAFENING } from '../../../tests/fixtures/hostile-recordings.ts'
import { type ServedMediaConvert, serveMediaConvert } from './serve-for-test.ts'
import { ladderSettings } from './settings-for-test.ts'

const Role = 'arn:aws:iam::123456789012:role/transcoder'
const isProbeThere = spawnSync('ffprobe', ['-version'], { stdio: 'ignore' }).status === 0

describeWithFfmpeg('a job', () => {
  const fixtures = fixtureFolder()
  let served: ServedMediaConvert
  beforeAll(async () => {
    served = await serveMediaConvert({ ffmpeg: (await ffmpegOfThisMachine()).path })
    served.service.start()
  })
  afterAll(() => served.close())

  const upload = (key: string, file: string) =>
    served.s3.client.send(new PutObjectCommand({ Bucket: 'media', Key: key, Body: readFileSync(file) }))
  const create = async (Settings: JobSettings) =>
    (await served.client.send(new CreateJobCommand({ Role, Settings, UserMetadata: { mediaId: 'm' } }))).Job?.Id ?? ''
  /** Every event of a job, once it has come to its end. */
  const eventsOf = async (id: string) => {
    const own = () => served.events.filter(({ detail }) => detail.jobId === id)
    while (!['COMPLETE', 'ERROR', 'CANCELED'].includes(own().at(-1)?.detail.status)) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return own()
  }
  const run = async (settings: JobSettings) => eventsOf(await create(settings))
  /** Writes what lies below a prefix side by side into a folder; answers names with their types. */
  const fetchAll = async (prefix: string, folder: string) => {
    const { Contents = [] } = await served.s3.client.send(new ListObjectsV2Command({ Bucket: 'media', Prefix: prefix }))
    const types = new Map<string, string | undefined>()
    for (const { Key = '' } of Contents) {
      const { Body, ContentType } = await served.s3.client.send(new GetObjectCommand({ Bucket: 'media', Key }))
      const name = Key.slice(prefix.length).replaceAll('/', '-')
      writeFileSync(join(folder, name), (await Body?.transformToByteArray()) ?? '')
      types.set(name, ContentType)
    }
    return types
  }

  describe('over a film of five seconds with sound', () => {
    const folder = fixtureFolder()
    let events: Awaited<ReturnType<typeof eventsOf>>
    let types: ReadonlyMap<string, string | undefined>
    const text = (name: string) => readFileSync(join(folder, name), 'utf8')
    const master = () => HLS.parse(text('master.m3u8')) as HLS.types.MasterPlaylist
    const media = (name: string) => HLS.parse(text(name)) as HLS.types.MediaPlaylist

    beforeAll(async () => {
      const film = make(
        join(fixtures, 'film.mp4'),
        ...['-f', 'lavfi', '-i', 'testsrc2=s=192x108:r=30:d=5.2', '-f', 'lavfi', '-i', 'sine=440:d=5.5'],
        ...['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-metadata', 'location=+48.1+011.5/'],
      )
      await upload('film', film)
      events = await run(
        ladderSettings({
          input: 's3://media/film',
          folder: 's3://media/film-out/',
          sizes: [
            [192, 108],
            [128, 72],
            [96, 54],
          ],
          pictureSeconds: 2,
        }),
      )
      types = await fetchAll('film-out/', folder)
    })

    it('tells the bus of its input, its progress and its end', () => {
      const statuses = events.map(({ detail }) => detail.status)
      expect(statuses[0]).toBe('PROGRESSING')
      expect(statuses.at(-1)).toBe('COMPLETE')
      expect(statuses).toEqual(expect.arrayContaining(['INPUT_INFORMATION', 'STATUS_UPDATE']))
      const input = events.find(({ detail }) => detail.status === 'INPUT_INFORMATION')?.detail.inputDetails[0]
      expect(input).toMatchObject({ uri: 's3://media/film', video: [{ codec: 'H_264', width: 192, frameRate: 30 }] })
      const percents = events.flatMap(({ detail }) => detail.jobProgress?.jobPercentComplete ?? [])
      expect(percents).toEqual(percents.toSorted((a: number, b: number) => a - b))
      expect(events.at(-1)?.detail).toMatchObject({
        userMetadata: { mediaId: 'm' },
        outputGroupDetails: [
          {
            type: 'CMAF_GROUP',
            playlistFilePaths: ['s3://media/film-out/master.mpd', 's3://media/film-out/master.m3u8'],
            outputDetails: [
              { durationInMs: 5200, videoDetails: { widthInPx: 192, heightInPx: 108 } },
              { durationInMs: 5200, videoDetails: { widthInPx: 128, heightInPx: 72 } },
              { durationInMs: 5200, videoDetails: { widthInPx: 96, heightInPx: 54 } },
              { durationInMs: expect.any(Number) },
            ],
          },
          {
            type: 'FILE_GROUP',
            outputDetails: [{ outputFilePaths: ['s3://media/film-out/frames/frame.0000002.jpg'] }],
          },
        ],
      })
    })

    it('stores each file under its type', () => {
      expect(Object.fromEntries(types)).toEqual({
        'frames-frame.0000000.jpg': 'image/jpeg',
        'frames-frame.0000001.jpg': 'image/jpeg',
        'frames-frame.0000002.jpg': 'image/jpeg',
        'master.m3u8': 'application/vnd.apple.mpegurl',
        'master.mpd': 'application/dash+xml',
        'master_54p.cmfv': 'video/mp4',
        'master_54p.m3u8': 'application/vnd.apple.mpegurl',
        'master_72p.cmfv': 'video/mp4',
        'master_72p.m3u8': 'application/vnd.apple.mpegurl',
        'master_108p.cmfv': 'video/mp4',
        'master_108p.m3u8': 'application/vnd.apple.mpegurl',
        'master_audio.cmfa': 'audio/mp4',
        'master_audio.m3u8': 'application/vnd.apple.mpegurl',
      })
    })

    it('writes a master playlist that says of each rendition all that a player asks', () => {
      const { independentSegments, variants } = master()
      expect(independentSegments).toBe(true)
      expect(variants).toMatchObject(
        [
          [192, 108],
          [128, 72],
          [96, 54],
        ].map(([width, height]) => ({
          uri: `master_${height}p.m3u8`,
          resolution: { width, height },
          frameRate: 30,
          codecs: expect.stringMatching(/^avc1\.6400[0-9a-f]{2},mp4a\.40\.2$/),
          audio: [{ uri: 'master_audio.m3u8', groupId: 'audio', isDefault: true, autoselect: true }],
        })),
      )
      for (const { bandwidth, averageBandwidth = 0 } of variants) {
        expect(averageBandwidth).toBeGreaterThan(0)
        expect(bandwidth).toBeGreaterThanOrEqual(averageBandwidth)
      }
    })

    it('cuts all renditions at the same places, each into segments of the one file', () => {
      const playlists = master().variants.map(({ uri }) => media(uri))
      const durations = playlists.map(({ segments }) => segments.map(({ duration }) => duration))
      expect(durations[0]).toEqual([4, 1.2])
      for (const other of durations) expect(other).toEqual(durations[0])
      for (const playlist of [...playlists, media('master_audio.m3u8')]) {
        const [first] = playlist.segments
        const size = readFileSync(join(folder, first?.uri ?? '')).byteLength
        let end = first?.byterange?.offset ?? 0
        for (const { byterange } of playlist.segments) {
          expect(byterange?.offset).toBe(end)
          end += byterange?.length ?? 0
        }
        expect(end).toBeLessThanOrEqual(size)
        expect(playlist).toMatchObject({ endlist: true, playlistType: 'VOD', independentSegments: true })
      }
    })

    it('has the sound last as long as the pictures, within one of them', () => {
      const length = (name: string) => media(name).segments.reduce((sum, { duration }) => sum + duration, 0)
      expect(Math.abs(length('master_audio.m3u8') - length('master_108p.m3u8'))).toBeLessThan(1 / 30)
    })

    ;(isProbeThere ? it : it.skip)('plays through, by HLS and by DASH, with a keyframe every two seconds', () => {
      for (const name of ['master_108p.m3u8', 'master_72p.m3u8', 'master_54p.m3u8', 'master.mpd']) {
        const pictures = probe(folder, name, ['-select_streams', 'v:0', '-show_entries', 'packet=pts_time,flags'])
        const keys = pictures.filter(([, flags = '']) => flags.startsWith('K')).map(([time]) => Number(time))
        const [first = 0] = keys
        expect(pictures).toHaveLength(156)
        expect(keys.map((time) => Math.round((time - first) * 1000))).toEqual([0, 2000, 4000])
      }
      expect(probe(folder, 'master_audio.m3u8', ['-show_entries', 'packet=pts_time']).length).toBeGreaterThan(240)
    })

    ;(isProbeThere ? it : it.skip)('begins with picture and sound together', () => {
      const starts = ['master_54p.cmfv', 'master_audio.cmfa'].map((name) =>
        Number(probe(folder, name, ['-show_entries', 'format=start_time'])[0]?.[0]),
      )
      // 1,024 samples that an AAC encoder puts in front come earlier, and the file's edit list skips them.
      expect((starts[0] ?? 0) - (starts[1] ?? 1)).toBeCloseTo(1024 / 48_000, 3)
      expect(text('master.mpd').match(/presentationTimeOffset="[1-9]\d*"/g)).toHaveLength(4)
    })

    ;(isProbeThere ? it : it.skip)('brings the sound to the loudness that was asked for', () => {
      const { stderr } = spawnSync(
        'ffmpeg',
        ['-nostats', '-i', 'master_audio.cmfa', '-af', 'ebur128', '-f', 'null', '-'],
        { cwd: folder, encoding: 'utf8' },
      )
      const loudness = Number(/Integrated loudness:\s+I:\s+(-?[\d.]+)/.exec(stderr)?.[1])
      expect(loudness).toBeGreaterThan(-18)
      expect(loudness).toBeLessThan(-14)
    })

    it('leaves no place, no file of its own and no word of where it was made', () => {
      for (const name of types.keys()) {
        expect(readFileSync(join(folder, name), 'latin1')).not.toMatch(/\+48\.1|Lavf|\/tmp/)
      }
      expect(readdirSync(served.s3.cloud.dataDir)).not.toContain('mediaconvert')
    })
  })

  /** Both are taken from half a second on, and are to be seen or heard there. */
  const LATE = ['-itsoffset', '0.5', '-ss', '0.5']
  /** Three seconds that are black for two. */
  const dark = (group = '1') => {
    const pictures = 'color=black:s=96x64:r=15:d=3,drawbox=c=white:t=fill:enable=gte(t\\,2)'
    const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', group]
    return make(join(fixtures, `dark-${group}.mp4`), '-f', 'lavfi', '-i', pictures, ...h264)
  }
  /** Three seconds that are silent for two. */
  const quiet = () => {
    const sound = 'aevalsrc=if(gte(t\\,2)\\,0.5*sin(2*PI*440*t)\\,0):s=48000:d=3'
    return make(join(fixtures, 'quiet.wav'), '-f', 'lavfi', '-i', sound)
  }
  const film = (name: string, ...args: readonly string[]) =>
    make(join(fixtures, name), ...args, '-map', '0:v', '-map', '1:a', '-c:v', 'copy', '-c:a', 'aac')

  it.each<[string, number, () => string]>([
    ['begins half a second after them', 2, () => film('late-sound.mp4', '-i', dark(), ...LATE, '-i', quiet())],
    ['begins half a second before them', 2, () => film('late-pictures.mp4', ...LATE, '-i', dark(), '-i', quiet())],
    [
      'has a gap of a second',
      2,
      () => film('gap.mkv', '-i', dark(), '-i', quiet(), '-af', "aselect='not(between(t,0.5,1.5))'"),
    ],
    [
      'was trimmed with them, by an edit list alone',
      1.3,
      () => {
        const whole = film('whole.mp4', '-i', dark('250'), '-i', quiet())
        return make(join(fixtures, 'trimmed.mov'), '-ss', '0.7', '-i', whole, '-c', 'copy')
      },
    ],
  ])('keeps pictures and sound together where the sound %s', async (_, seconds, makeFilm) => {
    await upload('together', makeFilm())
    const settings = { input: 's3://media/together', folder: 's3://media/together-out/', sizes: [[96, 64]] } as const
    const end = (await run(ladderSettings(settings))).at(-1)?.detail
    expect(end).toMatchObject({ status: 'COMPLETE' })
    const [pictures, sound] = end.outputGroupDetails[0].outputDetails
    expect(Math.abs(pictures.durationInMs - sound.durationInMs)).toBeLessThan(1_000 / 15)
    const folder = mkdtempSync(join(fixtures, 'together-'))
    await fetchAll('together-out/', folder)
    const flash = noticed(join(folder, 'master_64p.cmfv'), '-vf', 'blackdetect=d=0.1', /black_end:([\d.]+)/)
    const tone = noticed(
      join(folder, 'master_audio.cmfa'),
      '-af',
      'silencedetect=n=-40dB:d=0.3',
      /silence_end: ([\d.]+)/,
    )
    expect(Math.abs(flash - seconds)).toBeLessThan(0.1)
    expect(Math.abs(tone - seconds)).toBeLessThan(0.1)
  })

  it('comes to its end with sound that is 90 dB louder than full scale', async () => {
    const film = make(
      join(fixtures, 'deafening.mov'),
      ...['-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=15:d=1', '-f', 'lavfi', '-i', DEAFENING],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'pcm_f32le'],
    )
    await upload('deafening', film)
    const events = await run(
      ladderSettings({ input: 's3://media/deafening', folder: 's3://media/deafening-out/', sizes: [[96, 64]] }),
    )
    expect(events.at(-1)?.detail.status).toBe('COMPLETE')
  })

  it('turns a portrait film upright and does without sound', async () => {
    const flat = make(
      join(fixtures, 'flat.mp4'),
      ...['-f', 'lavfi', '-i', 'testsrc2=s=128x96:r=15:d=1', '-c:v', 'libx264', '-preset', 'ultrafast'],
    )
    const turned = make(join(fixtures, 'turned.mov'), '-i', flat, '-c', 'copy', '-metadata:s:v', 'rotate=90')
    await upload('turned', turned)
    const settings = {
      input: 's3://media/turned',
      folder: 's3://media/turned-out/',
      // No side of an even size has exactly the shape of the input.
      sizes: [
        [96, 128],
        [64, 86],
      ],
    } as const
    const events = await run(ladderSettings({ ...settings, sound: false }))
    const input = events.find(({ detail }) => detail.status === 'INPUT_INFORMATION')
    expect(input?.detail.inputDetails[0].video).toMatchObject([{ width: 96, height: 128 }])
    expect(events.at(-1)?.detail.status).toBe('COMPLETE')
    if (isProbeThere) {
      await fetchAll('turned-out/', fixtures)
      for (const name of ['master_96p.cmfv', 'master_64p.cmfv']) {
        const rows = probe(fixtures, name, ['-show_entries', 'stream=sample_aspect_ratio'])
        expect([name, rows]).toEqual([name, [['1:1']]])
      }
    }
    const failed = (await run(ladderSettings(settings))).at(-1)
    expect(failed?.detail).toMatchObject({ status: 'ERROR', errorCode: 1030 })
  })

  ;(isProbeThere ? it : it.skip)('writes the size that was asked for, however the film says it is turned', async () => {
    await upload('askew', turned(dark('250'), join(fixtures, 'askew.mp4'), 45))
    const ladder = { input: 's3://media/askew', folder: 's3://media/askew-out/', sizes: [[64, 96]] } as const
    const end = (await run(ladderSettings({ ...ladder, sound: false }))).at(-1)
    expect(end?.detail).toMatchObject({ status: 'COMPLETE' })
    await fetchAll('askew-out/', fixtures)
    expect(probe(fixtures, 'master_64p.cmfv', ['-show_entries', 'stream=width,height'])).toEqual([['64', '96']])
  })

  it('brings light of high range down to the standard’s, and a fast film to the rate that was asked for', async () => {
    const bright = make(
      join(fixtures, 'bright.mp4'),
      ...[
        '-f',
        'lavfi',
        '-i',
        'testsrc2=s=96x64:r=60:d=1,format=yuv420p10le',
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
      ],
      ...['-color_primaries', 'bt2020', '-color_trc', 'arib-std-b67', '-colorspace', 'bt2020nc'],
    )
    await upload('bright', bright)
    const ladder = { input: 's3://media/bright', folder: 's3://media/bright-out/', sizes: [[96, 64]] } as const
    const events = await run(ladderSettings({ ...ladder, sound: false, toStandardRange: true, frameRate: 30 }))
    expect(events.at(-1)?.detail).toMatchObject({ status: 'COMPLETE' })
    const folder = join(fixtures)
    await fetchAll('bright-out/', folder)
    if (!isProbeThere) return
    const [[format, primaries, rate] = []] = probe(folder, 'master_64p.cmfv', [
      ...['-select_streams', 'v', '-show_entries', 'stream=pix_fmt,color_transfer,r_frame_rate'],
    ])
    expect([format, primaries, rate]).toEqual(['yuv420p', 'bt709', '30/1'])
  })

  it.each<[string, () => string | Buffer]>([
    ['is no video', () => 'hello'],
    [
      'names another file',
      () => '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n',
    ],
    ['has only its head', () => readFileSync(join(fixtures, 'film.mp4')).subarray(0, 2000)],
  ])('ends in an error where its input %s', async (_, bytes) => {
    await served.s3.client.send(new PutObjectCommand({ Bucket: 'media', Key: 'bad', Body: bytes() }))
    const events = await run(
      ladderSettings({ input: 's3://media/bad', folder: 's3://media/bad-out/', sizes: [[96, 64]], sound: false }),
    )
    expect(events.at(-1)?.detail).toMatchObject({ status: 'ERROR', errorCode: 1010 })
    expect(events.at(-1)?.detail.errorMessage).not.toContain(served.s3.cloud.dataDir)
  })

  describe('that takes long', () => {
    const long = ladderSettings({
      input: 's3://media/long',
      folder: 's3://media/long-out/',
      sizes: [[192, 108]],
      sound: false,
    })
    beforeAll(async () => {
      const film = make(
        join(fixtures, 'long.mp4'),
        ...['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=30:d=60', '-c:v', 'libx264', '-preset', 'ultrafast'],
      )
      await upload('long', film)
    })
    const underWay = (id: string) => async () => {
      const { Job } = await served.client.send(new GetJobCommand({ Id: id }))
      return Job?.CurrentPhase === 'TRANSCODING'
    }
    const wait = async (condition: () => Promise<boolean>) => {
      while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20))
    }

    it('is killed when it is cancelled, and the next one starts', async () => {
      const id = await create(long)
      await wait(underWay(id))
      await served.client.send(new CancelJobCommand({ Id: id }))
      const events = await eventsOf(id)
      expect(events.at(-1)?.detail.status).toBe('CANCELED')
      const next = await run(ladderSettings({ input: 's3://media/none', folder: 's3://media/x/', sizes: [[96, 64]] }))
      expect(next.at(-1)?.detail.status).toBe('ERROR')
      expect(await eventsOf(id)).toHaveLength(events.length)
      const { Contents } = await served.s3.client.send(
        new ListObjectsV2Command({ Bucket: 'media', Prefix: 'long-out/' }),
      )
      expect(Contents).toBeUndefined()
    })

    it('is done again from its beginning after a kill', async () => {
      const id = await create(long)
      await wait(underWay(id))
      served = await served.reopen((await ffmpegOfThisMachine()).path)
      served.service.start()
      const events = await eventsOf(id)
      expect(events.at(-1)?.detail).toMatchObject({ status: 'COMPLETE', jobId: id })
      expect(events.map(({ detail }) => detail.status)).not.toContain('PROGRESSING')
    })
  })
})

/** Rows of what ffprobe finds; it fails where something can't be read. */
function probe(folder: string, name: string, args: readonly string[]): string[][] {
  const lists = /\.(m3u8|mpd)$/.test(name) ? ['-allowed_extensions', 'ALL'] : []
  const { status, stdout, stderr } = spawnSync('ffprobe', ['-v', 'error', ...lists, ...args, '-of', 'csv=p=0', name], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0 || stderr !== '') throw new Error(`${name}: ${stderr}`)
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(','))
}

/** The first second that a filter of ffmpeg tells of. */
function noticed(file: string, kind: '-vf' | '-af', filter: string, pattern: RegExp): number {
  const { stderr } = spawnSync('ffmpeg', ['-nostats', '-i', file, kind, filter, '-f', 'null', '-'], {
    encoding: 'utf8',
  })
  return Number(pattern.exec(stderr)?.[1])
}
