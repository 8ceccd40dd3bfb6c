import type { Database } from '../database.ts'
import type { GroupResult, Phase } from './transcode.ts'

export type JobStatus = 'SUBMITTED' | 'PROGRESSING' | 'COMPLETE' | 'CANCELED' | 'ERROR'

export interface Job {
  readonly id: string
  readonly status: JobStatus
  /** What was asked for; settings with their template's laid under them, as on the wire. */
  readonly role: string
  /** ARN. */
  readonly queue: string
  readonly jobTemplate?: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly userMetadata: Readonly<Record<string, string>>
  readonly clientRequestToken?: string
  readonly priority: number
  readonly statusUpdateInterval: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly startedAt?: number
  readonly finishedAt?: number
  readonly phase?: Phase
  readonly percent?: number
  readonly errorCode?: number
  readonly errorMessage?: string
  readonly results?: readonly GroupResult[]
}

/** Jobs as they are kept: every one that was taken, until the data folder is emptied. */
export interface Jobs {
  add(job: Job): void
  find(id: string): Job | undefined
  /** Replaces a job that is there. */
  save(job: Job): void
  /** The youngest job of this token that is not older than `since`. */
  findByToken(token: string, since: number): Job | undefined
  /** By the order in which they came. */
  list(): readonly Job[]
  /** Those that are not at their end: by priority, then by the order in which they came. */
  open(): readonly Job[]
}

export function openJobs(db: Database): Jobs {
  db.exec(`create table if not exists mediaconvert_job (
    sequence integer primary key autoincrement,
    id text not null unique,
    is_open integer not null,
    priority integer not null,
    created integer not null,
    token text,
    job text not null
  ) strict;
  create index if not exists mediaconvert_open on mediaconvert_job (is_open, priority desc, sequence);
  create index if not exists mediaconvert_token on mediaconvert_job (token, created);`)
  const insert = db.prepare(
    'insert into mediaconvert_job (id, is_open, priority, created, token, job) values (?, ?, ?, ?, ?, ?)',
  )
  const update = db.prepare('update mediaconvert_job set is_open = ?, job = ? where id = ?')
  const one = db.prepare('select job from mediaconvert_job where id = ?')
  const byToken = db.prepare(
    'select job from mediaconvert_job where token = ? and created >= ? order by sequence desc limit 1',
  )
  const all = db.prepare('select job from mediaconvert_job order by sequence')
  const open = db.prepare('select job from mediaconvert_job where is_open = 1 order by priority desc, sequence')

  const read = (row: unknown): Job | undefined =>
    row === undefined ? undefined : (JSON.parse((row as { job: string }).job) as Job)
  const readAll = (rows: readonly unknown[]): readonly Job[] =>
    rows.map((row) => JSON.parse((row as { job: string }).job) as Job)
  return {
    add(job) {
      const { id, priority, createdAt, clientRequestToken = null } = job
      insert.run(id, Number(isOpen(job)), priority, createdAt, clientRequestToken, JSON.stringify(job))
    },
    find: (id) => read(one.get(id)),
    save: (job) => void update.run(Number(isOpen(job)), JSON.stringify(job), job.id),
    findByToken: (token, since) => read(byToken.get(token, since)),
    list: () => readAll(all.all()),
    open: () => readAll(open.all()),
  }
}

export function isOpen({ status }: Pick<Job, 'status'>): boolean {
  return status === 'SUBMITTED' || status === 'PROGRESSING'
}
