import { describeBus } from './bus.suite.ts'
import { fakeBus, seededThrottle } from './fake-bus.ts'
import { uploadedEvent } from './fixtures.ts'
import { toEntry } from './publish.ts'

describeBus('fake', async () => {
  const bus = fakeBus()
  return {
    bus,
    taken: async () => bus.taken,
    close: async () => {},
  }
})

describe('a fault', () => {
  it('hits the chosen entries, or a whole call, until it is mended', async () => {
    const entries = [0, 1, 2].map((number) => toEntry(uploadedEvent(number)))
    const bus = fakeBus({
      entry: ({ detail }) => (detail.includes('"v1"') ? 'ThrottlingException' : undefined),
      call: (call) => (call === 0 ? new Error('socket hang up') : undefined),
    })
    await expect(bus.put(entries)).rejects.toThrow('socket hang up')
    expect(await bus.put(entries)).toMatchObject([
      { ok: true },
      { ok: false, code: 'ThrottlingException' },
      { ok: true },
    ])
    bus.fail({})
    expect(await bus.put(entries)).toMatchObject([{ ok: true }, { ok: true }, { ok: true }])
    expect(bus.taken).toHaveLength(5)
  })
})

describe('seeded throttling', () => {
  const refusedOf = async (seed: number) => {
    const bus = fakeBus(seededThrottle(seed, 0.3))
    const results = await bus.put(Array.from({ length: 10 }, (_, number) => toEntry(uploadedEvent(number))))
    return results.map(({ ok }) => ok)
  }

  it('refuses the same entries for the same seed, others for another', async () => {
    expect(await refusedOf(1)).toEqual(await refusedOf(1))
    expect(await refusedOf(1)).not.toEqual(await refusedOf(2))
  })
})
