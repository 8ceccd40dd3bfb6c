import { type BusEntry, type BusPort, BusRefused } from './bus.ts'
import { uploadedEvent } from './fixtures.ts'
import { toEntry } from './publish.ts'

/** A bus under test. */
export interface BusUnderTest {
  readonly bus: BusPort
  /** What it took so far, in order. */
  taken(): Promise<readonly Pick<BusEntry, 'detailType' | 'detail'>[]>
  close(): Promise<void>
}

/** What every adapter of `BusPort` does. */
export function describeBus(name: string, make: () => Promise<BusUnderTest>): void {
  describe(`the bus: ${name}`, () => {
    const entries = (count: number) => Array.from({ length: count }, (_, number) => toEntry(uploadedEvent(number)))
    const essence = (list: readonly Pick<BusEntry, 'detailType' | 'detail'>[]) =>
      list.map(({ detailType, detail }) => ({ detailType, detail }))
    let under: BusUnderTest

    beforeEach(async () => {
      under = await make()
    })
    afterEach(() => under.close())

    it('takes ten entries as they are, and gives each an id of its own', async () => {
      const results = await under.bus.put(entries(10))
      const ids = results.map((result) => (result.ok ? result.id : result.code))
      expect(results.map(({ ok }) => ok)).toEqual(Array(10).fill(true))
      expect(new Set(ids).size).toBe(10)
      expect(essence(await under.taken())).toEqual(essence(entries(10)))
    })

    it('carries text of every language', async () => {
      const detail = JSON.stringify({ meta: {}, data: { text: 'Grüße 🌊 \u0000 שלום "\\' } })
      const [result] = await under.bus.put([
        { detailType: 'Greeting.v1', detail, time: 0, resources: ['arn:aws:s3:::b'] },
      ])
      expect(result?.ok).toBe(true)
      expect(essence(await under.taken())).toEqual([{ detailType: 'Greeting.v1', detail }])
    })

    it("refuses an entry that isn't JSON, in its place, and takes its neighbours", async () => {
      const [first, second] = entries(2)
      if (!first || !second) throw new Error('two entries were made')
      const results = await under.bus.put([first, { ...first, detail: '{"meta":' }, second])
      expect(results).toMatchObject([{ ok: true }, { ok: false, code: 'MalformedDetail' }, { ok: true }])
      expect(essence(await under.taken())).toEqual(essence([first, second]))
    })

    it.each([0, 11])('refuses a call of %d entries, and takes none of them', async (count) => {
      await expect(under.bus.put(entries(count))).rejects.toThrow(BusRefused)
      expect(await under.taken()).toEqual([])
    })
  })
}
