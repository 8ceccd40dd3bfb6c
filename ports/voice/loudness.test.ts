import { gainDb, loudnessOf } from './loudness.ts'

const summary = (lufs: string, peak: string) => `[info] [Parsed_ebur128_2 @ 0x5] Summary:

[info]   Integrated loudness:
[info]     I:         ${lufs} LUFS
[info]     Threshold: -38.5 LUFS

[info]   Loudness range:
[info]     LRA:         3.1 LU

[info]   Sample peak:
[info]     Peak:       ${peak} dBFS
`

it('reads what ffmpeg tells at the end', () => {
  expect(loudnessOf(summary('-28.1', '-9.7'))).toEqual({ lufs: -28.1, peakDb: -9.7 })
})

it('knows silence, digital or not, and a recording of less than the 400 ms that are measured', () => {
  expect(loudnessOf(summary('-70.0', '-inf'))).toEqual({})
  expect(loudnessOf(summary('-70.0', '-80.2'))).toEqual({ peakDb: -80.2 })
  expect(loudnessOf(summary('nan', '-3.0'))).toEqual({ peakDb: -3 })
  expect(loudnessOf('')).toEqual({})
})

it('raises what is quiet and lowers what is loud, to -16 LUFS', () => {
  expect(gainDb({ lufs: -28.1 })).toBe(12.1)
  expect(gainDb({ lufs: -9 })).toBe(-7)
})

it('leaves alone what is near, what is silent, and doesn’t lift a whisper by more than 15 dB', () => {
  expect(gainDb({ lufs: -17.9 })).toBe(0)
  expect(gainDb({})).toBe(0)
  expect(gainDb({ lufs: -58.7 })).toBe(15)
})
