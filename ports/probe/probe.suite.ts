import { bytesSource } from './bytes.ts'
import type { ByteSource, Probe } from './probe.ts'

/** Files that an adapter reads and refuses; the fake needs no real ones. */
export interface SampleFiles {
  /** Picture, with or without sound. */
  readonly video: Uint8Array
  readonly recording: Uint8Array
  /** What looks like a video and can't be read. */
  readonly damaged: Uint8Array
  /** Something else. */
  readonly other: Uint8Array
}

const SENTENCE = expect.stringMatching(/^[A-Z].*\.$/)

/** What every adapter of Probe must do, fake or real. */
export function describeProbe(
  name: string,
  make: () => Probe | Promise<Probe>,
  samples: () => Promise<SampleFiles>,
): void {
  describe(`${name}, as a probe`, () => {
    let probe: Probe
    let files: SampleFiles
    beforeAll(async () => {
      probe = await make()
      files = await samples()
    })

    const factsOf = async (bytes: Uint8Array) => {
      const probed = await probe.probe(bytesSource(bytes))
      if (!probed.ok) throw new Error(`refused: ${probed.message}`)
      return probed.facts
    }

    test('of a video it tells the size in whole pixels, a codec, how it is turned, and when its pictures end', async () => {
      const { video, contentType, durationMs = 0 } = await factsOf(files.video)
      expect(contentType).toMatch(/^video\//)
      expect(durationMs).toBeGreaterThan(0)
      for (const side of [video?.width, video?.height]) expect(Number.isInteger(side) && Number(side) > 0).toBe(true)
      expect(video?.codec).toMatch(/^[a-z0-9-]+$/)
      expect([0, 90, 180, 270]).toContain(video?.rotation)
      expect(['sdr', 'hlg', 'pq']).toContain(video?.hdr)
      expect(video?.durationMs).toBeGreaterThan(0)
      expect(video?.durationMs).toBeLessThanOrEqual(durationMs)
    })

    test('of a recording it tells channels, sample rate and duration, and no picture', async () => {
      const facts = await factsOf(files.recording)
      expect(facts.contentType).toMatch(/^audio\//)
      expect(facts).not.toHaveProperty('video')
      expect(facts.audio?.channels).toBeGreaterThanOrEqual(1)
      expect(facts.audio?.sampleRate).toBeGreaterThanOrEqual(8_000)
      expect(Number.isInteger(facts.durationMs)).toBe(true)
    })

    test('the same bytes have the same facts, and probes at once stay apart', async () => {
      const { video, recording } = files
      const [first, second, third] = await Promise.all([factsOf(video), factsOf(recording), factsOf(video)])
      expect(third).toEqual(first)
      expect(second).not.toEqual(first)
    })

    test('no bytes are refused as empty, a damaged file as undecodable, something else as unsupported', async () => {
      const refused = (code: string) => ({ ok: false, code, message: SENTENCE })
      expect(await probe.probe(bytesSource(new Uint8Array()))).toEqual(refused('empty'))
      expect(await probe.probe(bytesSource(files.damaged))).toEqual(refused('undecodable'))
      expect(await probe.probe(bytesSource(files.other))).toEqual(refused('unsupported-type'))
    })

    test('reads stay within the file', async () => {
      const { video } = files
      const reads: [number, number][] = []
      const source: ByteSource = {
        size: video.byteLength,
        async read(offset, length) {
          reads.push([offset, length])
          return video.subarray(offset, offset + length)
        },
      }
      await probe.probe(source)
      expect(reads.length).toBeGreaterThan(0)
      for (const [offset, length] of reads) {
        expect(offset).toBeGreaterThanOrEqual(0)
        expect(length).toBeGreaterThan(0)
        expect(offset + length).toBeLessThanOrEqual(video.byteLength)
      }
    })

    test('what the source throws is thrown on, and the next probe works', async () => {
      const gone = new Error('the object is gone')
      const source: ByteSource = { size: 1_000, read: () => Promise.reject(gone) }
      await expect(probe.probe(source)).rejects.toBe(gone)
      expect(await factsOf(files.video)).toBeDefined()
    })
  })
}
