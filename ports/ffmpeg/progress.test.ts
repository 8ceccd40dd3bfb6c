import { type Progress, progressReader } from './progress.ts'

it('tells each block that knows its time', () => {
  const told: Progress[] = []
  const read = progressReader((progress) => told.push(progress))
  const lines = [
    ['frame=0', 'out_time_us=N/A', 'progress=continue'],
    ['frame=0', 'out_time_us=-20000', 'progress=continue'],
    ['frame=30', 'fps=0.00', 'out_time_us=1000000', 'nonsense', 'progress=continue'],
    ['out_time_us=2500000', 'progress=end'],
  ]
  for (const line of lines.flat()) read(line)
  expect(told).toEqual([{ seconds: 1, frames: 30 }, { seconds: 2.5 }])
})
