import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { byDeadline, LATE, sooner } from './by-deadline.ts'
import { within } from './within.ts'

const passed = AbortSignal.abort(new DOMException('it is over', 'TimeoutError'))
const never = () => new Promise<never>(() => {})

it('gives what the work answers, and throws what it throws', async () => {
  for (const deadline of [undefined, AbortSignal.timeout(10_000)]) {
    expect(await byDeadline(deadline, async () => 'done')).toBe('done')
    await expect(byDeadline(deadline, () => Promise.reject(new Error('its own')))).rejects.toThrow('its own')
  }
})

it('begins nothing after the deadline', async () => {
  const work = jest.fn(never)
  expect(await byDeadline(passed, work)).toBe(LATE)
  expect(work).not.toHaveBeenCalled()
})

it('answers what is given up at the deadline, by whatever waits for it', async () => {
  const waiting = AbortSignal.timeout(20)
  expect(await byDeadline(waiting, () => within(waiting, never()))).toBe(LATE)
  const piping = AbortSignal.timeout(20)
  const copy = () => pipeline(createReadStream('/dev/zero'), async (bytes) => drain(bytes), { signal: piping })
  expect(await byDeadline(piping, copy)).toBe(LATE)
})

async function drain(bytes: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of bytes) await new Promise(setImmediate)
}

it('says what a sender can do', () => {
  expect(LATE.message).toMatch(/: send it again later, or a shorter copy\.$/)
})

it('hides no other error behind a deadline that has passed meanwhile', async () => {
  const deadline = AbortSignal.timeout(1)
  const failing = async () => {
    await within(deadline, never()).catch(() => {})
    throw new Error('its own')
  }
  await expect(byDeadline(deadline, failing)).rejects.toThrow('its own')
})

it('takes the sooner of two deadlines', () => {
  const open = new AbortController().signal
  expect(sooner(undefined, passed).aborted).toBe(true)
  expect(sooner(open, passed).reason).toBe(passed.reason)
  expect(sooner(passed, open).reason).toBe(passed.reason)
  expect(sooner(open, open).aborted).toBe(false)
})
