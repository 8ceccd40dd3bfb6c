import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { VoiceProcessedV1Data } from '../../contracts/generated/events.ts'
import { describeWithFfmpeg, ffmpegOfThisMachine, fixtureFolder, make } from '../../ports/ffmpeg/for-test.ts'
import { mediabunnyProbe } from '../../ports/probe/mediabunny-probe.ts'
import { ffmpegVoice } from '../../ports/voice/ffmpeg-voice.ts'
import { mp4 } from '../../tests/fixtures/mp4.ts'
import { tone, wav } from '../../tests/fixtures/wav.ts'
import { MEDIA_ID, makeWorld } from '../runtime/world.ts'
import { consumer } from './consumer.ts'

const RATE = 48_000
const latin1 = (text: string) => Buffer.from(text, 'latin1')
const talk = (seconds: number) => wav({ seconds, sampleRate: RATE, wave: tone(440, 0.1, RATE) })
const SECRETS = ['-metadata', 'title=secret', '-metadata', 'location=+48.8577+002.2950/']

describeWithFfmpeg('what strangers send as a voice note', () => {
  const folder = fixtureFolder()
  const probe = mediabunnyProbe({ budgetMs: 2_000 })
  const voice = ffmpegVoice({ ffmpeg: ffmpegOfThisMachine, probe })

  const encoded = (name: string, ...words: readonly string[]) => {
    writeFileSync(join(folder, 'talk.wav'), talk(2))
    return readFileSync(make(join(folder, name), '-i', join(folder, 'talk.wav'), ...words))
  }
  const zeroed = (bytes: Buffer) => bytes.fill(0, bytes.length - 12_000)
  const half = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)

  /** A code of a refusal, or the milliseconds that are heard. */
  const files: readonly (readonly [name: string, make: () => Buffer, answer: string | number])[] = [
    ['nothing', () => Buffer.alloc(0), 'empty'],
    [
      'noise named MP3',
      () => Buffer.concat([latin1('ID3\x04\0\0\0\0\0\0'), Buffer.alloc(9_000, 'noise')]),
      'undecodable',
    ],
    ['a playlist', () => latin1('#EXTM3U\nhttp://127.0.0.1:1/\n'), 'unsupported-type'],
    ['a video', () => mp4(), 'type-mismatch'],
    ['a length of 4 GB', () => wav({ seconds: 2, sampleRate: RATE, claimedBytes: 0xffff_ffff }), 2_000],
    ['a length of half of it', () => wav({ seconds: 2, sampleRate: RATE, claimedBytes: RATE * 2 }), 1_000],
    [
      'a hundred hours of silence',
      () => Buffer.concat([latin1('#!AMR\n'), Buffer.alloc(18_000_000, 0x7c)]),
      'too-long',
    ],
    ['a cover of 40 MB', () => covered(encoded('plain.mp3'), 40), 2_000],
    ['a title and a place', () => encoded('tagged.m4a', ...SECRETS), 2_000],
    [
      'a web page behind it',
      () => Buffer.concat([encoded('page.mp3'), latin1('<html><script>alert(1)</script>')]),
      2_000,
    ],
    ['an M4A without its end', () => half(encoded('cut.m4a')), 'undecodable'],
    [
      'an M4A whose index is whole and whose sound is not',
      () => half(encoded('front.m4a', '-movflags', '+faststart')),
      'undecodable',
    ],
    ['an M4A whose sound is zeros', () => zeroed(encoded('zeros.m4a', '-movflags', '+faststart')), 'undecodable'],
    [
      'half of an Ogg file, which is half of a recording',
      () => half(encoded('half.ogg', '-c:a', 'libopus', '-page_duration', '100000')),
      1_000,
    ],
    ['one sample', () => wav({ seconds: 1 / RATE, sampleRate: RATE }), 'no-sound'],
    ['sixty-four channels', () => wav({ seconds: 1, channels: 64 }), 'too-many-channels'],
  ]

  it.each(files.map(([name, ...row]) => ({ name, row })))('$name', async ({ row: [make, answer] }) => {
    const world = await makeWorld()
    const object = await world.objects.put(`voice/original/${MEDIA_ID}`, make(), { contentType: 'audio/mp4' })
    const event = { ...world.uploaded, data: { ...world.uploaded.data, kind: 'voice', object } }
    const [before, began] = [process.memoryUsage.rss(), performance.now()]
    const outcome = await consumer.handle(event, { objects: world.objects, probe, voice })
    const [seconds, megabytes] = [(performance.now() - began) / 1_000, (process.memoryUsage.rss() - before) / 1024 ** 2]
    // The function's own limits, with the runner and the file beside it.
    expect(seconds).toBeLessThan(consumer.resources.timeoutSeconds)
    expect(megabytes).toBeLessThan(consumer.resources.memoryMb)
    if (typeof answer === 'string') {
      expect(outcome).toMatchObject({ kind: 'rejected', code: answer, message: expect.stringMatching(/^[A-Z].*\.$/) })
      return
    }
    if (outcome.kind !== 'emitted') throw new Error(JSON.stringify(outcome))
    const data = outcome.drafts.map((draft) => draft.data as VoiceProcessedV1Data)
    const { durationMs = 0, audios = [] } = data[0] ?? {}
    expect(Math.abs(durationMs - answer)).toBeLessThan(100)
    for (const { object: stored } of audios) {
      const text = Buffer.from(await world.objects.read(stored, 1_000_000)).toString('latin1')
      expect(text).not.toMatch(/secret|48\.85|script|COVER/)
    }
  })
})

/** Another ID3 tag in front, with a picture of that size. */
function covered(mp3: Buffer, megabytes: number): Buffer {
  const size = megabytes * 1024 * 1024
  const synchsafe = [21, 14, 7, 0].map((shift) => (size >> shift) & 0x7f)
  const cover = Buffer.alloc(size)
  cover.write('APIC\x02\x1f\x7f\x76\0\0\0image/png\0\x03COVER', 'latin1')
  return Buffer.concat([latin1('ID3\x04\0\0'), Buffer.from(synchsafe), cover, mp3])
}
