import { describeBus } from './bus.suite.ts'
import { fakeBus, seededThrottle } from './fake-bus.ts'
import { uploadedEvent } from './fixtures.ts'
import { toEntry } from './publish.ts'

describeBus('fake', async () => {
  const bus = fakeBus()
  return {
    bus,
    taken: async () => bus.taken,
    throttle: (text) =>
      bus.fail({ entry: ({ detail }) => (detail.includes(text) ? 'ThrottlingException' : undefined) }),
    close: async () => {},
  }
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
