import { createAlarm, type Schedule } from '../alarm.ts'
import type { Cloud } from '../cloud.ts'
import type { Buses, Rule } from './buses.ts'
import type { Failure } from './delivery-failure.ts'
import type { EventEnvelope } from './event.ts'
import type { Delivery, ExhaustedCondition, Router } from './router.ts'
import { readTarget } from './target.ts'

/** Tries again what targets refused for a reason that may pass, for as long as their retry policy says. */
export interface Redelivery {
  /** In the open transaction where there is one. */
  later(delivery: Delivery, failure: Failure): void
  /** Goes on with what waited when the runtime ended. */
  start(): void
  stop(): void
}

interface Row {
  readonly id: number
  readonly rule: string
  readonly target: string
  readonly event: string
  readonly event_time: number
  readonly retries: number
  readonly accepted_at: number
}

const FIRST_DELAY_MS = 1000
// 185 tries fill the 24 hours that AWS tries for.
const LONGEST_DELAY_MS = 480_000
const ROWS_AT_A_TIME = 100

export function createRedelivery(
  cloud: Cloud,
  { buses, router, schedule }: { readonly buses: Buses; router(): Router; readonly schedule: Schedule },
): Redelivery {
  const { db } = cloud
  db.exec(`create table if not exists events_redelivery (
    id integer primary key,
    rule text not null,
    target text not null,
    event text not null,
    event_time integer not null,
    retries integer not null,
    accepted_at integer not null,
    due_at integer not null
  ) strict;
  create index if not exists events_redelivery_due on events_redelivery (due_at)`)

  const ring = (): void => {
    const due = 'from events_redelivery where due_at <= ? order by due_at, id'
    const rows = db.prepare(`select * ${due} limit ${ROWS_AT_A_TIME}`).all(cloud.now()) as unknown as Row[]
    for (const row of rows) db.transaction(() => tryAgain(row))
    setAlarm()
  }
  const alarm = createAlarm(cloud.now, schedule, ring)
  const setAlarm = (): void => {
    const { due } = db.prepare('select min(due_at) as due from events_redelivery').get() as { due: number | null }
    if (due !== null) alarm.setBy(due)
  }

  const tryAgain = (row: Row): void => {
    const drop = () => db.prepare('delete from events_redelivery where id = ?').run(row.id)
    const rule = buses.rules().find(({ arn }) => arn === row.rule)
    const delivery = rule && deliveryOf(row, rule)
    if (!delivery) {
      drop()
      cloud.log({
        level: 'warn',
        from: 'events',
        message: `A waiting event is dropped: its rule is gone`,
        rule: row.rule,
      })
      return
    }
    const failure = router().attempt(delivery.rule, delivery.target, delivery.event)
    if (!failure) {
      drop()
      return
    }
    const exhausted = failure.transient ? exhaustedBy(delivery, row.accepted_at) : undefined
    if (!failure.transient || exhausted) {
      drop()
      router().giveUp(delivery, failure, exhausted)
      return
    }
    db.prepare('update events_redelivery set retries = ?, due_at = ? where id = ?').run(
      delivery.retries,
      cloud.now() + delayAfter(delivery.retries),
      row.id,
    )
  }

  /** Which limit keeps the target from being tried once more. */
  const exhaustedBy = ({ target, retries }: Delivery, acceptedAt: number): ExhaustedCondition | undefined => {
    if (retries >= target.retry.maximumAttempts) return 'MaximumRetryAttempts'
    const age = cloud.now() + delayAfter(retries) - acceptedAt
    return age > target.retry.maximumAgeSeconds * 1000 ? 'MaximumEventAgeInSeconds' : undefined
  }

  return {
    later(delivery, failure) {
      const exhausted = exhaustedBy(delivery, cloud.now())
      if (exhausted) {
        router().giveUp(delivery, failure, exhausted)
        return
      }
      const { rule, target, event } = delivery
      const due = cloud.now() + delayAfter(0)
      db.prepare(
        `insert into events_redelivery (rule, target, event, event_time, retries, accepted_at, due_at)
         values (?, ?, ?, ?, 0, ?, ?)`,
      ).run(rule.arn, JSON.stringify(target.declared), event.json, event.time, cloud.now(), due)
      db.afterCommit(() => alarm.setBy(due))
    },
    start: setAlarm,
    stop: () => alarm.stop(),
  }
}

function deliveryOf({ target, event, event_time, retries }: Row, rule: Rule): Delivery {
  return {
    rule,
    target: readTarget(JSON.parse(target), 'Target'),
    event: { envelope: JSON.parse(event) as EventEnvelope, json: event, time: event_time },
    retries: retries + 1,
  }
}

function delayAfter(retries: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** retries, LONGEST_DELAY_MS)
}
