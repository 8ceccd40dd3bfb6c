import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mp4 } from '../../tests/fixtures/mp4.ts'
import { tone, wav } from '../../tests/fixtures/wav.ts'
import type { Ffmpeg } from '../ffmpeg/find.ts'
import { describeWithFfmpeg, ffmpegOfThisMachine, fixtureFolder, make } from '../ffmpeg/for-test.ts'
import { bytesSource } from './bytes.ts'
import { ffprobeProbe } from './ffprobe-probe.ts'
import { mediabunnyProbe } from './mediabunny-probe.ts'
import { describeProbe } from './probe.suite.ts'
import type { ByteSource, MediaFacts, Probe } from './probe.ts'

const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=25:d=1']
const SOUND = ['-f', 'lavfi', '-i', 'sine=f=440:r=48000:d=1']
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']

/** Words for ffmpeg that make one second of each, by the file's name. */
const RECIPES: Readonly<Record<string, readonly string[]>> = {
  'plain.mp4': [...PICTURE, ...SOUND, ...X264, '-c:a', 'aac'],
  'turned.mp4': [...PICTURE, ...X264, '-metadata:s:v', 'rotate=90'],
  'fragmented.mp4': [...PICTURE, ...X264, '-g', '10', '-movflags', 'frag_keyframe+empty_moov'],
  'wide-pixels.mov': [...PICTURE, '-vf', 'setsar=2', ...X264],
  'film.mkv': [...PICTURE, ...SOUND, ...X264, '-c:a', 'flac'],
  'hybrid-log-gamma.mp4': [
    ...PICTURE,
    ...['-c:v', 'libx265', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p10le', '-tag:v', 'hvc1'],
    ...['-x265-params', 'log-level=none:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc'],
    ...['-color_primaries', 'bt2020', '-color_trc', 'arib-std-b67', '-colorspace', 'bt2020nc'],
  ],
  'screen.webm': [...PICTURE, ...SOUND, '-c:v', 'libvpx', '-cpu-used', '8', '-c:a', 'libopus'],
  'voice.webm': [...SOUND, '-c:a', 'libopus'],
  'voice.m4a': [...SOUND, '-c:a', 'aac'],
  'voice.ogg': [...SOUND, '-c:a', 'libopus'],
  'voice.mp3': [...SOUND, '-c:a', 'libmp3lame'],
  'voice.wav': [...SOUND],
  'studio.wav': [...SOUND, '-c:a', 'pcm_s24le', '-ac', '2'],
  'phone-line.wav': [...SOUND, '-c:a', 'pcm_mulaw', '-ar', '8000'],
  'voice.flac': [...SOUND],
  'voice.aac': [...SOUND, '-c:a', 'aac'],
  'camera.avi': [...PICTURE, ...SOUND, '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-c:a', 'pcm_s16le'],
}

const OUTLASTED = [...PICTURE, '-f', 'lavfi', '-i', 'sine=f=440:r=48000:d=20', ...X264, '-c:a', 'aac']

/** Sound that goes on for long after the pictures, and whether their end can be told then without reading it all. */
const OUTLASTING: Readonly<Record<string, readonly [isTold: boolean, recipe: readonly string[]]>> = {
  'outlasted.mp4': [true, OUTLASTED],
  'outlasted.mov': [true, OUTLASTED],
  'outlasted.avi': [true, [...OUTLASTED, '-c:a', 'pcm_s16le']],
  'outlasted-fragmented.mp4': [
    true,
    [...OUTLASTED, '-movflags', 'frag_keyframe+empty_moov', '-frag_duration', '1000000'],
  ],
  'outlasted.mkv': [false, OUTLASTED],
}

const LONG_SOUND = ['-f', 'lavfi', '-i', 'sine=f=440:r=48000:d=120']
const LONG_FILM = ['-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=25:d=60', ...X264]

/** Minutes of each codec; encoded once, as encoding takes longer than all the rest. */
const STREAMS = {
  film: ['film.mp4', LONG_FILM],
  opus: ['sound.opus', [...LONG_SOUND, '-c:a', 'libopus']],
  aac: ['sound.m4a', [...LONG_SOUND, '-c:a', 'aac']],
} as const

/** Of each container: what is put into it as it is, or encoded for it alone, as encoders write it that could go back to the beginning. */
const LONG: Readonly<
  Record<string, readonly [seconds: number, from: keyof typeof STREAMS | readonly string[], ...options: string[]]>
> = {
  'long.mp4': [60, 'film'],
  'long-started.mp4': [60, 'film', '-movflags', '+faststart'],
  'long-fragmented.mp4': [60, [...LONG_FILM, '-g', '10'], '-movflags', 'frag_keyframe+empty_moov'],
  'long.mov': [60, 'film'],
  'long.3gp': [60, 'film'],
  'long.mkv': [60, 'film'],
  'long.avi': [60, 'film'],
  'long.webm': [120, 'opus'],
  'long-live.webm': [120, 'opus', '-live', '1'],
  'long.m4a': [120, 'aac'],
  'long.ogg': [120, 'opus'],
  'long.mp3': [120, [...LONG_SOUND, '-c:a', 'libmp3lame']],
  'long.wav': [120, LONG_SOUND],
  'long.flac': [120, LONG_SOUND],
  'long.aac': [120, 'aac'],
}

/** Only ffprobe reads these. */
const FOR_FFPROBE: Readonly<Record<string, readonly string[]>> = {
  'flac-inside.ogg': [...SOUND, '-c:a', 'flac'],
}

describeWithFfmpeg('ffprobeProbe', () => {
  const folder = fixtureFolder()
  const ffprobe = ffprobeProbe(ffmpegOfThisMachine)
  const mediabunny = mediabunnyProbe()

  const made = (name: string, recipe: readonly string[]) =>
    bytesSource(readFileSync(make(join(folder, name), ...recipe)))

  const factsBy = async (probe: Probe, source: ReturnType<typeof bytesSource>): Promise<MediaFacts> => {
    const probed = await probe.probe(source)
    if (!probed.ok) throw new Error(`refused: ${probed.message}`)
    return probed.facts
  }

  it.each(Object.entries(RECIPES))('finds the same in %s as the parser in process does', async (name, recipe) => {
    const source = made(name, recipe)
    const [mine, theirs] = [await factsBy(mediabunny, source), await factsBy(ffprobe, source)]
    expect(comparable(mine)).toEqual(comparable(theirs))
    // Their second ends a picture or a packet sooner or later.
    expect(Math.abs((mine.durationMs ?? 0) - (theirs.durationMs ?? 0))).toBeLessThan(60)
  })

  it.each(Object.entries(OUTLASTING))(
    'takes the sound of %s for no picture, which goes on when they have ended',
    async (name, [isTold, recipe]) => {
      const { durationMs = 0, video } = await factsBy(mediabunny, made(name, recipe))
      expect(Math.abs(durationMs - 20_000)).toBeLessThan(60)
      if (!isTold) return expect(video).not.toHaveProperty('durationMs')
      expect(Math.abs((video?.durationMs ?? 0) - 1_000)).toBeLessThan(60)
    },
  )

  it.each([
    { claimedBytes: 0 },
    { claimedBytes: 0, claimedSize: 0 },
    { claimedBytes: 0xffff_ffff, claimedSize: 0xffff_ffff },
    { claimedBytes: 0xffff_ffff, claimedSize: 0 },
    { claimedBytes: 16_000, claimedSize: 8 },
  ])('finds the same in a WAV that claims %o', async (claims) => {
    const source = bytesSource(wav({ seconds: 2, wave: tone(440, 0.3), ...claims }))
    expect(await factsBy(mediabunny, source)).toEqual(await factsBy(ffprobe, source))
  })

  it.each(Object.entries(FOR_FFPROBE))('reads %s, which the parser in process can’t', async (name, recipe) => {
    const source = made(name, recipe)
    const alone = await mediabunny.probe(source)
    expect(alone.ok).toBe(false)
    const facts = await factsBy(mediabunnyProbe({ fallback: ffprobe }), source)
    expect(facts).toEqual(await factsBy(ffprobe, source))
    expect(facts.durationMs).toBeGreaterThan(950)
  })

  const encoded = new Map<string, string>()
  /** Words for ffmpeg that take a stream as it is. */
  const streamOf = (name: keyof typeof STREAMS): readonly string[] => {
    const [file, recipe] = STREAMS[name]
    const path = encoded.get(name) ?? make(join(folder, file), ...recipe)
    encoded.set(name, path)
    return ['-i', path, '-c', 'copy']
  }

  it.each(Object.entries(LONG))(
    'is spared of %s, of which the parser in process reads little',
    async (name, [seconds, from, ...options]) => {
      const { size, read } = made(name, [...(typeof from === 'string' ? streamOf(from) : from), ...options])
      const fetched: number[] = []
      const source: ByteSource = {
        size,
        read(offset, length) {
          fetched.push(length)
          return read(offset, length)
        },
      }
      const { durationMs = 0 } = await factsBy(mediabunny, source)
      expect(Math.abs(durationMs - seconds * 1_000)).toBeLessThan(100)
      expect(fetched.length).toBeLessThanOrEqual(12)
      expect(fetched.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(
        name === 'long.aac' ? size : 1_500_000,
      )
    },
  )

  it('gives up where the bytes don’t come in time', async () => {
    const { size, read } = made('late.ogg', [...SOUND, '-c:a', 'libopus'])
    const source: ByteSource = {
      size,
      read: (offset, length) => (length > 4_096 ? new Promise(() => {}) : read(offset, length)),
    }
    await ffmpegOfThisMachine()
    await expect(ffprobe.probe(source, AbortSignal.timeout(500))).rejects.toThrow(/timeout/)
  })

  it('takes no place and no title along', async () => {
    const tags = ['-metadata', 'title=secret', '-metadata', 'location=+48.8577+002.2950/']
    const facts = await factsBy(ffprobe, made('tagged.mp4', [...PICTURE, ...X264, ...tags]))
    expect(JSON.stringify(facts)).not.toMatch(/secret|48\.8/)
  })
})

it.each([
  ['no ffmpeg', { found: false, message: 'None.' } as const],
  ['an ffmpeg alone', anFfmpeg()],
])('fetches nothing where there is %s', async (_, found) => {
  const unread = { size: 1_000, read: () => Promise.reject(new Error('it was read')) }
  expect(await ffprobeProbe(async () => found).probe(unread)).toMatchObject({ ok: false, code: 'undecodable' })
})

function anFfmpeg(): Ffmpeg {
  const has = { libx264: true, libopus: true, aac: true, loudnorm: true, zscale: true }
  return { found: true, path: '/opt/ffmpeg', version: '7.0', has, sandbox: { notes: [] }, notes: [] }
}

describeWithFfmpeg('ffprobeProbe by the suite', () => {
  const make = () => ffprobeProbe(ffmpegOfThisMachine)
  describeProbe('ffprobeProbe', make, async () => ({
    video: mp4(),
    recording: wav(),
    damaged: mp4().subarray(0, 300),
    other: Buffer.from('%PDF-1.7\n'),
  }))
})

/** What both tell; averages differ by how they are reckoned, and an AVI's header says nothing of samples. */
function comparable({ format, contentType, video, audio }: MediaFacts) {
  const { codec, width, height, rotation, frameRate, hdr, bitDepth, chroma } = video ?? {}
  return {
    container: [format, contentType],
    picture: [codec, width, height, rotation, frameRate, hdr],
    // Of Matroska, ffprobe tells of no track apart.
    picturesEnd: ['matroska', 'webm'].includes(format) ? [] : [video?.durationMs],
    samples: format === 'avi' ? [] : [bitDepth, chroma],
    sound: [audio?.codec, audio?.channels, audio?.sampleRate],
  }
}
