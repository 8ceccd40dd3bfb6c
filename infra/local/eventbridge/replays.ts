import type { Schedule } from '../alarm.ts'
import { AwsError } from '../aws-json/error.ts'
import type { Cloud } from '../cloud.ts'
import type { Archives } from './archive.ts'
import type { Archive, Buses } from './buses.ts'
import { isDatabaseFailure, notFound } from './errors.ts'
import { replayed } from './event.ts'
import type { Router } from './router.ts'

export type ReplayState = 'STARTING' | 'RUNNING' | 'CANCELLING' | 'COMPLETED' | 'CANCELLED' | 'FAILED'

/** A replay as it stands; every time is in milliseconds since 1970. */
export interface Replay {
  readonly name: string
  readonly arn: string
  readonly description: string | undefined
  readonly archiveArn: string
  readonly busArn: string
  /** Only these rules; all of the bus where empty. */
  readonly ruleArns: readonly string[]
  readonly from: number
  readonly to: number
  readonly state: ReplayState
  readonly reason: string | undefined
  readonly startedAt: number
  readonly endedAt: number | undefined
  /** The time of the last event that was sent. */
  readonly lastReplayed: number | undefined
}

export type ReplayRequest = Pick<Replay, 'name' | 'description' | 'ruleArns' | 'from' | 'to'> & {
  readonly archive: Archive
}

/**
 * Replays of archives. How far one has come is written in the transaction that delivers its events, so that one that is
 * killed goes on where it was: to queues and functions of this runtime, each event is sent once.
 */
export interface Replays {
  /** @throws AwsError ResourceAlreadyExistsException, LimitExceededException */
  start(request: ReplayRequest): Replay
  /** @throws AwsError ResourceNotFoundException, IllegalStatusException */
  cancel(name: string): Replay
  /** @throws AwsError ResourceNotFoundException */
  get(name: string): Replay
  list(): readonly Replay[]
  /** Goes on with what ran when the runtime ended. */
  resume(): void
  stop(): void
}

interface Row {
  readonly name: string
  readonly description: string | null
  readonly archive: string
  readonly archive_arn: string
  readonly bus: string
  readonly rules: string
  readonly from_time: number
  readonly to_time: number
  readonly newest: number
  readonly after_time: number
  readonly after_id: number
  readonly state: ReplayState
  readonly reason: string | null
  readonly started_at: number
  readonly ended_at: number | null
}

interface Parts {
  readonly buses: Buses
  readonly archives: Archives
  readonly router: Router
  readonly schedule: Schedule
}

const MAX_ACTIVE = 10
const KEPT_MS = 90 * 86_400_000
const PAGE = 100
const SHORTEST_PAUSE_MS = 5
const PAUSE_AFTER_FAULT_MS = 5000

export function createReplays(cloud: Cloud, { buses, archives, router, schedule }: Parts): Replays {
  const { db } = cloud
  db.exec(`create table if not exists events_replay (
    name text primary key,
    description text,
    archive text not null,
    archive_arn text not null,
    bus text not null,
    rules text not null,
    from_time integer not null,
    to_time integer not null,
    newest integer not null,
    after_time integer not null,
    after_id integer not null,
    state text not null,
    reason text,
    started_at integer not null,
    ended_at integer
  ) strict`)
  let cancelTimer: (() => void) | undefined
  let stopped = false

  const rows = (where = 'true'): readonly Row[] =>
    db.prepare(`select * from events_replay where ${where} order by name`).all() as unknown as readonly Row[]
  const active = () => rows("state in ('STARTING', 'RUNNING', 'CANCELLING')")
  const find = (name: string): Row => {
    const row = db.prepare('select * from events_replay where name = ?').get(name) as unknown as Row | undefined
    if (!row) throw notFound(`Replay ${name}`)
    return row
  }
  const setState = ({ name }: Pick<Row, 'name'>, state: ReplayState, reason: string | null = null): void => {
    const endedAt = ENDED.has(state) ? cloud.now() : null
    db.prepare('update events_replay set state = ?, reason = ?, ended_at = ? where name = ?').run(
      state,
      reason,
      endedAt,
      name,
    )
  }
  const expire = () => db.prepare('delete from events_replay where started_at < ?').run(cloud.now() - KEPT_MS)

  const sendPage = (row: Row): void => {
    const archive = buses.archives().find(({ arn }) => arn === row.archive_arn)
    if (!archive) {
      setState(row, 'FAILED', `Archive ${row.archive} does not exist.`)
      return
    }
    const bus = buses.get(row.bus)
    const wanted = new Set(JSON.parse(row.rules) as string[])
    const reading = { after: { time: row.after_time, id: row.after_id }, to: row.to_time, newest: row.newest }
    const events = archives.page(archive, reading, PAGE)
    for (const archived of events) {
      const event = replayed(cloud, archived, row.name)
      for (const rule of bus.matching(event.envelope)) {
        if (wanted.size === 0 || wanted.has(rule.arn)) router.send(rule, event)
      }
    }
    const last = events.at(-1)
    if (last) {
      db.prepare('update events_replay set after_time = ?, after_id = ? where name = ?').run(
        last.time,
        last.id,
        row.name,
      )
    }
    setState(row, events.length < PAGE ? 'COMPLETED' : 'RUNNING')
  }

  const step = (row: Row): void => {
    switch (row.state) {
      case 'STARTING':
        setState(row, 'RUNNING')
        break
      case 'CANCELLING':
        setState(row, 'CANCELLED', row.reason)
        break
      default:
        sendPage(row)
    }
  }

  const run = (): void => {
    cancelTimer = undefined
    const started = cloud.now()
    let pause = SHORTEST_PAUSE_MS
    for (const row of active()) {
      try {
        db.transaction(() => step(row))
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        cloud.log({ level: 'error', from: 'events', message: `Replay ${row.name}: ${message}` })
        if (isDatabaseFailure(error)) pause = PAUSE_AFTER_FAULT_MS
        else setState(row, 'FAILED', message)
      }
    }
    // Live traffic keeps at least half of the thread.
    if (active().length > 0) setTimer(Math.max(pause, cloud.now() - started))
  }
  const setTimer = (delayMs: number): void => {
    if (stopped) return
    cancelTimer ??= schedule(delayMs, run)
  }

  const toReplay = (row: Row): Replay => ({
    name: row.name,
    arn: `arn:aws:events:${cloud.region}:${cloud.accountId}:replay/${row.name}`,
    description: row.description ?? undefined,
    archiveArn: row.archive_arn,
    busArn: row.bus,
    ruleArns: JSON.parse(row.rules) as string[],
    from: row.from_time,
    to: row.to_time,
    state: row.state,
    reason: row.reason ?? undefined,
    startedAt: row.started_at,
    endedAt: row.ended_at ?? undefined,
    lastReplayed: row.after_id < 0 ? undefined : row.after_time,
  })

  return {
    start: ({ name, description, archive, ruleArns, from, to }) =>
      db.transaction(() => {
        expire()
        if (rows().some((row) => row.name === name))
          throw new AwsError('ResourceAlreadyExistsException', `Replay ${name} already exists.`)
        if (active().length >= MAX_ACTIVE)
          throw new AwsError('LimitExceededException', `At most ${MAX_ACTIVE} replays run at once.`)
        db.prepare(
          `insert into events_replay (name, description, archive, archive_arn, bus, rules, from_time, to_time, newest,
             after_time, after_id, state, started_at)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, -1, 'STARTING', ?)`,
        ).run(
          name,
          description ?? null,
          archive.name,
          archive.arn,
          archive.busArn,
          JSON.stringify(ruleArns),
          from,
          to,
          // Otherwise a replay up to the present would run after what it causes itself.
          archives.newest(),
          from,
          cloud.now(),
        )
        db.afterCommit(() => setTimer(SHORTEST_PAUSE_MS))
        return toReplay(find(name))
      }),
    cancel: (name) =>
      db.transaction(() => {
        const row = find(name)
        if (row.state !== 'STARTING' && row.state !== 'RUNNING')
          throw new AwsError('IllegalStatusException', `Replay ${name} is not in a valid state for this operation.`)
        setState(row, 'CANCELLING', 'Cancelled by a request.')
        return toReplay(find(name))
      }),
    get: (name) => {
      expire()
      return toReplay(find(name))
    },
    list() {
      expire()
      return rows().map(toReplay)
    },
    resume() {
      if (active().length > 0) setTimer(0)
    },
    stop() {
      stopped = true
      cancelTimer?.()
      cancelTimer = undefined
    },
  }
}

const ENDED: ReadonlySet<ReplayState> = new Set(['COMPLETED', 'CANCELLED', 'FAILED'])
