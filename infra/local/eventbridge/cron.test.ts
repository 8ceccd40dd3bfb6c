import { parseCron } from './cron.ts'

const from = '2026-03-04T05:06:07Z'

/** The next `count` times after `start`. */
function times(expression: string, count = 1, start = from): readonly string[] {
  const cron = parseCron(expression)
  const found: string[] = []
  let time: number | undefined = Date.parse(start)
  while (found.length < count) {
    time = cron.next(time)
    if (time === undefined) break
    found.push(new Date(time).toISOString().replace(':00.000Z', ''))
  }
  return found
}

// Expressions of the user guide, each with its next times in UTC.
test.each([
  ['cron(0 10 * * ? *)', ['2026-03-04T10:00', '2026-03-05T10:00']],
  ['cron(15 12 * * ? *)', ['2026-03-04T12:15']],
  ['cron(0 18 ? * MON-FRI *)', ['2026-03-04T18:00', '2026-03-05T18:00', '2026-03-06T18:00', '2026-03-09T18:00']],
  ['cron(0 8 1 * ? *)', ['2026-04-01T08:00', '2026-05-01T08:00']],
  ['cron(0/15 * * * ? *)', ['2026-03-04T05:15', '2026-03-04T05:30', '2026-03-04T05:45', '2026-03-04T06:00']],
  ['cron(0/5 8-17 ? * MON-FRI *)', ['2026-03-04T08:00', '2026-03-04T08:05']],
  ['cron(0 9 ? * 2#1 *)', ['2026-04-06T09:00', '2026-05-04T09:00']],
  ['cron(30 22 ? * 6L *)', ['2026-03-27T22:30', '2026-04-24T22:30']],
  ['cron(0 0 L * ? *)', ['2026-03-31T00:00', '2026-04-30T00:00']],
  [
    'cron(0 0 1W * ? *)',
    ['2026-04-01T00:00', '2026-05-01T00:00', '2026-06-01T00:00', '2026-07-01T00:00', '2026-08-03T00:00'],
  ],
  ['cron(0 0 15W * ? *)', ['2026-03-16T00:00', '2026-04-15T00:00', '2026-05-15T00:00']],
  ['cron(0 12 29 2 ? *)', ['2028-02-29T12:00', '2032-02-29T12:00']],
  ['cron(10,20 6 4 MAR ? 2026-2027)', ['2026-03-04T06:10', '2026-03-04T06:20', '2027-03-04T06:10', '2027-03-04T06:20']],
  ['cron(0 0 ? * FRI-SUN *)', ['2026-03-06T00:00', '2026-03-07T00:00', '2026-03-08T00:00', '2026-03-13T00:00']],
])('%s', (expression, expected) => {
  expect(times(expression, expected.length)).toEqual(expected)
})

test('a schedule that is over has no next time', () => {
  expect(times('cron(0 0 1 1 ? 2020)')).toEqual([])
})

test('a time that is due is not its own next', () => {
  expect(times('cron(0 10 * * ? *)', 1, '2026-03-04T10:00:00Z')).toEqual(['2026-03-05T10:00'])
})

test.each([
  ['cron(0 10 * * *)', 'six fields'],
  ['cron(0 10 * * * *)', 'one of day-of-month'],
  ['cron(0 10 ? * ? *)', 'one of day-of-month'],
  ['cron(60 10 * * ? *)', 'minutes "60"'],
  ['cron(0 10 * FOO ? *)', 'month "FOO"'],
  ['cron(0/0 10 * * ? *)', 'no such step'],
  ['cron(0 10 ? * 8 *)', 'day-of-week "8"'],
])('%s is refused', (expression, reason) => {
  expect(() => parseCron(expression)).toThrow(reason)
})
