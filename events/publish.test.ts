import fc from 'fast-check'
import { type BusPort, BusRefused } from './bus.ts'
import type { MediaEvent } from './envelope.ts'
import { fakeBus, seededThrottle } from './fake-bus.ts'
import { uploadedEvent } from './fixtures.ts'
import { PublishFailed, publish, toEntry } from './publish.ts'
import { entryBytes } from './size.ts'

const instantly = { sleep: async () => {} }
const events = (count: number) => Array.from({ length: count }, (_, number) => uploadedEvent(number))
const idsOf = (list: readonly MediaEvent[]) => list.map(({ meta }) => meta.id)

/** An event that weighs exactly that much on the bus. */
function weighing(bytes: number, number = 0): MediaEvent {
  const event = uploadedEvent(number)
  const padded = (note: string) => ({ ...event, data: { ...(event.data as object), note } })
  return padded('x'.repeat(bytes - entryBytes(toEntry(padded('')))))
}

async function failureOf(publishing: Promise<void>): Promise<PublishFailed> {
  const error = await publishing.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (error instanceof PublishFailed) return error
  throw new Error('it did not fail', { cause: error })
}

describe('publishing', () => {
  it('calls nobody where there is nothing to say', async () => {
    const put = jest.fn()
    await publish({ put }, [], instantly)
    expect(put).not.toHaveBeenCalled()
  })

  it('sends a thousand events in order, ten a call', async () => {
    const bus = fakeBus()
    const put = jest.spyOn(bus, 'put')
    await publish(bus, events(1000), instantly)
    expect(idsOf(bus.events())).toEqual(idsOf(events(1000)))
    expect(put.mock.calls.map(([entries]) => entries.length)).toEqual(Array(100).fill(10))
  })

  it('keeps each call below 1 MB', async () => {
    const bus = fakeBus()
    const put = jest.spyOn(bus, 'put')
    await publish(
      bus,
      Array.from({ length: 12 }, (_, number) => weighing(200 * 1024, number)),
      instantly,
    )
    expect(put.mock.calls.map(([entries]) => entries.length)).toEqual([5, 5, 2])

    const exactly = [...Array(5).fill(200), 24].map((kilobytes, number) => weighing(kilobytes * 1024, number))
    put.mockClear()
    await publish(bus, exactly, instantly)
    expect(put.mock.calls.map(([entries]) => entries.length)).toEqual([5, 1])
  })

  it('offers again those that were refused, they alone, after growing pauses', async () => {
    const sleeps: number[] = []
    const bus = fakeBus({
      entry: ({ detail }, call) =>
        (detail.includes('"v1"') && call < 3) || (detail.includes('"v4"') && call < 1)
          ? 'ThrottlingException'
          : undefined,
    })
    const put = jest.spyOn(bus, 'put')
    await publish(bus, events(5), { sleep: async (milliseconds) => void sleeps.push(milliseconds) })
    const sent = idsOf(events(5))
    expect(put.mock.calls.map(([entries]) => entries.map(({ detail }) => JSON.parse(detail).meta.id))).toEqual([
      sent,
      [sent[1], sent[4]],
      [sent[1]],
      [sent[1]],
    ])
    expect(sleeps).toEqual([100, 200, 400])
  })

  it('offers all of a call again that failed as a whole', async () => {
    const bus = fakeBus({ call: (call) => (call < 2 ? new Error('socket hang up') : undefined) })
    await publish(bus, events(3), instantly)
    expect(idsOf(bus.events())).toEqual(idsOf(events(3)))
  })

  it('gives up in the end and names what was not taken, with the last reason', async () => {
    const bus = fakeBus({ entry: ({ detail }) => (detail.includes('"v2"') ? 'InternalFailure' : undefined) })
    const put = jest.spyOn(bus, 'put')
    const { failures, message } = await failureOf(publish(bus, events(4), instantly))
    expect(failures).toEqual([{ event: uploadedEvent(2), code: 'InternalFailure', message: expect.any(String) }])
    expect(message).toContain(`MediaUploaded.v1 ${uploadedEvent(2).meta.id}: InternalFailure`)
    expect(put).toHaveBeenCalledTimes(6)
    expect(bus.taken).toHaveLength(3)
  })

  it.each([
    ['an entry at fault', fakeBus({ entry: () => 'MalformedDetail' })],
    ['a call that can never succeed', fakeBus({ call: () => new BusRefused('AccessDeniedException: no') })],
  ])("doesn't offer %s again", async (_case, bus) => {
    const put = jest.spyOn(bus, 'put')
    const { failures } = await failureOf(publish(bus, events(2), instantly))
    expect(idsOf(failures.map(({ event }) => event))).toEqual(idsOf(events(2)))
    expect(put).toHaveBeenCalledTimes(1)
  })

  it('names an event above 200 KB, and sends its neighbours', async () => {
    const bus = fakeBus()
    const { failures } = await failureOf(
      publish(bus, [uploadedEvent(1), weighing(200 * 1024 + 1, 2), uploadedEvent(3)], instantly),
    )
    expect(failures).toEqual([
      { event: weighing(200 * 1024 + 1, 2), code: 'TooLarge', message: '204801 bytes, at most 204800 are sent' },
    ])
    expect(idsOf(bus.events())).toEqual(idsOf([uploadedEvent(1), uploadedEvent(3)]))
  })

  it('takes silence about an entry for a refusal', async () => {
    const speechless: BusPort = { put: async (entries) => entries.slice(1).map(() => ({ ok: true, id: '1' })) }
    const { failures } = await failureOf(publish(speechless, events(2), instantly))
    expect(failures).toMatchObject([{ event: uploadedEvent(1), code: 'NoResult' }])
  })

  it('drops nothing, whatever fails: each event is taken once or named', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 60 }),
        fc.integer(),
        fc.constantFrom(0, 0.1, 0.3, 0.7, 0.95),
        fc.uniqueArray(fc.nat({ max: 30 })),
        async (count, seed, probability, lostCalls) => {
          const bus = fakeBus({
            ...seededThrottle(seed, probability),
            call: (call) => (lostCalls.includes(call) ? new Error('socket hang up') : undefined),
          })
          const named = await publish(bus, events(count), instantly).then(
            () => [],
            (error: unknown) => {
              if (error instanceof PublishFailed) return error.failures.map(({ event }) => event)
              throw error
            },
          )
          expect(idsOf([...bus.events(), ...named]).sort()).toEqual(idsOf(events(count)).sort())
        },
      ),
      { seed: 20260301, numRuns: 200 },
    )
  })
})
