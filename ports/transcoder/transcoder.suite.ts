import { OrderRefused, type TranscodeOrder, type Transcoder } from './transcoder.ts'

export interface TranscoderUnderTest {
  readonly transcoder: Transcoder
  /** As if so much time had passed that tokens are forgotten. */
  forgetTokens(): void
  /** Like `transcoder`, but set up in a way that it takes no order. */
  refusing(): Transcoder
}

export const ORDER: TranscodeOrder = {
  mediaId: '5f0c6a52-0b57-5d3c-9a3f-2f1a5d0c7e11',
  kind: 'video',
  run: '0.0',
  attempt: '2b8f6d0e-6f2f-4a55-9f5e-5a3d1c9a7b20',
  source: { bucket: 'media', key: 'videos/source/m/a' },
  output: { bucket: 'media', prefix: 'videos/hls/m/a/' },
  video: { width: 1920, height: 1080, frameRate: 30, hdr: false, hasSound: true },
  token: 'token',
}

/** What every implementation of Transcoder does; no job of it comes to its end by itself. */
export function describeTranscoder(name: string, make: () => Promise<TranscoderUnderTest>): void {
  describe(`${name} as Transcoder`, () => {
    let under: TranscoderUnderTest
    let count = 0
    const order = (): TranscodeOrder => ({ ...ORDER, token: `token-${++count}` })
    beforeAll(async () => {
      under = await make()
    })

    test('starts a job, which tells of whom it is', async () => {
      const { jobId, attempt } = await under.transcoder.start(order())
      expect(attempt).toBe(ORDER.attempt)
      const { mediaId, kind, run } = ORDER
      expect(await under.transcoder.get(jobId)).toEqual({
        jobId,
        labels: { mediaId, kind, run, attempt },
        state: { status: 'submitted' },
      })
    })

    test('keeps of a forced replay whose it is, and which lanes its plan names', async () => {
      const replay = {
        id: 'ladder-2.compress-video',
        mode: 'force',
        epoch: 2,
        lanes: ['compress-video', 'detect-face'],
      }
      for (const mark of [replay, { id: 'ladder-3', mode: 'force', epoch: 3 }]) {
        const { jobId } = await under.transcoder.start({ ...order(), replay: mark })
        expect((await under.transcoder.get(jobId))?.labels.replay).toEqual(mark)
      }
    })

    test('starts one job of orders with one token, and answers with its attempt', async () => {
      const first = order()
      const started = await under.transcoder.start(first)
      const again = { ...first, attempt: 'cf6a35c9-1d4b-4f0e-8a53-0b7f3a1c2d4e' }
      expect(await under.transcoder.start(again)).toEqual(started)
      under.forgetTokens()
      const later = await under.transcoder.start(again)
      expect(later.jobId).not.toBe(started.jobId)
      expect(later.attempt).toBe(again.attempt)
    })

    test('refuses for good what it would take at no time', async () => {
      await expect(under.refusing().start(order())).rejects.toThrow(OrderRefused)
    })

    test('cancels a job, and again without complaint', async () => {
      const { jobId } = await under.transcoder.start(order())
      await under.transcoder.cancel(jobId)
      await under.transcoder.cancel(jobId)
      expect((await under.transcoder.get(jobId))?.state).toEqual({ status: 'canceled' })
    })

    test('knows nothing of a job that never was, and has nothing to cancel there', async () => {
      expect(await under.transcoder.get('1700000000000-abcdef')).toBeUndefined()
      await under.transcoder.cancel('1700000000000-abcdef')
    })
  })
}
