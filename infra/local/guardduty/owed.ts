import type { Database } from '../database.ts'

/** A scan that was not done yet. */
export interface OwedScan {
  readonly id: number
  readonly planId: string
  readonly bucket: string
  readonly key: string
  readonly versionId: string
  /** How often it was tried and the scanner could not run. */
  readonly tries: number
}

/** The scans that are owed, which outlive the process. */
export interface Owed {
  add(scan: Omit<OwedScan, 'id' | 'tries'>, dueAt: number): void
  /** What is due by now, oldest first. */
  due(now: number, limit: number): readonly OwedScan[]
  /** Milliseconds since 1970; undefined where nothing is owed. */
  nextDueAt(): number | undefined
  postpone(scan: OwedScan, dueAt: number): void
  settle(scan: OwedScan): void
}

const COLUMNS = 'id, plan as planId, bucket, key, version_id as versionId, tries'

export function openOwed(db: Database): Owed {
  db.exec(`create table if not exists guardduty_owed (
    id integer primary key,
    plan text not null,
    bucket text not null,
    key text not null,
    version_id text not null,
    tries integer not null default 0,
    due_at integer not null
  ) strict;
  create index if not exists guardduty_owed_due on guardduty_owed (due_at)`)
  return {
    add({ planId, bucket, key, versionId }, dueAt) {
      db.prepare('insert into guardduty_owed (plan, bucket, key, version_id, due_at) values (?, ?, ?, ?, ?)').run(
        planId,
        bucket,
        key,
        versionId,
        dueAt,
      )
    },
    due(now, limit) {
      const rows = db.prepare(`select ${COLUMNS} from guardduty_owed where due_at <= ? order by due_at, id limit ?`)
      return rows.all(now, limit) as unknown as readonly OwedScan[]
    },
    nextDueAt() {
      const { due } = db.prepare('select min(due_at) as due from guardduty_owed').get() as { due: number | null }
      return due ?? undefined
    },
    postpone({ id }, dueAt) {
      db.prepare('update guardduty_owed set tries = tries + 1, due_at = ? where id = ?').run(dueAt, id)
    },
    settle({ id }) {
      db.prepare('delete from guardduty_owed where id = ?').run(id)
    },
  }
}
