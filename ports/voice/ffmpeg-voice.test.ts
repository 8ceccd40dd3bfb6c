import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tone, wav } from '../../tests/fixtures/wav.ts'
import { describeWithFfmpeg, ffmpegOfThisMachine, fixtureFolder, make } from '../ffmpeg/for-test.ts'
import { bytesSource } from '../probe/bytes.ts'
import { mediabunnyProbe } from '../probe/mediabunny-probe.ts'
import type { MediaFacts } from '../probe/probe.ts'
import { ffmpegVoice } from './ffmpeg-voice.ts'
import { loudnessOf } from './loudness.ts'
import { describeVoice } from './voice.suite.ts'
import type { RenderedAudio } from './voice.ts'

const RATE = 48_000
const probe = mediabunnyProbe()
const voice = ffmpegVoice({ ffmpeg: ffmpegOfThisMachine, probe })

const factsOf = async (bytes: Uint8Array): Promise<MediaFacts> => {
  const probed = await probe.probe(bytesSource(bytes))
  if (!probed.ok) throw new Error(`refused: ${probed.message}`)
  return probed.facts
}

/** A tone whose loudness is near `lufs`: a sine from two speakers is as loud as its peak tells, in dB of full scale. */
const recording = (lufs: number, seconds = 1.5) =>
  wav({ seconds, sampleRate: RATE, wave: tone(997, 10 ** (lufs / 20), RATE) })

describeWithFfmpeg('ffmpegVoice by the suite', () => {
  describeVoice(
    'ffmpegVoice',
    () => voice,
    async () => ({
      recording: recording(-30),
      other: recording(-24),
      facts: await factsOf(recording(-30)),
    }),
  )
})

describeWithFfmpeg('ffmpegVoice', () => {
  const folder = fixtureFolder()
  let written = 0

  const rendered = async (bytes: Uint8Array) => {
    const outcome = await voice.render(bytes, await factsOf(bytes))
    if (!outcome.ok) throw new Error(`refused: ${outcome.message}`)
    return outcome
  }

  const encoded = (name: string, bytes: Uint8Array, ...words: readonly string[]) => {
    const source = join(folder, `source-${++written}.wav`)
    writeFileSync(source, bytes)
    return readFileSync(make(join(folder, `${written}-${name}`), '-i', source, ...words))
  }

  const loudnessOfForm = async ({ name, bytes }: RenderedAudio) => {
    const file = join(folder, `form-${++written}-${name}`)
    writeFileSync(file, bytes)
    const { path } = await ffmpegOfThisMachine()
    const words = [
      '-hide_banner',
      '-i',
      file,
      '-af',
      'ebur128=dualmono=true:peak=sample:framelog=verbose',
      '-f',
      'null',
      '-',
    ]
    return loudnessOf(spawnSync(path, words, { encoding: 'utf8' }).stderr)
  }

  it.each([
    ['quiet', -30],
    ['loud', -6],
  ])('makes a %s recording as loud as the rest, in both forms, and tells how loud it was', async (_, lufs) => {
    const { audios, loudness } = await rendered(recording(lufs))
    expect(Math.abs((loudness ?? 0) - lufs)).toBeLessThan(0.5)
    for (const audio of audios) {
      const after = await loudnessOfForm(audio)
      expect(Math.abs((after.lufs ?? 0) - -16)).toBeLessThan(1)
    }
  })

  it('lets nothing clip where a quiet recording has loud moments', async () => {
    const quiet = tone(997, 0.02, RATE)
    const shout = tone(440, 0.9, RATE)
    const moments = wav({ seconds: 3, sampleRate: RATE, wave: (at) => (at % RATE < 1_000 ? shout(at) : quiet(at)) })
    const { audios } = await rendered(moments)
    for (const audio of audios) expect((await loudnessOfForm(audio)).peakDb).toBeLessThan(0)
  })

  it('copies AAC that is fit and loud enough, and makes it anew where it isn’t', async () => {
    const stereo = ['-ac', '2', '-ar', '44100', '-c:a', 'aac', '-b:a', '96k']
    const aacOf = async (bytes: Uint8Array) => (await factsOf((await rendered(bytes)).audios[0]?.bytes ?? bytes)).audio
    const [fit, quiet, fat] = [
      encoded('fit.m4a', recording(-16), ...stereo),
      encoded('quiet.m4a', recording(-30), ...stereo),
      encoded('fat.m4a', recording(-16), '-ac', '2', '-ar', '96000', '-c:a', 'aac'),
    ]
    expect(await aacOf(fit)).toMatchObject({ channels: 2, sampleRate: 44_100 })
    expect(await aacOf(quiet)).toMatchObject({ channels: 1, sampleRate: 48_000 })
    expect(await aacOf(fat)).toMatchObject({ channels: 1, sampleRate: 48_000 })
  })

  it.each<[string, ...string[]]>([
    ['a.wav', '-c:a', 'pcm_s16le'],
    // Lossy, so that what remains of the mix isn't quite silence; fit to be copied.
    ['a.m4a', '-ar', '44100', '-c:a', 'aac', '-b:a', '96k'],
  ])('hears a recording whose channels cancel each other: %s', async (name, ...words) => {
    const upsideDown = encoded(name, recording(-16), '-af', 'pan=stereo|c0=c0|c1=-1*c0', ...words)
    const { audios, loudness, peaks } = await rendered(upsideDown)
    expect(Math.abs((loudness ?? 0) - -16)).toBeLessThan(1)
    expect(Math.max(...Buffer.from(peaks, 'base64'))).toBeGreaterThan(64)
    for (const audio of audios) {
      expect((await factsOf(audio.bytes)).audio?.channels).toBe(1)
      expect(Math.abs(((await loudnessOfForm(audio)).lufs ?? 0) - -16)).toBeLessThan(1)
    }
  })

  it('mixes channels that differ, one of them silent too, and leaves silence as it is', async () => {
    const other = encoded('other.wav', recording(-20), '-af', 'pan=stereo|c0=0*c0|c1=c0')
    expect((await rendered(other)).loudness).toBeCloseTo(-26, 0)
    expect(await rendered(wav({ channels: 2 }))).not.toHaveProperty('loudness')
  })

  it.each<[string, ...string[]]>([
    ['voice.m4a', '-c:a', 'aac'],
    ['voice.webm', '-c:a', 'libopus'],
    ['voice.ogg', '-c:a', 'libopus'],
    ['surround.ogg', '-ac', '6', '-c:a', 'libopus'],
    ['phone.3gp', '-ar', '8000', '-c:a', 'aac'],
    ['voice.mp3', '-c:a', 'libmp3lame'],
    ['voice.wav', '-ar', '8000'],
  ])('takes %s', async (name, ...words) => {
    const { durationMs, audios } = await rendered(encoded(name, recording(-20), ...words))
    expect(Math.abs(durationMs - 1_500)).toBeLessThan(120)
    for (const { bytes } of audios) expect((await factsOf(bytes)).audio?.channels).toBe(1)
  })

  it('leaves a title, a place and a cover behind', async () => {
    const cover = make(join(folder, 'cover.png'), '-f', 'lavfi', '-i', 'color=red:s=32x32', '-frames:v', '1')
    const tags = ['-metadata', 'title=secret', '-metadata', 'comment=+48.8577+002.2950/']
    const tagged = encoded('tagged.mp3', recording(-16), '-i', cover, '-map', '0:a', '-map', '1:v', ...tags)
    expect(tagged.includes('secret')).toBe(true)
    for (const { bytes } of (await rendered(tagged)).audios) {
      const text = Buffer.from(bytes).toString('latin1')
      expect(text).not.toMatch(/secret|48\.85|IHDR/)
    }
  })

  it('hears silence where somebody paused, instead of leaving it out', async () => {
    const paused = encoded(
      'paused.webm',
      recording(-20, 3),
      '-af',
      'aselect=not(between(t\\,1\\,2))',
      '-c:a',
      'libopus',
    )
    const { durationMs, peaks } = await rendered(paused)
    expect(Math.abs(durationMs - 3_000)).toBeLessThan(120)
    const bars = [...Buffer.from(peaks, 'base64')]
    expect(Math.max(...bars.slice(25, 40))).toBeLessThan(10)
    expect(Math.min(...bars.slice(2, 18))).toBeGreaterThan(50)
  })

  it('tells no loudness of silence, and a flat wave', async () => {
    const silent = await rendered(wav({ seconds: 1, sampleRate: RATE }))
    expect(silent).not.toHaveProperty('loudness')
    expect(new Set(Buffer.from(silent.peaks, 'base64'))).toEqual(new Set([0]))
  })

  it('makes digital silence of what a decoder leaves of silence', async () => {
    const bits = wav({ seconds: 1, sampleRate: RATE, wave: (at) => (at % 7 === 0 ? 1 / 32_768 : 0) })
    const { audios } = await rendered(bits)
    for (const audio of audios) expect(await loudnessOfForm(audio)).toEqual({})
  })

  it('hears a recording of a tenth of a second', async () => {
    const { durationMs } = await rendered(recording(-16, 0.1))
    expect(durationMs).toBe(100)
  })

  it('refuses what is much shorter than it claims, as where the rest got lost', async () => {
    const bytes = recording(-16)
    const facts = { ...(await factsOf(bytes)), durationMs: 10_000 }
    expect(await voice.render(bytes, facts)).toMatchObject({ ok: false, code: 'undecodable' })
  })

  it('refuses noise with the name of a recording', async () => {
    const facts = await factsOf(recording(-16))
    const noise = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), Buffer.alloc(20_000, 'noise')])
    expect(await voice.render(noise, facts)).toMatchObject({ ok: false, code: 'undecodable' })
  })

  it('opens no other file, whatever a recording says that it is', async () => {
    const facts = await factsOf(recording(-16))
    const list = Buffer.from(`ffconcat version 1.0\nfile '${join(folder, 'secret.wav')}'\n`)
    writeFileSync(join(folder, 'secret.wav'), recording(-16))
    expect(await voice.render(list, facts)).toMatchObject({ ok: false })
  })

  it('says where there is no ffmpeg, and blames nobody’s file for it', async () => {
    const bare = ffmpegVoice({ ffmpeg: async () => ({ found: false, message: 'install ffmpeg' }), probe })
    const bytes = recording(-16)
    expect(await bare.render(bytes, await factsOf(bytes))).toEqual({
      ok: false,
      fault: 'ours',
      code: 'no-ffmpeg',
      message: 'install ffmpeg',
    })
    await expect(bare.recipe()).rejects.toThrow('install ffmpeg')
  })
})
