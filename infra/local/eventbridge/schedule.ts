import { createAlarm, type Schedule } from '../alarm.ts'
import type { Cloud } from '../cloud.ts'
import type { Buses, Rule } from './buses.ts'
import { envelop } from './event.ts'
import type { Router } from './router.ts'

export interface Scheduler {
  /** Begins (or goes on with) the rule's schedule; the first run is one period after the rule was first seen. */
  start(rule: Rule): void
  stop(): void
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/**
 * The period of `rate(1 hour)`, `rate(5 minutes)` …, in milliseconds.
 * @throws Error where it is no such expression; cron is none.
 */
export function parseRate(expression: string): number {
  const match = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression)
  const [, digits = '', unit = '', plural] = match ?? []
  const value = Number(digits)
  const unitMs = UNITS[unit]
  if (unitMs === undefined || value < 1 || (value === 1) !== (plural === ''))
    throw new Error(
      expression.startsWith('cron(')
        ? `${expression} does not run locally: use rate(…)`
        : `${expression} is no schedule: rate(1 minute), rate(5 minutes), rate(1 hour), rate(7 days) …`,
    )
  return value * unitMs
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

  const setNextRun = (rule: Rule, expression: string, time: number): void => {
    db.prepare('insert or replace into events_schedule (rule, expression, next_run_at) values (?, ?, ?)').run(
      rule.arn,
      expression,
      time,
    )
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
    const period = parseRate(expression)
    // What was missed while nothing ran is run once.
    const next = due + (Math.floor((now - due) / period) + 1) * period
    db.transaction(() => {
      setNextRun(rule, expression, next)
      const parts = { source: 'aws.events', detailType: 'Scheduled Event', resources: [rule.arn], time: due }
      router.send(rule, envelop(cloud, { ...parts, detail: {}, detailJson: '{}' }))
    })
    alarm.setBy(next)
  }

  const alarm = createAlarm(cloud.now, schedule, () => {
    for (const rule of buses.rules()) if (rule.enabled) run(rule)
  })

  return {
    start(rule) {
      if (rule.schedule === undefined || !rule.enabled) {
        db.prepare('delete from events_schedule where rule = ?').run(rule.arn)
        return
      }
      const due = nextRun(rule) ?? cloud.now() + parseRate(rule.schedule)
      setNextRun(rule, rule.schedule, due)
      alarm.setBy(due)
    },
    stop: () => alarm.stop(),
  }
}
