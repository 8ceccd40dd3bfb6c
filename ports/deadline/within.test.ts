import { setTimeout } from 'node:timers/promises'
import { within } from './within.ts'

it('lets work through that is done in time, or fails by itself', async () => {
  const deadline = AbortSignal.timeout(10_000)
  expect(await within(deadline, setTimeout(1, 'done'))).toBe('done')
  await expect(within(deadline, Promise.reject(new Error('its own')))).rejects.toThrow('its own')
})

it('gives up what isn’t done by the deadline, and what begins after it', async () => {
  const deadline = AbortSignal.timeout(50)
  const never = new Promise(() => {})
  await expect(Promise.all([within(deadline, never), within(deadline, never)])).rejects.toThrow(/timeout/)
  await expect(within(deadline, never)).rejects.toThrow(/timeout/)
})
