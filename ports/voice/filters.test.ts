import { levelling } from './filters.ts'

it('raises what is quiet, and holds what would then be too loud', () => {
  expect(levelling({ lufs: -28, peakDb: -20 })).toEqual(['volume=12dB'])
  expect(levelling({ lufs: -28, peakDb: -3 })).toEqual(['volume=12dB', expect.stringContaining('alimiter')])
  expect(levelling({ lufs: -16, peakDb: -3 })).toEqual([])
})

it('makes digital silence of what nobody hears, and only of that', () => {
  expect(levelling({ peakDb: -91.7 })).toEqual(['volume=0'])
  expect(levelling({ peakDb: -80 })).toEqual([])
})

it('leaves alone what was not measured', () => {
  expect(levelling({})).toEqual([])
})
