import { Crc32cJs, Crc64NvmeJs } from '@aws-sdk/checksums/crc'
import fc from 'fast-check'
import { startChecksum } from './checksums.ts'

// The check values of https://reveng.sourceforge.io/crc-catalogue, over the nine digits.
it.each([
  ['crc32', 'cbf43926'],
  ['crc32c', 'e3069283'],
  ['crc64nvme', 'ae8b14860a799888'],
] as const)('%s gives its published check value', (algorithm, check) => {
  const running = startChecksum(algorithm)
  running.update(Buffer.from('123456789'))
  expect(Buffer.from(running.digest(), 'base64').toString('hex')).toBe(check)
})

it.each([
  ['crc32c', () => new Crc32cJs()],
  ['crc64nvme', () => new Crc64NvmeJs()],
] as const)('%s of any pieces is that of the SDK over the whole', async (algorithm, sdk) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 10 }), async (pieces) => {
      const running = startChecksum(algorithm)
      for (const piece of pieces) running.update(piece)
      const reference = sdk()
      reference.update(Buffer.concat(pieces))
      expect(running.digest()).toBe(Buffer.from(await reference.digest()).toString('base64'))
    }),
    { numRuns: 50 },
  )
})
