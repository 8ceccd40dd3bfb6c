import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fragmentedMp4 } from '../../tests/fixtures/fragments.ts'
import { box, mp4, words } from '../../tests/fixtures/mp4.ts'
import { wav } from '../../tests/fixtures/wav.ts'
import { webm } from '../../tests/fixtures/webm.ts'
import { bytesSource } from './bytes.ts'
import { mediabunnyProbe } from './mediabunny-probe.ts'
import { describeProbe } from './probe.suite.ts'
import type { ByteSource, MediaFacts, ProbeRefusal } from './probe.ts'

const MINUTE = 60_000

describeProbe('mediabunnyProbe', mediabunnyProbe, async () => ({
  video: mp4(),
  recording: wav(),
  damaged: mp4().subarray(0, 300),
  other: Buffer.from('%PDF-1.7\n'),
}))

/** Counts what is fetched. */
function counted(bytes: Uint8Array) {
  const fetched = { bytes: 0, reads: 0 }
  const source: ByteSource = {
    size: bytes.byteLength,
    async read(offset, length) {
      fetched.bytes += length
      fetched.reads += 1
      return bytes.subarray(offset, offset + length)
    },
  }
  return { source, fetched }
}

describe('mediabunnyProbe', () => {
  const probe = mediabunnyProbe({ budgetMs: 2_000 })
  const probed = (bytes: Uint8Array) => probe.probe(bytesSource(bytes))

  const factsOf = async (bytes: Uint8Array): Promise<MediaFacts> => {
    const answer = await probed(bytes)
    if (!answer.ok) throw new Error(`refused: ${answer.message}`)
    return answer.facts
  }

  const refusalOf = async (bytes: Uint8Array): Promise<ProbeRefusal> => {
    const answer = await probed(bytes)
    if (answer.ok) throw new Error(`not refused: ${JSON.stringify(answer.facts)}`)
    return answer
  }

  it('tells MP4, QuickTime, 3GP and M4A apart by their brands', async () => {
    expect((await factsOf(mp4({ brand: 'isom' }))).format).toBe('mp4')
    expect(await factsOf(mp4({ brand: 'qt  ' }))).toMatchObject({ format: 'mov', contentType: 'video/quicktime' })
    expect(await factsOf(mp4({ brand: '3gp4' }))).toMatchObject({ format: '3gp', contentType: 'video/3gpp' })
  })

  it('tells the codec, how it is sampled, the rate of pictures and the duration', async () => {
    expect(await factsOf(mp4())).toEqual({
      format: 'mp4',
      contentType: 'video/mp4',
      durationMs: 133,
      tracks: 1,
      video: {
        codec: 'h264',
        codecParameters: 'avc1.42c01e',
        bitDepth: 8,
        chroma: '4:2:0',
        width: 320,
        height: 240,
        rotation: 0,
        durationMs: 133,
        frameRate: 30,
        hdr: 'sdr',
        bitsPerSecond: 3_840,
      },
    })
  })

  it('takes no place and no title along', async () => {
    const place = box('\xa9xyz', [0, 18, 0x15, 0xc7], Buffer.from('+48.8577+002.2950/'))
    const title = box('\xa9nam', [0, 6, 0, 0], Buffer.from('secret'))
    const named = mp4({ tracks: [{ userData: title }], inMovie: [box('udta', place, title)] })
    expect(await factsOf(named)).toEqual(await factsOf(mp4()))
  })

  describe('of files that lie', () => {
    it('refuses a thousand tracks, and says how many are allowed', async () => {
      const refusal = await refusalOf(mp4({ tracks: Array.from({ length: 1_000 }, () => ({})) }))
      expect(refusal).toMatchObject({ code: 'too-many-tracks', message: expect.stringContaining('32 are allowed') })
    })

    it('tells ten hours of what claims ten hours by its samples, reading next to nothing', async () => {
      const { source, fetched } = counted(mp4({ tracks: [{ times: [[4, 30 * 9_000]] }] }))
      expect(await probe.probe(source)).toMatchObject({ ok: true, facts: { durationMs: 600 * MINUTE } })
      expect(fetched.bytes).toBe(source.size)
    })

    it('tells no rate of pictures where all have the same time', async () => {
      const facts = await factsOf(mp4({ tracks: [{ times: [[4, 0]] }] }))
      expect(facts.video).toMatchObject({ codec: 'h264' })
      expect(facts.video).not.toHaveProperty('frameRate')
      expect(facts).not.toHaveProperty('durationMs')
    })

    it('refuses a timescale of zero', async () => {
      expect(await refusalOf(mp4({ tracks: [{ timescale: 0 }] }))).toMatchObject({ code: 'undecodable' })
    })

    it('refuses what has no index, as a recording has that was cut off', async () => {
      const headless = Buffer.concat([mp4().subarray(0, 24), box('mdat', Buffer.alloc(10_000))])
      expect(await refusalOf(headless)).toMatchObject({
        code: 'undecodable',
        message: expect.stringContaining('cut off'),
      })
    })

    it.each([
      ['beyond the end', 1_000_000],
      ['at the very end of 4 GB', 0xffff_fff0],
    ])('refuses samples that lie %s', async (_, chunkOffset) => {
      expect(await refusalOf(mp4({ tracks: [{ chunkOffset }] }))).toMatchObject({
        code: 'undecodable',
        message: expect.stringContaining('cut off'),
      })
    })

    it('is not irritated by an mdat that claims more bytes than there are', async () => {
      const file = mp4()
      file.writeUInt32BE(900_000, file.lastIndexOf('mdat') - 4)
      expect(await factsOf(file)).toEqual(await factsOf(mp4()))
    })

    it('tells a WAV’s real length, whatever its header claims', async () => {
      const truth = await factsOf(wav({ seconds: 2 }))
      expect(truth.durationMs).toBe(2_000)
      expect(await factsOf(wav({ seconds: 2, claimedBytes: 0xffff_ffff }))).toEqual(truth)
      expect(await factsOf(wav({ seconds: 2, claimedBytes: 2_000_000 }))).toEqual(truth)
    })

    it('refuses a picture, and says how to send it', async () => {
      expect(await refusalOf(Buffer.from([0xff, 0xd8, 0xff, 0xe0]))).toMatchObject({
        code: 'type-mismatch',
        message: expect.stringContaining('send it as a photo'),
      })
    })

    it.each([
      ['a playlist', Buffer.from('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n')],
      ['a playlist', Buffer.from('ffconcat version 1.0\nfile /etc/passwd\n')],
      ['a playlist', Buffer.from('<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">')],
      ['a zip archive', Buffer.from('PK\x03\x04 and so on', 'latin1')],
    ])('refuses %s by its first bytes', async (name, bytes) => {
      const refusal = await refusalOf(Buffer.from(bytes))
      expect(refusal).toMatchObject({ code: 'unsupported-type', message: expect.stringContaining(name) })
    })

    it('does not read a cover of 50 MB in front of an MP3', async () => {
      const size = 50 * 1024 * 1024
      const synchsafe = [21, 14, 7, 0].map((shift) => (size >> shift) & 0x7f)
      const frame = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0xc4]), Buffer.alloc(413)])
      const file = Buffer.concat([
        Buffer.from('ID3\x04\0\0', 'latin1'),
        Buffer.from(synchsafe),
        Buffer.alloc(size),
        ...Array.from({ length: 40 }, () => frame),
      ])
      const { source, fetched } = counted(file)
      expect(await probe.probe(source)).toMatchObject({
        ok: true,
        facts: { format: 'mp3', durationMs: 1_045, audio: { codec: 'mp3', sampleRate: 44_100 } },
      })
      expect(fetched.bytes).toBeLessThan(1024 * 1024)
    })

    it('does not read a cover of 50 MB inside an M4A', async () => {
      const cover = box('udta', box('meta', words(0), box('ilst', box('covr', Buffer.alloc(50 * 1024 * 1024)))))
      const { source, fetched } = counted(mp4({ inMovie: [cover] }))
      expect(await probe.probe(source)).toMatchObject({ ok: false, code: 'undecodable' })
      expect(fetched.bytes).toBeLessThan(25 * 1024 * 1024)
    })
  })

  describe('of files that would keep a parser busy for ever', () => {
    const FOUR_BILLION = 0xffff_ffff
    const samplesWithoutEnd = mp4({
      tracks: [{ times: [[FOUR_BILLION, 1]], compositionOffsets: [[FOUR_BILLION, 1]] }],
    })
    const chunkWithoutEnd = mp4({ tracks: [{ samplesPerChunk: FOUR_BILLION }] })
    const runWithoutEnd = mp4({
      tracks: [{ times: [], sizes: [] }],
      inMovie: [box('mvex', box('trex', words(0, 1, 1, 1, 1, 0)))],
      afterMovie: [
        box(
          'moof',
          box('mfhd', words(0, 1)),
          box('traf', box('tfhd', words(0, 1)), box('trun', words(0, FOUR_BILLION))),
        ),
      ],
    })

    it.each([
      ['four billion samples', samplesWithoutEnd],
      ['a chunk of four billion samples', chunkWithoutEnd],
      ['a fragment of four billion samples', runWithoutEnd],
    ])('ends %s, refuses them, and works on', async (_, bytes) => {
      const before = process.memoryUsage.rss()
      const answer = await probed(bytes)
      expect(answer).toMatchObject({ ok: false, code: 'undecodable' })
      expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024)
      expect(await factsOf(mp4())).toMatchObject({ format: 'mp4' })
    })
  })

  describe('reads, of a file of any size, what S3 gives in a second:', () => {
    const repeated = (frame: Buffer, bytes: number) =>
      Buffer.concat(Array.from({ length: bytes / frame.length }, () => frame))
    const mp3Frame = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0xc4]), Buffer.alloc(413)])
    const adtsFrame = Buffer.concat([Buffer.from([0xff, 0xf1, 0x50, 0x80, 0x2e, 0x5f, 0xfc]), Buffer.alloc(363)])
    const MEGABYTE = 1024 * 1024

    it.each([
      ['a WebM as browsers record it', () => webm({ pictures: 9_000, pictureBytes: 10_000 }), 299_967, 3],
      [
        'one with a keyframe each ten seconds',
        () => webm({ pictures: 1_500, pictureBytes: 30_000, perCluster: 300 }),
        49_967,
        23,
      ],
      [
        'one of clusters that are too large',
        () => webm({ pictures: 1_800, pictureBytes: 30_000, perCluster: 900 }),
        undefined,
        32,
      ],
      ['a fragmented MP4 of an hour', () => fragmentedMp4({ fragments: 3_600, bytes: 20_000 }), 3_600_000, 1],
      ['an MP4 with its index in front', () => mp4({ data: Buffer.alloc(40 * MEGABYTE) }), 133, 1],
      [
        'a WAV',
        () => Buffer.concat([wav({ seconds: 0, claimedBytes: 4_800_000 }), Buffer.alloc(4_800_000)]),
        300_000,
        1,
      ],
      ['an MP3 without a count', () => repeated(mp3Frame, 16 * MEGABYTE), 1_050_984, 17],
      ['an MP3 that is too long to be gone through', () => repeated(mp3Frame, 30 * MEGABYTE), undefined, 1],
      ['AAC without a container', () => repeated(adtsFrame, 16 * MEGABYTE), 1_052_862, 17],
      ['AMR', () => Buffer.concat([Buffer.from('#!AMR\n'), Buffer.alloc(18 * MEGABYTE, 0x7c)]), 377_487_360, 19],
    ])('%s', async (_, make, durationMs, megabytes) => {
      const { source, fetched } = counted(make())
      const answer = await probe.probe(source)
      expect(answer.ok && answer.facts.durationMs).toBe(durationMs)
      expect(fetched.reads).toBeLessThanOrEqual(24)
      expect(fetched.bytes).toBeLessThanOrEqual(megabytes * MEGABYTE)
    })
  })

  describe('has one budget for a probe, and', () => {
    const stalled = (source: ByteSource, milliseconds: number): ByteSource => ({
      size: source.size,
      read: async (offset, length) => setTimeout(milliseconds, await source.read(offset, length)),
    })
    const nothingKnown = bytesSource(Buffer.from('OggS and then nothing that is known', 'latin1'))

    it('throws where the bytes don’t come within it: that isn’t the file’s fault', async () => {
      const hasty = mediabunnyProbe({ budgetMs: 1_500 })
      const late = hasty.probe({ size: 1_000, read: () => new Promise(() => {}) })
      await expect(late).rejects.toThrow('took too long to come')
      expect(await hasty.probe(bytesSource(mp4()))).toMatchObject({ ok: true })
    })

    it('leaves the fallback what is left of it', async () => {
      const fallback = {
        async probe(_: ByteSource, deadline: AbortSignal) {
          if (!deadline.aborted) await once(deadline, 'abort')
          return { ok: false, code: 'undecodable', message: 'Nothing.' } as const
        },
      }
      const began = performance.now()
      await mediabunnyProbe({ fallback, budgetMs: 3_000 }).probe(stalled(nothingKnown, 1_000))
      expect(performance.now() - began).toBeLessThan(3_900)
    })

    it('gives nothing to the fallback that kept the parser busy to its end', async () => {
      const asked = jest.fn()
      const hasty = mediabunnyProbe({ fallback: { probe: asked }, budgetMs: 1_500 })
      const began = performance.now()
      const busy = mp4({ tracks: [{ samplesPerChunk: 0xffff_ffff }] })
      expect(await hasty.probe(bytesSource(busy))).toMatchObject({ code: 'undecodable' })
      expect(performance.now() - began).toBeLessThan(3_500)
      expect(asked).not.toHaveBeenCalled()
    })
  })

  it('asks the fallback where it finds nothing, and keeps its own sentence where that finds nothing either', async () => {
    const facts: MediaFacts = { format: 'ogg', contentType: 'audio/ogg', durationMs: 1 }
    const ogg = bytesSource(Buffer.from('OggS and then nothing that is known', 'latin1'))
    const knowing = mediabunnyProbe({ fallback: { probe: async () => ({ ok: true, facts }) } })
    expect(await knowing.probe(ogg)).toEqual({ ok: true, facts })
    const ignorant = mediabunnyProbe({
      fallback: { probe: async () => ({ ok: false, code: 'undecodable', message: 'Nothing.' }) },
    })
    expect(await ignorant.probe(ogg)).toEqual(await probe.probe(ogg))
  })

  it.each([
    ['tells the hundred hours of silence', 18, { ok: true, facts: { durationMs: 100 * 60 * MINUTE } }],
    ['refuses more than it would read', 30, { ok: false, code: 'undecodable' }],
  ])('%s that fit into %i MB of AMR', async (_, millions, answer) => {
    const nothingToHear = 0x7c
    const frames = Buffer.alloc(millions * 1_000_000, nothingToHear)
    expect(await probed(Buffer.concat([Buffer.from('#!AMR\n'), frames]))).toMatchObject(answer)
  })

  it('counts the frames of AMR that lies in no container', async () => {
    const frames = Array.from({ length: 50 }, () => Buffer.concat([Buffer.from([0x3c]), Buffer.alloc(31)]))
    expect(await factsOf(Buffer.concat([Buffer.from('#!AMR\n'), ...frames]))).toMatchObject({
      format: 'amr',
      durationMs: 1_000,
      audio: { codec: 'amr-nb', channels: 1, sampleRate: 8_000 },
    })
    expect(await refusalOf(Buffer.from('#!AMR\n\x58\x58', 'latin1'))).toMatchObject({ code: 'undecodable' })
  })
})
