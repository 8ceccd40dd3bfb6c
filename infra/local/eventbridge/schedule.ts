import { createAlarm, type Schedule } from '../alarm.ts'
import type { Cloud } from '../cloud.ts'
import type { Buses, Rule } from './buses.ts'
import { parseCron } from './cron.ts'
import { envelop } from './event.ts'
import type { Router } from './router.ts'

export interface Scheduler {
  /** Begins (or goes on with) the rule's schedule, or ends it where the rule has none or is disabled. */
  start(rule: Rule): void
  stop(): void
}

/** When a rule runs, in milliseconds since 1970. */
export interface Times {
  /** The first run of a rule that is seen at `now`; undefined where its time is over. */
  first(now: number): number | undefined
  /** The run after the one that was due at `due`, in the future of `now`: what was missed is run once. */
  next(due: number, now: number): number | undefined
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/**
 * Reads `rate(5 minutes)`, `rate(1 hour)`, `cron(0 12 * * ? *)` …
 * @throws Error where it is no such expression.
 */
export function parseSchedule(expression: string): Times {
  if (expression.startsWith('cron(')) {
    const { next } = parseCron(expression)
    return { first: next, next: (_, now) => next(now) }
  }
  const match = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression)
  const [, digits = '', unit = '', plural] = match ?? []
  const value = Number(digits)
  const unitMs = UNITS[unit]
  if (unitMs === undefined || value < 1 || (value === 1) !== (plural === ''))
    throw new Error(`${expression} is no schedule: rate(1 minute), rate(7 days), cron(0 12 * * ? *) …`)
  const period = value * unitMs
  return { first: (now) => now + period, next: (due, now) => due + (Math.floor((now - due) / period) + 1) * period }
}

/** Runs scheduled rules: the next run is a row, so that a restart neither forgets nor repeats one. */
export function createScheduler(cloud: Cloud, buses: Buses, router: Router, schedule: Schedule): Scheduler {
  const { db } = cloud
  db.exec(`create table if not exists events_schedule (
    rule text primary key,
    expression text not null,
    next_run_at integer not null
  ) strict`)

  const nextRun = (rule: Rule): number | undefined => {
    const row = db.prepare('select expression, next_run_at from events_schedule where rule = ?').get(rule.arn) as
      | { expression: string; next_run_at: number }
      | undefined
    return row && row.expression === rule.schedule ? row.next_run_at : undefined
  }

  const setNextRun = (rule: Rule, expression: string, time: number | undefined): void => {
    if (time === undefined) {
      forget(rule)
      return
    }
    alarm.setBy(time)
    db.prepare('insert or replace into events_schedule (rule, expression, next_run_at) values (?, ?, ?)').run(
      rule.arn,
      expression,
      time,
    )
  }

  const forget = (rule: Rule): void => {
    db.prepare('delete from events_schedule where rule = ?').run(rule.arn)
  }

  const run = (rule: Rule): void => {
    const { schedule: expression } = rule
    const due = nextRun(rule)
    if (expression === undefined || due === undefined) return
    const now = cloud.now()
    if (due > now) {
      alarm.setBy(due)
      return
    }
    db.transaction(() => {
      setNextRun(rule, expression, parseSchedule(expression).next(due, now))
      const parts = { source: 'aws.events', detailType: 'Scheduled Event', resources: [rule.arn], time: due }
      router.send(rule, envelop(cloud, { ...parts, detail: {}, detailJson: '{}' }))
    })
  }

  const alarm = createAlarm(cloud.now, schedule, () => {
    for (const rule of buses.rules()) if (rule.enabled) run(rule)
  })

  return {
    start(rule) {
      const { schedule: expression } = rule
      if (expression === undefined || !rule.enabled) forget(rule)
      else setNextRun(rule, expression, nextRun(rule) ?? parseSchedule(expression).first(cloud.now()))
    },
    stop: () => alarm.stop(),
  }
}
