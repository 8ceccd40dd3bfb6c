import { LIMITS } from '../../contracts/limits.ts'
import type { MediaFacts } from '../probe/probe.ts'
import type { Voice } from './voice.ts'

export interface SampleRecordings {
  readonly recording: Uint8Array
  readonly other: Uint8Array
  /** Of both. */
  readonly facts: MediaFacts
}

const SENTENCE = expect.stringMatching(/^[A-Z].*\.$/)

/** What every adapter of Voice must do, fake or real. */
export function describeVoice(
  name: string,
  make: () => Voice | Promise<Voice>,
  samples: () => Promise<SampleRecordings>,
): void {
  describe(`${name}, as voice`, () => {
    let voice: Voice
    let recording: Uint8Array
    let other: Uint8Array
    let facts: MediaFacts
    beforeAll(async () => {
      voice = await make()
      ;({ recording, other, facts } = await samples())
    })

    const rendered = async (bytes: Uint8Array) => {
      const outcome = await voice.render(bytes, facts)
      if (!outcome.ok) throw new Error(`refused: ${outcome.message}`)
      return outcome
    }

    test('AAC comes first and Opus beside it, each with its type, ending, duration and rate', async () => {
      const { audios, durationMs } = await rendered(recording)
      expect(audios.map((audio) => [audio.name, audio.contentType, audio.extension])).toEqual([
        ['aac', 'audio/mp4', 'm4a'],
        ['opus', 'audio/ogg', 'ogg'],
      ])
      for (const audio of audios) {
        expect(audio.bytes.length).toBeGreaterThan(0)
        expect(audio.bitsPerSecond).toBeGreaterThan(0)
        expect(Math.abs(audio.durationMs - durationMs)).toBeLessThan(250)
      }
    })

    test('nothing is done after a deadline, which is a fault of ours, and all is done before it', async () => {
      const [late, inTime] = [voice.until(AbortSignal.abort()), voice.until(AbortSignal.timeout(60_000))]
      const fault = { ok: false, fault: 'ours', code: 'timed-out', message: SENTENCE }
      expect(await inTime.render(recording, facts)).toEqual(await rendered(recording))
      expect(await late.render(recording, facts)).toEqual(fault)
      expect(await late.until(new AbortController().signal).render(recording, facts)).toEqual(fault)
    })

    test('peaks are base64 of 64 bytes', async () => {
      const { peaks } = await rendered(recording)
      expect(peaks).toMatch(/^[A-Za-z0-9+/]{86}==$/)
      expect(Buffer.from(peaks, 'base64')).toHaveLength(64)
    })

    test('the same bytes give the same bytes again; other bytes give others', async () => {
      const first = await rendered(recording)
      expect(await rendered(recording)).toEqual(first)
      expect(await rendered(other)).not.toEqual(first)
    })

    test('a recipe is eight hex digits, and stays', async () => {
      expect(await voice.recipe()).toMatch(/^[0-9a-f]{8}$/)
      expect(await voice.recipe()).toBe(await voice.recipe())
    })

    test('no bytes, a video, silence of too long and a file without sound are refused with a sentence', async () => {
      const refused = (code: string) => ({ ok: false, fault: 'file', code, message: SENTENCE })
      const { audio: _, ...mute } = facts
      const picture = { codec: 'h264', width: 2, height: 2, rotation: 0, hdr: 'sdr' } as const
      expect(await voice.render(new Uint8Array(), facts)).toEqual(refused('empty'))
      expect(await voice.render(recording, { ...facts, video: picture })).toEqual(refused('type-mismatch'))
      expect(await voice.render(recording, mute)).toEqual(refused('no-sound'))
      const tooLong = LIMITS.voice.maxSeconds * 1_000 + 1
      expect(await voice.render(recording, { ...facts, durationMs: tooLong })).toEqual(refused('too-long'))
    })

    test('the bytes handed in stay as they were', async () => {
      const before = Buffer.from(recording)
      await rendered(recording)
      expect(Buffer.compare(before, recording)).toBe(0)
    })
  })
}
