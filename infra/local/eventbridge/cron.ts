/** The times of a cron expression, all in UTC. */
export interface Cron {
  /** The first time after `time`, both in milliseconds since 1970; undefined where there is none any more. */
  next(time: number): number | undefined
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
const DAY_MS = 86_400_000
const MAX_YEAR = 2199

/**
 * Reads `cron(minutes hours day-of-month month day-of-week year)` as EventBridge's rules have it, with `, - * ? / L W #`.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 * @throws Error where it is no such expression.
 */
export function parseCron(expression: string): Cron {
  const fields = /^cron\((.*)\)$/.exec(expression)?.[1]?.trim().split(/\s+/) ?? []
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields
  const wrong = (reason: string) => new Error(`${expression} is no schedule: ${reason}`)
  if (fields.length !== 6) throw wrong('it takes six fields, as in cron(0 12 * * ? *)')
  if ((dayOfMonth === '?') === (dayOfWeek === '?'))
    throw wrong('one of day-of-month and day-of-week is ?, and not both')

  const read = (field: string, name: string, range: Range): readonly number[] => {
    try {
      return valuesOf(field, range)
    } catch (error) {
      throw wrong(`${name} ${JSON.stringify(field)} ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const minuteValues = read(minutes, 'minutes', { min: 0, max: 59 })
  const hourValues = read(hours, 'hours', { min: 0, max: 23 })
  const months = new Set(read(month, 'month', { min: 1, max: 12, names: MONTHS }))
  const years = read(year, 'year', { min: 1970, max: MAX_YEAR })
  const isDay =
    dayOfWeek === '?'
      ? dayOfMonthTest(dayOfMonth, (field) => read(field, 'day-of-month', { min: 1, max: 31 }))
      : dayOfWeekTest(dayOfWeek, (field) => read(field, 'day-of-week', { min: 1, max: 7, names: WEEKDAYS }))

  const isWanted = (day: Date): boolean => months.has(day.getUTCMonth() + 1) && isDay(day)
  return {
    next(time) {
      const from = new Date(time)
      for (const wanted of years) {
        if (wanted < from.getUTCFullYear()) continue
        const first = Math.max(Date.UTC(wanted, 0, 1), startOfDay(time))
        for (let day = first; day < Date.UTC(wanted + 1, 0, 1); day += DAY_MS) {
          if (!isWanted(new Date(day))) continue
          for (const hour of hourValues) {
            for (const minute of minuteValues) {
              const due = day + (hour * 60 + minute) * 60_000
              if (due > time) return due
            }
          }
        }
      }
      return undefined
    },
  }
}

interface Range {
  readonly min: number
  readonly max: number
  /** Of the values, from the first. */
  readonly names?: readonly string[]
}

type DayTest = (day: Date) => boolean

/** The values of `*`, `1,5`, `MON-FRI`, `0/15`, `10-40/5`, in their order. @throws Error saying what is wrong. */
function valuesOf(field: string, range: Range): readonly number[] {
  const { min, max, names } = range
  const value = (text: string): number => {
    const named = names?.indexOf(text.toUpperCase()) ?? -1
    const number = named >= 0 ? named + min : Number(text)
    if (!/^\w+$/.test(text) || !Number.isInteger(number) || number < min || number > max)
      throw new Error(`has ${JSON.stringify(text)}, which is not from ${min} to ${max}`)
    return number
  }
  const values = new Set<number>()
  for (const part of field.split(',')) {
    const [span = '', step, ...rest] = part.split('/')
    if (rest.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) throw new Error('has no such step')
    const [low = '', high, ...more] = span.split('-')
    if (more.length > 0) throw new Error('has no such range')
    const first = span === '*' ? min : value(low)
    const last = span === '*' || (high === undefined && step !== undefined) ? max : value(high ?? low)
    // FRI-MON goes over the end of the week.
    const length = last >= first ? last - first : last - first + (max - min + 1)
    for (let offset = 0; offset <= length; offset += Number(step ?? 1))
      values.add(min + ((first - min + offset) % (max - min + 1)))
  }
  return [...values].sort((a, b) => a - b)
}

function dayOfMonthTest(field: string, read: (field: string) => readonly number[]): DayTest {
  if (field === 'L') return (day) => day.getUTCDate() === lastDate(day)
  if (field === 'LW') return (day) => day.getUTCDate() === nearestWeekday(day, lastDate(day))
  const nearest = /^(\d+)W$/.exec(field)?.[1]
  if (nearest !== undefined) {
    const [wanted = 1] = read(nearest)
    return (day) => wanted <= lastDate(day) && day.getUTCDate() === nearestWeekday(day, wanted)
  }
  const dates = new Set(read(field))
  return (day) => dates.has(day.getUTCDate())
}

function dayOfWeekTest(field: string, read: (field: string) => readonly number[]): DayTest {
  // 1 is Sunday.
  const last = /^(\w+?)L$/.exec(field)?.[1]
  if (last !== undefined) {
    const [wanted] = read(last)
    return (day) => day.getUTCDay() + 1 === wanted && day.getUTCDate() > lastDate(day) - 7
  }
  const [, nth, which] = /^(\w+)#([1-5])$/.exec(field) ?? []
  if (nth !== undefined) {
    const [wanted] = read(nth)
    return (day) => day.getUTCDay() + 1 === wanted && Math.ceil(day.getUTCDate() / 7) === Number(which)
  }
  const weekdays = new Set(read(field === 'L' ? '7' : field))
  return (day) => weekdays.has(day.getUTCDay() + 1)
}

function startOfDay(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS
}

function lastDate(day: Date): number {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate()
}

/** The Monday to Friday nearest to a date, in the same month. */
function nearestWeekday(day: Date, date: number): number {
  const weekday = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), date)).getUTCDay()
  if (weekday === 6) return date === 1 ? 3 : date - 1
  if (weekday === 0) return date === lastDate(day) ? date - 2 : date + 1
  return date
}
